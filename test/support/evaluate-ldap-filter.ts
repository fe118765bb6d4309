import { caseIgnoreKey } from '../../src/ldap/case-ignore.ts';
import { dnKey } from '../../src/ldap/dn.ts';
import { type Entry, type LdapValue, valuesOf } from '../../src/ldap/entry.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import type { LdapSchema } from '../../src/ldap/schema.ts';

/** What a filter makes of an entry (RFC 4511 §4.5.1.7); `undefined` selects nothing, and its negation doesn't either. */
export type Truth = boolean | undefined;

/** A directory's judgement in a few lines, by the rules that our mappings meet; an attribute or a rule that it doesn't know is undefined. */
export function evaluateLdapFilter(filter: LdapFilter, entry: Entry, schema: LdapSchema): Truth {
  switch (filter.kind) {
    case 'and': {
      const truths = filter.filters.map((each) => evaluateLdapFilter(each, entry, schema));
      return truths.includes(false) ? false : truths.includes(undefined) ? undefined : true;
    }
    case 'or': {
      const truths = filter.filters.map((each) => evaluateLdapFilter(each, entry, schema));
      return truths.includes(true) ? true : truths.includes(undefined) ? undefined : false;
    }
    case 'not': {
      const truth = evaluateLdapFilter(filter.filter, entry, schema);
      return truth === undefined ? undefined : !truth;
    }
    case 'present':
      return schema.attributeType(filter.attribute) === undefined ? undefined : valuesOf(entry, filter.attribute).length > 0;
    case 'equality':
      return matches(filter.attribute, schema.attributeType(filter.attribute)?.equality, filter.value, entry, (a, b) => a === b);
    case 'extensible':
      return matches(filter.attribute ?? '', filter.matchingRule, filter.value, entry, (a, b) => a === b);
    case 'greaterOrEqual':
      return matches(filter.attribute, schema.attributeType(filter.attribute)?.equality, filter.value, entry, (a, b) => a >= b);
    case 'lessOrEqual':
      return matches(filter.attribute, schema.attributeType(filter.attribute)?.equality, filter.value, entry, (a, b) => a <= b);
    case 'approximate':
    case 'substring':
      throw new Error(`nothing here writes a filter of kind ${filter.kind}`);
    default:
      return filter satisfies never;
  }
}

function matches(
  attribute: string,
  rule: string | undefined,
  assertion: LdapValue,
  entry: Entry,
  holds: (value: string, assertion: string) => boolean,
): Truth {
  const key = rule === undefined ? undefined : KEYS.get(rule);
  const text = (value: LdapValue): string => (typeof value === 'string' ? value : value.toString('latin1'));
  return key === undefined ? undefined : valuesOf(entry, attribute).some((value) => holds(key(text(value)), key(text(assertion))));
}

/** Values that are equal under a rule have one key. */
const KEYS: ReadonlyMap<string, (value: string) => string> = new Map([
  ['caseIgnoreMatch', caseIgnoreKey],
  ['caseIgnoreIA5Match', caseIgnoreKey],
  // RFC 4518 squeezes blanks under the exact rules too.
  ['caseExactMatch', squeezed],
  ['caseExactIA5Match', squeezed],
  ['telephoneNumberMatch', (value) => value.toLowerCase().replaceAll(/[ -]/g, '')],
  ['distinguishedNameMatch', dnKey],
  ['octetStringMatch', (value) => value],
  ['booleanMatch', (value) => value],
  ['integerMatch', (value) => value],
  ['CSNMatch', (value) => value],
  ['generalizedTimeMatch', (value) => value],
  ['UUIDMatch', (value) => value.toLowerCase()],
  ['objectIdentifierMatch', (value) => value.toLowerCase()],
]);

function squeezed(value: string): string {
  return value.normalize('NFKC').trim().replaceAll(/ +/g, ' ');
}
