import type { Attribute } from 'ldapts';
import type { Entry, LdapValue } from '../ldap/entry.ts';
import { makeEntry } from '../ldap/entry.ts';
import { valueFromOctets } from '../ldap/octets.ts';

/**
 * The one place where what ldapts parsed becomes our entry, whether a search or a control brought it.
 *
 * Values are made from the bytes: in the text that ldapts offers beside them a leading byte order mark is lost.
 * Attributes without values are left out; options (`;lang-de`, `;binary`) stay part of the name.
 */
export function readEntry(dn: string, attributes: readonly Attribute[]): Entry {
  return makeEntry(
    dn,
    attributes.map((attribute) => ({ name: attribute.type, values: attribute.parsedBuffers.map(readValue) })),
  );
}

function readValue(octets: Buffer): LdapValue {
  const value = valueFromOctets(octets);
  return typeof value === 'string' ? value : Buffer.from(value); // a copy, for a part would keep the whole message alive
}
