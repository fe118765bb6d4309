import { attributeTypeOf } from './attribute-description.ts';
import type { LdapValue } from './entry.ts';

/**
 * A search filter (RFC 4511 §4.5.1.7) as plain data. Values are raw: they are encoded once, on the wire or in print.
 * An `and` of nothing is true and an `or` of nothing is false (RFC 4526).
 */
export type LdapFilter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly LdapFilter[] }
  | { readonly kind: 'not'; readonly filter: LdapFilter }
  | {
      readonly kind: 'equality' | 'greaterOrEqual' | 'lessOrEqual' | 'approximate';
      readonly attribute: string;
      readonly value: LdapValue;
    }
  | { readonly kind: 'present'; readonly attribute: string }
  | {
      readonly kind: 'substring';
      readonly attribute: string;
      readonly initial?: string;
      readonly any: readonly string[];
      readonly final?: string;
    }
  | {
      readonly kind: 'extensible';
      readonly attribute?: string;
      readonly matchingRule?: string;
      readonly dnAttributes: boolean;
      readonly value: LdapValue;
    };

/**
 * LDAP_MATCHING_RULE_BIT_AND (MS-ADTS §3.1.1.3.4.4.1): all bits of the value are set. OpenLDAP and 389 Directory Server have it too.
 */
export const BIT_AND = '1.2.840.113556.1.4.803';

export const EVERYTHING: LdapFilter = { kind: 'and', filters: [] };
export const NOTHING: LdapFilter = { kind: 'or', filters: [] };
/** True of every entry, as all servers understand it: some refuse the empty `and` of RFC 4526. */
export const ANY_ENTRY: LdapFilter = { kind: 'present', attribute: 'objectClass' };

/** Whether the filter is true for every entry (RFC 4526). */
export function isEverything(filter: LdapFilter): boolean {
  return filter.kind === 'and' && filter.filters.length === 0;
}

/** Whether the filter is false for every entry (RFC 4526): no need to ask the directory. */
export function isNothing(filter: LdapFilter): boolean {
  return filter.kind === 'or' && filter.filters.length === 0;
}

/** A filter that is true when all of these are; EVERYTHING for none. An `and` among them is taken apart, one filter is returned as it is. */
export function allOf(...filters: readonly LdapFilter[]): LdapFilter {
  if (filters.some(isNothing)) return NOTHING;
  return combine('and', filters);
}

/** A filter that is true when one of these is; NOTHING for none. An `or` among them is taken apart, one filter is returned as it is. */
export function anyOf(...filters: readonly LdapFilter[]): LdapFilter {
  if (filters.some(isEverything)) return EVERYTHING;
  return combine('or', filters);
}

/**
 * The negation, with a double one undone. Mind RFC 4511 §4.5.1.7: a comparison that is *undefined* (an attribute that the
 * schema doesn't know) stays undefined when negated; neither selects the entry.
 */
export function negate(filter: LdapFilter): LdapFilter {
  if (isEverything(filter)) return NOTHING;
  if (isNothing(filter)) return EVERYTHING;
  return filter.kind === 'not' ? filter.filter : { kind: 'not', filter };
}

function combine(kind: 'and' | 'or', filters: readonly LdapFilter[]): LdapFilter {
  // An empty `and` is neutral in an `and`, an empty `or` in an `or`: taking them apart leaves nothing of them.
  const parts = filters.flatMap((filter) => (filter.kind === kind ? filter.filters : [filter]));
  const [first] = parts;
  return first !== undefined && parts.length === 1 ? first : { kind, filters: parts };
}

/** The attributes that a filter names, without their options; matching rules alone name none. */
export function mentionedAttributes(filter: LdapFilter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(mentionedAttributes);
    case 'not':
      return mentionedAttributes(filter.filter);
    case 'extensible':
      return filter.attribute === undefined ? [] : [attributeTypeOf(filter.attribute)];
    case 'equality':
    case 'greaterOrEqual':
    case 'lessOrEqual':
    case 'approximate':
    case 'present':
    case 'substring':
      return [attributeTypeOf(filter.attribute)];
    default:
      return filter satisfies never;
  }
}
