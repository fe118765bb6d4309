import { dnKey } from '../ldap/dn.ts';
import type { LdapValue } from '../ldap/entry.ts';
import type { NamesOfEntry, SettledWrite } from './journaled-write.ts';

/** An attribute whose values name entries: by their DN, or by their value of another attribute. */
export interface NamingAttribute {
  /** `attributeKey` */
  readonly attribute: string;
  readonly by: string | undefined;
}

/** By what a value may name the entry of a write, before and after it. */
export function namesBefore({ before, references }: SettledWrite): NamesOfEntry | undefined {
  return references?.before ?? (before === undefined ? undefined : { dn: before, names: {} });
}

export function namesAfter({ after, references }: SettledWrite): NamesOfEntry | undefined {
  return after === undefined ? undefined : { dn: after, names: references?.after.names ?? {} };
}

/** A key for a name of one sort. */
export function nameKey(by: string | undefined, name: string): string {
  return by === undefined ? `dn ${dnKey(name)}` : `${by} ${name.toLowerCase()}`;
}

/** All names of an entry, by their sort. */
export function eachName({ dn, names }: NamesOfEntry): ReadonlyMap<string | undefined, string> {
  return new Map<string | undefined, string>([[undefined, dn], ...Object.entries(names)]);
}

/** The key of a value that names an entry; undefined for what names nobody. */
export function keyOfValue({ by }: NamingAttribute, value: LdapValue): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return nameKey(by, value);
  } catch {
    return undefined;
  }
}
