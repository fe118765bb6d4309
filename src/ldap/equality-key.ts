import { caseIgnoreKey } from './case-ignore.ts';
import type { LdapAttributeType } from './schema.ts';

/**
 * A key that two values of an attribute share when its equality rule (RFC 4517 §4.2) holds them for equal, as far as we can tell
 * without asking the server. Rules that we don't know are taken for caseIgnoreMatch: an attribute mustn't hold two equal values.
 */
export function equalityKey(type: LdapAttributeType | undefined, value: string): string {
  const rule = type?.equality ?? '';
  if (rule === 'telephoneNumberMatch') return caseIgnoreKey(value).replaceAll(/[ -]/g, '');
  return rule.startsWith('caseExact') || rule === 'octetStringMatch' ? value : caseIgnoreKey(value);
}
