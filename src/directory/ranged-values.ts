import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';

/** `member;range=0-1499`: a part of a long list, as Active Directory returns it; the last part ends with `*` (MS-ADTS §3.1.1.3.1.3.3). */
const RANGED = /^(.+);range=\d+-(\d+|\*)$/i;

/**
 * An entry with all values of the lists of which the directory returned a part, under their plain names.
 *
 * @param readRest reads an attribute of the entry from a value on, `member;range=1500-*`, and returns all of it under its plain name;
 *        undefined when the entry has gone
 */
export async function withAllValues(entry: Entry, readRest: (attribute: string) => Promise<Entry | undefined>): Promise<Entry> {
  if (!isInPart(entry)) return entry;
  const attributes = new Map<string, readonly LdapValue[]>();
  for (const [name, values] of entry.attributes) {
    const [, attribute = name, last = '*'] = RANGED.exec(name) ?? [];
    const rest = last === '*' ? undefined : await readRest(`${attribute};range=${Number(last) + 1}-*`);
    attributes.set(attribute, [...values, ...(rest === undefined ? [] : valuesOf(rest, attribute))]);
  }
  return { dn: entry.dn, attributes };
}

/** Whether the directory returned a part of some list only. */
export function isInPart({ attributes }: Entry): boolean {
  for (const name of attributes.keys()) if (name.includes(';range=')) return true;
  return false;
}
