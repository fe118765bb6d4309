import type { Change, Modification } from '../../../src/ldap/change.ts';
import { dnKey, leafRdn, parseDn } from '../../../src/ldap/dn.ts';
import { type Entry, type LdapValue, makeEntry, valuesOf } from '../../../src/ldap/entry.ts';
import type { LdapSchema } from '../../../src/ldap/schema.ts';
import { evaluateLdapFilter } from '../../support/evaluate-ldap-filter.ts';
import { ada, CSN } from './plans.ts';

/**
 * The entry after some writes, as a directory carries them out: what RFC 4511 §4.6, §4.7 and §4.9 refuse is refused here.
 * Passwords leave nothing to see.
 */
export function carryOut(entry: Entry | undefined, changes: readonly Change[], schema: LdapSchema): Entry {
  let current = entry;
  for (const change of changes) {
    if ('assertion' in change && change.assertion !== undefined && current !== undefined) {
      if (evaluateLdapFilter(change.assertion, current, schema) !== true) throw new Error('assertionFailed');
    }
    current = carryOutOne(current, change, schema);
  }
  if (current === undefined) throw new Error('noSuchObject');
  return current;
}

function carryOutOne(entry: Entry | undefined, change: Change, schema: LdapSchema): Entry | undefined {
  if (change.kind === 'add') {
    const made = makeEntry(change.dn, [...change.attributes, { name: 'entryUUID', values: [ada.id] }, { name: 'entryCSN', values: [CSN] }]);
    for (const { name } of change.attributes) refuseUnfit(made, name, schema);
    return made;
  }
  if (entry === undefined) throw new Error('noSuchObject');
  switch (change.kind) {
    case 'modify':
      return refuseLostName(change.modifications.reduce((current, each) => modified(current, each, schema), entry));
    case 'rename':
      return renamed(entry, change.newRdn, schema);
    case 'delete':
      return undefined;
    case 'password':
      return entry;
    default:
      return change satisfies never;
  }
}

function modified(entry: Entry, { operation, attribute, values }: Modification, schema: LdapSchema): Entry {
  const current = valuesOf(entry, attribute);
  const hasEquality = schema.attributeType(attribute)?.equality !== undefined;
  if (operation !== 'replace' && values.length > 0 && !hasEquality) throw new Error(`inappropriateMatching: ${attribute}`);
  const after = withValues(entry, attribute, valuesAfter());
  refuseUnfit(after, attribute, schema);
  return after;

  function valuesAfter(): readonly LdapValue[] {
    if (operation === 'replace') return values;
    if (operation === 'add') return [...current, ...values];
    if (values.length === 0) return [];
    for (const value of values)
      if (!current.some((each) => isEqual(attribute, each, value, schema))) throw new Error(`noSuchAttribute: ${attribute}`);
    return current.filter((each) => !values.some((value) => isEqual(attribute, each, value, schema)));
  }
}

/** Single-valued, and no two values that are equal. */
function refuseUnfit(entry: Entry, attribute: string, schema: LdapSchema): void {
  const values = valuesOf(entry, attribute);
  const type = schema.attributeType(attribute);
  if (type === undefined) throw new Error(`undefinedAttributeType: ${attribute}`);
  if (type.singleValue && values.length > 1) throw new Error(`constraintViolation: ${attribute} is single-valued`);
  if (values.includes('')) throw new Error(`invalidAttributeSyntax: ${attribute}`);
  for (const [index, value] of values.entries()) {
    if (values.slice(0, index).some((each) => isEqual(attribute, each, value, schema)))
      throw new Error(`attributeOrValueExists: ${attribute}`);
  }
}

/** The values of the RDN can't be taken out of the entry. */
function refuseLostName(entry: Entry): Entry {
  for (const { type, value } of parseDn(entry.dn)[0] ?? []) {
    const key = dnKey([[{ type, value }]]);
    if (!valuesOf(entry, type).some((each) => dnKey([[{ type, value: each }]]) === key)) throw new Error(`notAllowedOnRDN: ${type}`);
  }
  return entry;
}

function renamed(entry: Entry, newRdn: string, schema: LdapSchema): Entry {
  const [old = [], ...parent] = parseDn(entry.dn);
  let after: Entry = entry;
  for (const { type, value } of old) {
    after = withValues(
      after,
      type,
      valuesOf(after, type).filter((each) => !isEqual(type, each, value, schema)),
    );
  }
  for (const { type, value } of leafRdn(newRdn) ?? []) {
    const present = valuesOf(after, type);
    if (!present.some((each) => isEqual(type, each, value, schema))) after = withValues(after, type, [...present, value]);
  }
  return { ...after, dn: [newRdn, ...parent.map((rdn) => rdn.map(({ type, value }) => `${type}=${String(value)}`).join('+'))].join() };
}

function withValues(entry: Entry, attribute: string, values: readonly LdapValue[]): Entry {
  const attributes = new Map(entry.attributes);
  if (values.length === 0) attributes.delete(attribute.toLowerCase());
  else attributes.set(attribute.toLowerCase(), values);
  return { dn: entry.dn, attributes };
}

function isEqual(attribute: string, a: LdapValue, b: LdapValue, schema: LdapSchema): boolean {
  if (schema.attributeType(attribute)?.equality === undefined) return a === b;
  const holder = makeEntry('', [{ name: attribute, values: [a] }]);
  return evaluateLdapFilter({ kind: 'equality', attribute, value: b }, holder, schema) === true || a === b;
}
