import type { Modification } from './change.ts';
import type { LdapValue } from './entry.ts';

/** A key under which two values are the same octets. */
export function octetKey(value: LdapValue): string {
  return typeof value === 'string' ? `t${value}` : `b${value.toString('base64')}`;
}

/**
 * The modifications that bring one attribute from what it holds to what it is to hold; none when nothing differs.
 *
 * Value by value wherever the directory can: deleting a named value fails when somebody else has changed it, so the modify is a
 * compare-and-set. An attribute without an equality rule can only be replaced (RFC 4511 §4.6, ldap.md §8).
 *
 * @param style `replace` also counts another order as a difference and writes all values in one
 */
export function diffValues(
  attribute: string,
  current: readonly LdapValue[],
  wanted: readonly LdapValue[],
  style: 'values' | 'replace',
): readonly Modification[] {
  const currentKeys = new Set(current.map(octetKey));
  const wantedKeys = new Set(wanted.map(octetKey));
  const removed = current.filter((value) => !wantedKeys.has(octetKey(value)));
  const added = wanted.filter((value) => !currentKeys.has(octetKey(value)));
  const reordered = style === 'replace' && wanted.some((value, index) => octetKey(value) !== octetKey(current[index] ?? ''));
  if (removed.length === 0 && added.length === 0 && !reordered) return [];
  if (style === 'replace') return [{ operation: 'replace', attribute, values: wanted }];
  const modifications: Modification[] = [];
  if (removed.length > 0) modifications.push({ operation: 'delete', attribute, values: removed });
  if (added.length > 0) modifications.push({ operation: 'add', attribute, values: added });
  return modifications;
}
