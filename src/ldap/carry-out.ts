import { attributeKey } from './attribute-description.ts';
import { type Change, type Modification, renamedDn } from './change.ts';
import { leafRdn } from './dn.ts';
import { type Entry, type LdapValue, makeEntry, valuesOf } from './entry.ts';
import { evaluateLdapFilter } from './evaluate-ldap-filter.ts';
import { RESULT } from './result-code.ts';
import type { LdapSchema } from './schema.ts';
import { syntaxProblem } from './syntaxes.ts';

/** Why a directory wouldn't carry a change out: a result of RFC 4511 appendix A, and what slapd would say of it. */
export class ChangeRefused extends Error {
  override readonly name = 'ChangeRefused';
  readonly code: number;

  constructor(code: number, serverText: string) {
    super(serverText);
    this.code = code;
  }
}

/**
 * The entry after a change, as a directory carries it out (RFC 4511 §4.6–§4.9, RFC 4528): what the entry as it is doesn't allow is
 * refused, and values that the types of the changed attributes forbid. Classes are the business of `refuseClassViolation`. What a
 * directory adds of its own (times, hashes, what its overlays do) is not there.
 *
 * @param entry undefined: there is none
 * @returns undefined: there is none any more
 * @throws ChangeRefused
 */
export function carryOut(entry: Entry | undefined, change: Change, schema: LdapSchema): Entry | undefined {
  const after = changed(entry, change, schema);
  for (const [attribute, values] of differences(entry, after)) refuseValues(attribute, values, schema);
  return after;
}

/**
 * Refuses what the classes of an entry forbid (RFC 4512 §2.4), as far as a change is to blame for it: an attribute that it wrote and no
 * class allows, one that it left without a value and a class demands.
 *
 * @param before undefined: the entry is new
 * @throws ChangeRefused 65
 */
export function refuseClassViolation(before: Entry | undefined, after: Entry, schema: LdapSchema): void {
  const written = differences(before, after);
  const classes = valuesOf(after, 'objectClass').filter((value) => typeof value === 'string');
  for (const [attribute, values] of written) {
    if (values.length > 0 && !schema.allows(classes, attribute))
      throw new ChangeRefused(RESULT.objectClassViolation, `attribute '${attribute}' not allowed`);
  }
  for (const name of classes) {
    for (const must of schema.objectClass(name)?.must ?? []) {
      const names = schema.attributeType(must)?.names ?? [must];
      const isMissing = names.every((each) => valuesOf(after, each).length === 0);
      if (isMissing && (before === undefined || names.some((each) => written.has(attributeKey(each))))) {
        throw new ChangeRefused(RESULT.objectClassViolation, `object class '${name}' requires attribute '${must}'`);
      }
    }
  }
}

/** What the attributes hold afterwards that the two don't have in common. */
function differences(before: Entry | undefined, after: Entry | undefined): ReadonlyMap<string, readonly LdapValue[]> {
  const names = new Set([...(before?.attributes.keys() ?? []), ...(after?.attributes.keys() ?? [])]);
  const differing = [...names].filter((name) => before?.attributes.get(name) !== after?.attributes.get(name));
  return new Map(differing.map((name) => [name, after?.attributes.get(name) ?? []]));
}

function changed(entry: Entry | undefined, change: Change, schema: LdapSchema): Entry | undefined {
  if (change.kind === 'add') {
    if (entry !== undefined) throw new ChangeRefused(RESULT.entryAlreadyExists, 'entry already exists');
    return makeEntry(change.dn, change.attributes);
  }
  if (entry === undefined) throw new ChangeRefused(RESULT.noSuchObject, 'no such object');
  if (change.kind !== 'password' && change.assertion !== undefined && evaluateLdapFilter(change.assertion, entry, schema) !== true) {
    throw new ChangeRefused(RESULT.assertionFailed, 'assertion failed');
  }
  switch (change.kind) {
    case 'modify':
      return refuseLostName(
        change.modifications.reduce((current, each) => modified(current, each, change.permissive === true, schema), entry),
        schema,
      );
    case 'rename':
      return renamed(entry, change, schema);
    case 'delete':
      return undefined;
    case 'password':
      return entry;
    default:
      return change satisfies never;
  }
}

function modified(entry: Entry, { operation, attribute, values }: Modification, permissive: boolean, schema: LdapSchema): Entry {
  const type = schema.attributeType(attribute);
  if (type === undefined) throw new ChangeRefused(RESULT.undefinedAttributeType, `${attribute}: attribute type undefined`);
  if (type.noUserModification) throw new ChangeRefused(RESULT.constraintViolation, `${attribute}: no user modification allowed`);
  if (operation !== 'replace' && values.length > 0 && type.equality === undefined) {
    throw new ChangeRefused(RESULT.inappropriateMatching, `modify/${operation}: ${attribute}: no equality matching rule`);
  }
  return withValues(entry, attribute, valuesAfter());

  function valuesAfter(): readonly LdapValue[] {
    const current = valuesOf(entry, attribute);
    const has = (value: LdapValue): boolean => current.some((each) => isEqual(attribute, each, value, schema));
    switch (operation) {
      case 'replace':
        return values;
      case 'add':
        if (!permissive && values.some(has))
          throw new ChangeRefused(RESULT.attributeOrValueExists, `modify/add: ${attribute}: value exists already`);
        return [...current, ...values.filter((value) => !has(value))];
      case 'delete':
        if (current.length === 0 || !values.every(has))
          throw new ChangeRefused(RESULT.noSuchAttribute, `modify/delete: ${attribute}: no such value`);
        return values.length === 0 ? [] : current.filter((each) => !values.some((value) => isEqual(attribute, each, value, schema)));
      default:
        return operation satisfies never;
    }
  }
}

function renamed(entry: Entry, change: Extract<Change, { kind: 'rename' }>, schema: LdapSchema): Entry {
  const { newRdn, keepsOldRdn } = change;
  const old = leafRdn(entry.dn) ?? [];
  const rdn = leafRdn(newRdn) ?? [];
  const dn = renamedDn({ ...change, dn: entry.dn });
  let after = entry;
  for (const { type, value } of keepsOldRdn === true ? [] : old) {
    const kept = valuesOf(after, type).filter((each) => !isEqual(type, each, value, schema));
    after = withValues(after, type, kept);
  }
  for (const { type, value } of rdn) {
    const present = valuesOf(after, type);
    if (!present.some((each) => isEqual(type, each, value, schema))) after = withValues(after, type, [...present, value]);
  }
  return { ...after, dn };
}

/** The values of the RDN can't be taken out of the entry; slapd calls that a naming violation. */
function refuseLostName(entry: Entry, schema: LdapSchema): Entry {
  for (const { type, value } of leafRdn(entry.dn) ?? []) {
    if (!valuesOf(entry, type).some((each) => isEqual(type, each, value, schema))) {
      throw new ChangeRefused(RESULT.namingViolation, `value of naming attribute '${type}' is not present in entry`);
    }
  }
  return entry;
}

function refuseValues(attribute: string, values: readonly LdapValue[], schema: LdapSchema): void {
  const type = schema.attributeType(attribute);
  if (type === undefined) throw new ChangeRefused(RESULT.undefinedAttributeType, `${attribute}: attribute type undefined`);
  if (type.singleValue && values.length > 1) throw new ChangeRefused(RESULT.constraintViolation, `${attribute}: multiple values provided`);
  for (const [index, value] of values.entries()) {
    if (typeof value === 'string' && syntaxProblem(type, value) !== undefined) {
      throw new ChangeRefused(RESULT.invalidAttributeSyntax, `${attribute}: value #${index} invalid per syntax`);
    }
    if (values.slice(0, index).some((each) => isEqual(attribute, each, value, schema))) {
      throw new ChangeRefused(RESULT.attributeOrValueExists, `${attribute}: value #${index} provided more than once`);
    }
  }
}

function withValues(entry: Entry, attribute: string, values: readonly LdapValue[]): Entry {
  const attributes = new Map(entry.attributes);
  if (values.length === 0) attributes.delete(attributeKey(attribute));
  else attributes.set(attributeKey(attribute), values);
  return { dn: entry.dn, attributes };
}

/** As the attribute's equality rule compares; without one, octet by octet. */
function isEqual(attribute: string, a: LdapValue, b: LdapValue, schema: LdapSchema): boolean {
  if (typeof a === 'string' && typeof b === 'string' ? a === b : Buffer.from(a).equals(Buffer.from(b))) return true;
  if (schema.attributeType(attribute)?.equality === undefined) return false;
  const holder = makeEntry('', [{ name: attribute, values: [a] }]);
  return evaluateLdapFilter({ kind: 'equality', attribute, value: b }, holder, schema) === true;
}
