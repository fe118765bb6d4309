import { isUtf8 } from 'node:buffer';
import type { LdapValue } from './entry.ts';

/** The attribute value that these bytes are: text where they are UTF-8, otherwise the bytes themselves. */
export function valueFromOctets(octets: Buffer): LdapValue {
  return isUtf8(octets) ? octets.toString('utf8') : octets;
}

/** The bytes of a value, whichever way it came. */
export function octetsOf(value: LdapValue): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

/** Each byte as a backslash and two lower-case hexadecimal digits, the escape of RFC 4514 §2.4 and RFC 4515 §3. */
export function formatHexPairs(octets: Buffer): string {
  return octets.toString('hex').replace(/../g, '\\$&');
}

/** The bytes behind a run of such escapes; the caller has checked that it is one. */
export function parseHexPairs(pairs: string): Buffer {
  return Buffer.from(pairs.replaceAll('\\', ''), 'hex');
}
