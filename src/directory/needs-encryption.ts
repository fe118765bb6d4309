import { attributeKey } from '../ldap/attribute-description.ts';
import type { Change } from '../ldap/change.ts';

/** Passwords that a server takes over an encrypted connection only (MS-ADTS §3.1.1.3.1.5). */
const ENCRYPTED_ONLY: ReadonlySet<string> = new Set(['unicodepwd']);

/** Whether a change may not be sent in clear, not even to see whether the server refuses it. */
export function needsEncryption(change: Change): boolean {
  const names =
    change.kind === 'add'
      ? change.attributes.map(({ name }) => name)
      : change.kind === 'modify'
        ? change.modifications.map(({ attribute }) => attribute)
        : [];
  return names.some((name) => ENCRYPTED_ONLY.has(attributeKey(name)));
}
