import { attributeKey } from '../ldap/attribute-description.ts';
import { attributesIn, type Change } from '../ldap/change.ts';

/** Passwords that a server takes over an encrypted connection only (MS-ADTS §3.1.1.3.1.5). */
const ENCRYPTED_ONLY: ReadonlySet<string> = new Set(['unicodepwd']);

/** Whether a change may not be sent in clear, not even to see whether the server refuses it. */
export function needsEncryption(change: Change): boolean {
  return attributesIn(change).some((name) => ENCRYPTED_ONLY.has(attributeKey(name)));
}
