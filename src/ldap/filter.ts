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

export const EVERYTHING: LdapFilter = { kind: 'and', filters: [] };
export const NOTHING: LdapFilter = { kind: 'or', filters: [] };
