import { attributeKey } from '../ldap/attribute-description.ts';
import type { Modification } from '../ldap/change.ts';
import { diffValues } from '../ldap/diff.ts';
import { dnKey, leafRdn } from '../ldap/dn.ts';
import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { holdsSame, valueKey, valuesAfter } from '../ldap/value-key.ts';
import type { SettledWrite } from './journaled-write.ts';
import { eachName, keyOfValue, type NamingAttribute, nameKey, namesAfter, namesBefore } from './names.ts';
import { subjectOf } from './plan-undo.ts';

/** What our last writes left of one entry, as far as the journal knows. */
export interface WrittenEntry {
  /** The last write. */
  readonly write: SettledWrite;
  readonly dn: string;
  /** Attributes that are known as a whole, by `attributeKey`. */
  readonly attributes: ReadonlyMap<string, readonly LdapValue[]>;
  /** Single values of others: those that were put in, and those that were taken out. */
  readonly values: ReadonlyMap<string, { readonly present: readonly LdapValue[]; readonly absent: readonly LdapValue[] }>;
}

/** How an entry differs from what our last writes left. */
export interface Drift {
  readonly dn: string;
  readonly id: string;
  /** When it was last written by us; ISO 8601. */
  readonly since: string;
  readonly kind: 'removed' | 'renamed' | 'changed';
  /** What it was called by us, of one that is renamed. */
  readonly was?: string;
  readonly attributes: readonly DriftedAttribute[];
  /** Bring the entry back; none for one that is removed. */
  readonly repair: readonly Modification[];
}

export interface DriftedAttribute {
  readonly attribute: string;
  /** What ought to be there and isn't. */
  readonly missing: readonly LdapValue[];
  /** What is there and ought not to be. */
  readonly foreign: readonly LdapValue[];
}

interface Draft {
  write: SettledWrite;
  dn: string;
  /** With the number of the write that left them: names that change later change them too. */
  readonly attributes: Map<string, { readonly values: readonly LdapValue[]; readonly at: number }>;
  readonly values: Map<string, Map<string, { readonly value: LdapValue; readonly isPresent: boolean; readonly at: number }>>;
}

interface NewName {
  readonly at: number;
  /** undefined: nobody's any more. */
  readonly to: string | undefined;
}

/** Gathers, write by write, what entries are to hold. */
export class WrittenEntries {
  readonly #schema: LdapSchema;
  readonly #naming: ReadonlyMap<string, NamingAttribute>;
  readonly #drafts = new Map<string, Draft>();
  readonly #names = new Map<string, NewName[]>();
  #count = 0;

  constructor(schema: LdapSchema, naming: readonly NamingAttribute[]) {
    this.#schema = schema;
    this.#naming = new Map(naming.map((each) => [attributeKey(each.attribute), each]));
  }

  /** The next write of the journal. Of one whose outcome nobody knows, what it wrote is not known either. */
  take(write: SettledWrite): void {
    if (write.outcome === 'refused') return;
    this.#count += 1;
    if (write.follows === true) return;
    const subject = subjectOf(write);
    this.#followNames(write);
    if (write.change.kind === 'delete') {
      this.#drafts.delete(subject);
      return;
    }
    if (write.change.kind === 'password') return;
    const draft = this.#drafts.get(subject) ?? { write, dn: write.after ?? '', attributes: new Map(), values: new Map() };
    this.#drafts.set(subject, draft);
    draft.write = write;
    if (write.outcome === 'unknown') return this.#forget(draft, write);
    draft.dn = write.after ?? draft.dn;
    switch (write.change.kind) {
      case 'add':
        for (const { name, values } of write.change.attributes) this.#setWhole(draft, name, values);
        return;
      case 'rename':
        // The name tells by itself when it is no more what it was.
        for (const dn of [write.before ?? '', draft.dn])
          for (const { type } of leafRdn(dn) ?? []) draft.attributes.delete(attributeKey(type));
        return;
      case 'modify':
        return this.#modify(draft, write, write.change.modifications);
      default:
        write.change satisfies never;
    }
  }

  #setWhole(draft: Draft, name: string, values: readonly LdapValue[]): void {
    const key = attributeKey(name);
    draft.values.delete(key);
    draft.attributes.set(key, { values, at: this.#count });
  }

  #modify(draft: Draft, { undo }: SettledWrite, modifications: readonly Modification[]): void {
    const whole = new Map(
      (undo?.kind === 'modify' ? undo.modifications : [])
        .filter(({ operation }) => operation === 'replace')
        .map(({ attribute, values }) => [attributeKey(attribute), values]),
    );
    for (const [key, own] of Map.groupBy(modifications, ({ attribute }) => attributeKey(attribute))) {
      const known = draft.attributes.get(key);
      const before = whole.get(key) ?? (known === undefined ? undefined : this.#now(key, known.values, known.at));
      const isReplaced = own.some(({ operation, values }) => operation === 'replace' || values.length === 0);
      if (before !== undefined || isReplaced) {
        this.#setWhole(draft, key, valuesAfter(this.#schema, key, before ?? [], own));
        continue;
      }
      const values = draft.values.get(key) ?? new Map<string, { value: LdapValue; isPresent: boolean; at: number }>();
      draft.values.set(key, values);
      for (const { operation, values: each } of own) {
        for (const value of each)
          values.set(valueKey(this.#schema, key, value), { value, isPresent: operation === 'add', at: this.#count });
      }
    }
  }

  #forget(draft: Draft, { change }: SettledWrite): void {
    const names = change.kind === 'modify' ? change.modifications.map(({ attribute }) => attribute) : [...draft.attributes.keys()];
    for (const name of names.map(attributeKey)) {
      draft.attributes.delete(name);
      draft.values.delete(name);
    }
    if (change.kind === 'rename') draft.dn = '';
  }

  #followNames(write: SettledWrite): void {
    const before = namesBefore(write);
    if (before === undefined || (write.change.kind !== 'rename' && write.change.kind !== 'delete' && write.references === undefined))
      return;
    const after = write.references?.kind === 'forget' ? undefined : namesAfter(write);
    for (const [by, name] of eachName(before)) {
      const to = after === undefined ? undefined : by === undefined ? after.dn : after.names[by];
      if (to !== undefined && nameKey(by, to) === nameKey(by, name)) continue;
      const key = nameKey(by, name);
      this.#names.set(key, [...(this.#names.get(key) ?? []), { at: this.#count, to }]);
    }
  }

  /** Values that name entries, by the names that these have now. */
  #now(attribute: string, values: readonly LdapValue[], at: number): readonly LdapValue[] {
    const naming = this.#naming.get(attribute);
    if (naming === undefined) return values;
    return values.flatMap((value) => {
      let now: LdapValue | undefined = value;
      for (let from = at; now !== undefined; ) {
        const key = keyOfValue(naming, now);
        const next: NewName | undefined = key === undefined ? undefined : this.#names.get(key)?.find((each) => each.at > from);
        if (next === undefined) break;
        [now, from] = [next.to, next.at];
      }
      return now ?? [];
    });
  }

  /** All entries that ought to be there, by subject. */
  entries(): ReadonlyMap<string, WrittenEntry> {
    return new Map(
      [...this.#drafts].map(([subject, { write, dn, attributes, values }]): [string, WrittenEntry] => [
        subject,
        {
          write,
          dn,
          attributes: new Map([...attributes].map(([name, each]) => [name, this.#now(name, each.values, each.at)])),
          values: new Map(
            [...values].map(([name, each]) => {
              const listed = (isPresent: boolean) =>
                [...each.values()].filter((one) => one.isPresent === isPresent).flatMap(({ value, at }) => this.#now(name, [value], at));
              return [name, { present: listed(true), absent: listed(false) }];
            }),
          ),
        },
      ]),
    );
  }
}

/**
 * How an entry differs from what our last writes left of it; undefined when it doesn't. What we never wrote is not looked at, nor what only
 * the directory writes.
 *
 * @param entry as it is now; undefined: it is gone
 * @param placeholders stand in attributes that name entries where nobody is named
 */
export function findDrift(
  id: string,
  { write, dn, attributes, values }: WrittenEntry,
  entry: Entry | undefined,
  schema: LdapSchema,
  naming: readonly NamingAttribute[],
  placeholders: readonly string[],
): Drift | undefined {
  const told = { id, since: write.time };
  if (entry === undefined) return { ...told, dn, kind: 'removed', attributes: [], repair: [] };
  const without = (name: string, some: readonly LdapValue[]): readonly LdapValue[] => {
    const own = naming.find(({ attribute }) => attribute === name);
    const keys = new Set(own === undefined ? [] : placeholders.map((each) => keyOfValue(own, each)));
    return own === undefined ? some : some.filter((value) => !keys.has(keyOfValue(own, value)));
  };
  const drifted: DriftedAttribute[] = [];
  const repair: Modification[] = [];
  const keysOf = (name: string, some: readonly LdapValue[]): ReadonlySet<string> =>
    new Set(some.map((value) => valueKey(schema, name, value)));
  const differing = (name: string, missing: readonly LdapValue[], foreign: readonly LdapValue[]): void => {
    if (missing.length > 0 || foreign.length > 0)
      drifted.push({ attribute: schema.attributeType(name)?.names[0] ?? name, missing, foreign });
  };
  const isRenamed = dn !== '' && dnKey(dn) !== dnKey(entry.dn);
  // The new name says that they have changed.
  const nameParts = new Set(isRenamed ? [dn, entry.dn].flatMap((each) => leafRdn(each) ?? []).map(({ type }) => attributeKey(type)) : []);
  for (const [name, wanted] of attributes) {
    const [now, ought] = [without(name, valuesOf(entry, name)), without(name, wanted)];
    if (name === 'objectclass' || nameParts.has(name) || holdsSame(schema, name, now, ought)) continue;
    const [nowKeys, oughtKeys] = [keysOf(name, now), keysOf(name, ought)];
    const isMissing = (value: LdapValue): boolean => !nowKeys.has(valueKey(schema, name, value));
    differing(
      name,
      ought.filter(isMissing),
      now.filter((value) => !oughtKeys.has(valueKey(schema, name, value))),
    );
    const hasEquality = schema.attributeType(name)?.equality !== undefined;
    repair.push(...diffValues(name, valuesOf(entry, name), wanted, hasEquality ? 'values' : 'replace'));
  }
  for (const [name, { present, absent }] of values) {
    const keys = keysOf(name, valuesOf(entry, name));
    const missing = without(name, present).filter((value) => !keys.has(valueKey(schema, name, value)));
    const foreign = name === 'objectclass' ? [] : without(name, absent).filter((value) => keys.has(valueKey(schema, name, value)));
    differing(name, missing, foreign);
    if (missing.length > 0) repair.push({ operation: 'add', attribute: name, values: missing });
    if (foreign.length > 0) repair.push({ operation: 'delete', attribute: name, values: foreign });
  }
  if (!isRenamed && drifted.length === 0) return undefined;
  return { ...told, dn: entry.dn, kind: isRenamed ? 'renamed' : 'changed', ...(isRenamed ? { was: dn } : {}), attributes: drifted, repair };
}
