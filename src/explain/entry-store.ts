import type { SearchRequest } from '../directory/directory.ts';
import { attributeKey } from '../ldap/attribute-description.ts';
import { dnKey } from '../ldap/dn.ts';
import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';
import { comparisonKey } from '../ldap/evaluate-ldap-filter.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { selectEntry } from './select-entry.ts';

/** Entries in memory, found by what they hold: by equality as quickly as a directory with an index for every attribute. */
export class EntryStore {
  readonly #schema: LdapSchema;
  readonly #entries = new Map<string, Entry>();
  /** By attribute, then by value: the keys of the entries that have it. Made when an attribute is asked for. */
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(schema: LdapSchema) {
    this.#schema = schema;
  }

  get(dn: string): Entry | undefined {
    return this.#entries.get(dnKey(dn));
  }

  put(entry: Entry): void {
    const key = dnKey(entry.dn);
    this.delete(entry.dn);
    this.#entries.set(key, entry);
    for (const [attribute, index] of this.#indexes) this.#enter(index, attribute, key, entry);
  }

  delete(dn: string): void {
    const key = dnKey(dn);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    for (const [attribute, index] of this.#indexes) for (const value of this.#keysOf(attribute, entry)) index.get(value)?.delete(key);
  }

  /** What a search returns of all entries. */
  select(request: SearchRequest): readonly Entry[] {
    return this.#candidates(request).flatMap((entry) => selectEntry(entry, request, this.#schema));
  }

  #candidates({ base, scope, filter }: SearchRequest): readonly Entry[] {
    const keys = scope === 'base' ? new Set([dnKey(base)]) : this.#keysFor(filter);
    if (keys === undefined) return [...this.#entries.values()];
    return [...keys].flatMap((key) => this.#entries.get(key) ?? []);
  }

  /** The entries among which all are that match; undefined: any may be. */
  #keysFor(filter: LdapFilter): ReadonlySet<string> | undefined {
    switch (filter.kind) {
      case 'and': {
        const parts = filter.filters.flatMap((each) => this.#keysFor(each) ?? []);
        return parts.toSorted((a, b) => a.size - b.size)[0];
      }
      case 'or': {
        const parts = filter.filters.map((each) => this.#keysFor(each));
        return parts.includes(undefined) ? undefined : new Set(parts.flatMap((keys) => [...(keys ?? [])]));
      }
      case 'equality':
        return this.#keysWith(filter.attribute, filter.value);
      default:
        return undefined;
    }
  }

  #keysWith(attribute: string, value: LdapValue): ReadonlySet<string> | undefined {
    const name = attributeKey(attribute);
    // Nearly all entries have these in common, and their superior classes count too.
    if (name === 'objectclass') return undefined;
    const key = comparisonKey(attribute, value, this.#schema);
    if (key === undefined) return undefined;
    if (name === 'entrydn' || name === 'distinguishedname') return new Set([key]);
    return this.#index(name).get(key) ?? new Set();
  }

  #index(attribute: string): Map<string, Set<string>> {
    const known = this.#indexes.get(attribute);
    if (known !== undefined) return known;
    const index = new Map<string, Set<string>>();
    for (const [key, entry] of this.#entries) this.#enter(index, attribute, key, entry);
    this.#indexes.set(attribute, index);
    return index;
  }

  #enter(index: Map<string, Set<string>>, attribute: string, key: string, entry: Entry): void {
    for (const value of this.#keysOf(attribute, entry)) {
      const keys = index.get(value);
      if (keys === undefined) index.set(value, new Set([key]));
      else keys.add(key);
    }
  }

  #keysOf(attribute: string, entry: Entry): readonly string[] {
    return valuesOf(entry, attribute).flatMap((value) => comparisonKey(attribute, value, this.#schema) ?? []);
  }
}
