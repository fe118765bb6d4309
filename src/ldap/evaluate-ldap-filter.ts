import { caseIgnoreKey } from './case-ignore.ts';
import { dnKey } from './dn.ts';
import { type Entry, type LdapValue, valuesOf } from './entry.ts';
import { BIT_AND, type LdapFilter } from './filter.ts';
import type { LdapSchema } from './schema.ts';

/** What a filter makes of an entry (RFC 4511 §4.5.1.7); `undefined` selects nothing, and its negation doesn't either. */
export type Truth = boolean | undefined;

/**
 * A directory's judgement of a filter, as far as it can be told without asking one: an attribute that the schema lacks, one without
 * the rule that is needed, and a rule that isn't known here are undefined.
 */
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
    // A server may take an approximate match for an equality match (RFC 4511 §4.5.1.7.6).
    case 'approximate':
      return compares(filter.attribute, schema.attributeType(filter.attribute)?.equality, filter.value, entry, (a, b) => a === b);
    case 'greaterOrEqual':
      return compares(filter.attribute, orderingRule(filter.attribute, schema), filter.value, entry, (a, b) => a >= b);
    case 'lessOrEqual':
      return compares(filter.attribute, orderingRule(filter.attribute, schema), filter.value, entry, (a, b) => a <= b);
    case 'substring': {
      const type = schema.attributeType(filter.attribute);
      const key = type?.substring === undefined ? undefined : KEYS.get(type.equality ?? '');
      if (key === undefined) return undefined;
      return valuesOf(entry, filter.attribute).some((value) => hasParts(key(textOf(value)), filter, key));
    }
    case 'extensible':
      if (filter.matchingRule === BIT_AND) return hasBits(valuesOf(entry, filter.attribute ?? ''), filter.value);
      return compares(filter.attribute ?? '', filter.matchingRule, filter.value, entry, (a, b) => a === b);
    default:
      return filter satisfies never;
  }
}

/**
 * A text that two values of an attribute share when an equality filter holds them for equal.
 *
 * @returns undefined where such a filter is undefined
 */
export function comparisonKey(attribute: string, value: LdapValue, schema: LdapSchema): string | undefined {
  return KEYS.get(schema.attributeType(attribute)?.equality ?? '')?.(textOf(value));
}

function compares(
  attribute: string,
  rule: string | undefined,
  assertion: LdapValue,
  entry: Entry,
  holds: (value: string, assertion: string) => boolean,
): Truth {
  const key = rule === undefined ? undefined : KEYS.get(rule);
  return key === undefined ? undefined : valuesOf(entry, attribute).some((value) => holds(key(textOf(value)), key(textOf(assertion))));
}

function textOf(value: LdapValue): string {
  return typeof value === 'string' ? value : value.toString('latin1');
}

/** The equality rule that goes with an attribute's ordering rule: both compare the same keys. */
function orderingRule(attribute: string, schema: LdapSchema): string | undefined {
  return schema.attributeType(attribute)?.ordering?.replace('OrderingMatch', 'Match');
}

/** Whether a value begins, goes on and ends as a substring filter wants it, the parts in their order and apart from each other. */
function hasParts(value: string, { initial, any, final }: LdapFilter & { kind: 'substring' }, key: (value: string) => string): boolean {
  const [first, last] = [key(initial ?? ''), key(final ?? '')];
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  const end = value.length - last.length;
  let from = first.length;
  for (const part of any.map(key)) {
    const at = value.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= end;
}

function hasBits(values: readonly LdapValue[], assertion: LdapValue): Truth {
  const bits = wholeNumber(assertion);
  if (bits === undefined) return undefined;
  return values.some((value) => {
    const number = wholeNumber(value);
    return number !== undefined && (number & bits) === bits;
  });
}

function wholeNumber(value: LdapValue): bigint | undefined {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}

/** Values that are equal under a rule have one key; of numbers and times the keys are in their order too. */
const KEYS: ReadonlyMap<string, (value: string) => string> = new Map([
  ['caseIgnoreMatch', caseIgnoreKey],
  ['caseIgnoreIA5Match', caseIgnoreKey],
  ['caseIgnoreListMatch', caseIgnoreKey],
  // RFC 4518 squeezes blanks under the exact rules too.
  ['caseExactMatch', squeezed],
  ['caseExactIA5Match', squeezed],
  ['telephoneNumberMatch', (value) => value.toLowerCase().replaceAll(/[ -]/g, '')],
  ['numericStringMatch', (value) => value.replaceAll(' ', '')],
  ['distinguishedNameMatch', dnKey],
  // A DN with an optional identifier behind it, which nobody uses (RFC 4517 §4.2.31).
  ['uniqueMemberMatch', dnKey],
  ['octetStringMatch', (value) => value],
  ['booleanMatch', (value) => value],
  ['integerMatch', integerKey],
  ['CSNMatch', (value) => value],
  ['generalizedTimeMatch', (value) => value],
  ['UUIDMatch', (value) => value.toLowerCase()],
  ['objectIdentifierMatch', (value) => value.toLowerCase()],
]);

function squeezed(value: string): string {
  return value.normalize('NFKC').trim().replaceAll(/ +/g, ' ');
}

/** Equal numbers have one spelling; as text they are in their order as far as they aren't negative. */
function integerKey(value: string): string {
  const number = wholeNumber(value);
  return number === undefined ? value : number.toString().padStart(40, '0');
}
