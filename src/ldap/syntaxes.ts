import type { LdapAttributeType } from './schema.ts';

/**
 * Why a directory can't hold a text under an attribute, in words for the person who sent it; undefined when it can, as far as
 * can be told beforehand (RFC 4517 §3.3; ldap.md §8). An attribute whose type isn't known is judged by what holds for all.
 */
export function syntaxProblem(type: LdapAttributeType | undefined, value: string): string | undefined {
  if (value === '') return 'an empty text cannot be stored';
  if (value.includes('\0')) return 'holds a NUL character, which the directory cannot store';
  if (type?.lengthLimit !== undefined && value.length > type.lengthLimit) {
    return `is longer than the ${type.lengthLimit} characters that the directory takes here`;
  }
  const rule = type?.syntax === undefined ? undefined : RULES.get(type.syntax);
  return rule === undefined || rule.pattern.test(value) ? undefined : rule.problem;
}

/** What the OIDs of RFC 4517 syntaxes begin with. */
export const SYNTAX = '1.3.6.1.4.1.1466.115.121.1.';
export const BOOLEAN_SYNTAX = `${SYNTAX}7`;
export const INTEGER_SYNTAX = `${SYNTAX}27`;

/** DN, and name with optional UID (RFC 4517 §3.3.9, §3.3.21): `member` and `uniqueMember`. */
const SYNTAXES_OF_NAMES: ReadonlySet<string | undefined> = new Set([`${SYNTAX}12`, `${SYNTAX}34`]);

/** Whether the values of an attribute name entries. */
export function holdsDns({ syntax }: LdapAttributeType): boolean {
  return SYNTAXES_OF_NAMES.has(syntax);
}

/** PrintableString (RFC 4517 §3.2). */
const PRINTABLE = /^[A-Za-z0-9'()+,\-./:? =]+$/;

/** Syntaxes whose values are a plain regular language. Linear-time patterns only. */
const RULES: ReadonlyMap<string, { readonly pattern: RegExp; readonly problem: string }> = new Map([
  [`${SYNTAX}26`, { pattern: /^[\x01-\x7f]*$/, problem: 'holds characters outside ASCII, which the directory cannot store here' }],
  [BOOLEAN_SYNTAX, { pattern: /^(TRUE|FALSE)$/, problem: 'takes TRUE or FALSE' }],
  [INTEGER_SYNTAX, { pattern: /^-?(0|[1-9][0-9]*)$/, problem: 'takes a whole number' }],
  [`${SYNTAX}36`, { pattern: /^[0-9 ]+$/, problem: 'takes digits and blanks only' }],
  [`${SYNTAX}44`, { pattern: PRINTABLE, problem: 'holds characters that the directory cannot store here' }],
  [`${SYNTAX}50`, { pattern: PRINTABLE, problem: 'holds characters that a telephone number cannot have in the directory' }],
  [
    `${SYNTAX}22`,
    { pattern: /^[A-Za-z0-9'()+,\-./:? =]+(\$.*)?$/, problem: 'holds characters that a fax number cannot have in the directory' },
  ],
  [`${SYNTAX}11`, { pattern: /^[A-Za-z]{2}$/, problem: 'takes a country code of two letters' }],
]);
