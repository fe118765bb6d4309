import { attributeKey } from './attribute-description.ts';

/** An LDAP attribute value: text where the bytes are UTF-8, otherwise the bytes (RFC 4511 §4.1.5). */
export type LdapValue = string | Buffer;

/**
 * An entry as the directory returned it. Keys of `attributes` are attribute descriptions as `attributeKey` writes them: in lower
 * case, with their options (`usercertificate;binary`); an attribute that was asked for and is missing has no key. Values keep the
 * server's order.
 */
export interface Entry {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly LdapValue[]>;
}

/** All values of an attribute, in the server's order; empty when the entry lacks it. */
export function valuesOf(entry: Entry, attribute: string): readonly LdapValue[] {
  return entry.attributes.get(attributeKey(attribute)) ?? [];
}

/** Those values of an attribute that are text; of no entry none. */
export function textsOf(entry: Entry | undefined, attribute: string): readonly string[] {
  return entry === undefined ? [] : valuesOf(entry, attribute).filter((value) => typeof value === 'string');
}

/** Whether an entry is of a class; it has to hold `objectClass` for that. Letter case doesn't count. */
export function hasClass(entry: Entry, name: string): boolean {
  return textsOf(entry, 'objectClass').some((each) => each.toLowerCase() === name.toLowerCase());
}

/** Where in a mapping file something comes from: keys and list indexes from the root. For those who explain a change; never sent. */
export type LinePath = readonly (string | number)[];

/** An attribute and its values, the name as it is to be sent or shown. */
export interface Attribute {
  readonly name: string;
  readonly values: readonly LdapValue[];
  readonly source?: LinePath;
}

/** Makes an entry from a list of attributes; several items of one name are joined. */
export function makeEntry(dn: string, attributes: readonly Attribute[]): Entry {
  const byName = new Map<string, LdapValue[]>();
  for (const { name, values } of attributes) {
    if (values.length === 0) continue;
    const key = attributeKey(name);
    const present = byName.get(key);
    if (present === undefined) byName.set(key, [...values]);
    else present.push(...values);
  }
  return { dn, attributes: byName };
}
