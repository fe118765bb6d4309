import { attributeKey } from '../ldap/attribute-description.ts';
import { ChangeRefused, carryOut } from '../ldap/carry-out.ts';
import type { Change, Modification } from '../ldap/change.ts';
import { diffValues } from '../ldap/diff.ts';
import { dnKey } from '../ldap/dn.ts';
import { type Attribute, type Entry, type LdapValue, makeEntry, valuesOf } from '../ldap/entry.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { holdsSame, holdsSameOctets, valueKey, valuesAfter } from '../ldap/value-key.ts';
import type { Holder, JournaledReferences, NamesOfEntry, SettledWrite } from './journaled-write.ts';
import { eachName, keyOfValue, type NamingAttribute, nameKey, namesAfter, namesBefore } from './names.ts';

/** What an undo is decided from. */
export interface UndoInput {
  /** All of one tenant since the first that is to be undone, in their order; without those that were refused. */
  readonly writes: readonly SettledWrite[];
  readonly isToBeUndone: (write: SettledWrite) => boolean;
  /** The entries as they are now, by SCIM id; those that are gone are not there. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly schema: LdapSchema;
  readonly naming: readonly NamingAttribute[];
  /** What stands in such an attribute where nobody is named; a reference integrity overlay puts it there by itself. */
  readonly placeholders: readonly string[];
  /** Whether the directory gives new entries attributes of its own that anybody could write: then what an entry has more says nothing. */
  readonly fillsEntries: boolean;
}

/** One write that takes another one back. */
export interface UndoStep {
  readonly write: SettledWrite;
  /** The entry under all its names, also when it gets another id on the way. */
  readonly subject: string;
  /** Without a condition. Of lists only the values that are not as they were. */
  readonly change: Change;
  /** What the attributes hold that are put back as a whole, before the step. Of a delete: all that the entry may hold. */
  readonly expected: ReadonlyMap<string, readonly LdapValue[]>;
  readonly references?: JournaledReferences;
  /** Who is to name the entry again. */
  readonly holders: readonly Holder[];
}

export interface SkippedEntry {
  readonly subject: string;
  readonly dn: string;
  /** Those that are not as our last write left them; `dn` for its name. None: it is gone. */
  readonly attributes: readonly string[];
}

export interface UndoPlan {
  /** In the order in which they are to be carried out: the last write is taken back first. */
  readonly steps: readonly UndoStep[];
  /** Entries that somebody else has touched since, or other requests: they stay as they are, as a whole. */
  readonly skipped: readonly SkippedEntry[];
  /** Entries whose passwords, or other values that are kept nowhere, can't be put back. */
  readonly withheld: readonly { readonly dn: string; readonly attributes: readonly string[] }[];
}

/**
 * What takes writes back, last one first. Each is taken back only from what it left behind: an entry that holds anything else where it
 * was written is left alone altogether. An entry that was created and is gone again needs nothing.
 *
 * Names change meanwhile: what an entry held is compared, and put back, under the names that others have when it is their turn.
 */
export function planUndo(input: UndoInput): UndoPlan {
  const skipped = new Map<string, SkippedEntry>();
  for (;;) {
    const run = new UndoRun(input, new Set(skipped.keys()));
    const found = run.conflicts.filter(({ subject }) => !skipped.has(subject));
    if (found.length === 0) return { steps: run.steps, skipped: [...skipped.values()], withheld: run.withheld };
    for (const each of found) skipped.set(each.subject, each);
  }
}

/** What tells whose write it is. */
export function subjectOf({ id, before, after }: SettledWrite): string {
  return id?.toLowerCase() ?? dnKey(before ?? after ?? '');
}

class UndoRun {
  readonly steps: UndoStep[] = [];
  readonly conflicts: SkippedEntry[] = [];
  readonly withheld: { readonly dn: string; readonly attributes: readonly string[] }[] = [];
  readonly #input: UndoInput;
  readonly #left: ReadonlySet<string>;
  readonly #passing: ReadonlySet<string>;
  readonly #states: Map<string, Entry | undefined>;
  /** What names of writes that aren't taken back have become; undefined: nobody's. */
  readonly #aliases = new Map<string, string | undefined>();
  readonly #naming: ReadonlyMap<string, NamingAttribute>;

  constructor(input: UndoInput, left: ReadonlySet<string>) {
    this.#input = input;
    this.#left = left;
    this.#passing = passingEntries(input);
    this.#states = new Map([...input.entries].map(([id, entry]) => [id.toLowerCase(), entry]));
    this.#naming = new Map(input.naming.map((each) => [attributeKey(each.attribute), each]));
    for (const write of input.writes.toReversed()) this.#takeBack(write);
  }

  #takeBack(write: SettledWrite): void {
    const subject = subjectOf(write);
    if (write.follows === true) return;
    const isActive = this.#input.isToBeUndone(write) && !this.#left.has(subject) && !this.#passing.has(subject);
    if (!isActive || (write.undo === undefined && write.change.kind !== 'password')) return this.#keepNames(write);
    if (write.withheld !== undefined || write.change.kind === 'password') {
      this.withheld.push({ dn: write.after ?? write.before ?? '', attributes: write.withheld ?? ['password'] });
    }
    switch (write.change.kind) {
      case 'add':
        return this.#removeAdded(write, subject, write.change.attributes);
      case 'delete':
        return this.#bringBack(write, subject);
      case 'rename':
        return this.#renameBack(write, subject);
      case 'modify':
        return this.#modifyBack(write, subject, write.change.modifications);
      case 'password':
        return;
      default:
        return write.change satisfies never;
    }
  }

  /** A write that stays: earlier ones spoke of others by names that have changed with it. */
  #keepNames(write: SettledWrite): void {
    const [before, after] = [namesBefore(write), namesAfter(write)];
    if (write.change.kind === 'add' && after !== undefined) {
      for (const [by, name] of eachName(after)) this.#aliases.delete(nameKey(by, name));
    }
    if (before === undefined || (write.change.kind !== 'rename' && write.change.kind !== 'delete' && write.references === undefined))
      return;
    for (const [by, name] of eachName(before)) {
      const own = by === undefined ? after?.dn : after?.names[by];
      const next = this.#isForgotten(write) ? undefined : own;
      const now = next !== undefined && this.#aliases.has(nameKey(by, next)) ? this.#aliases.get(nameKey(by, next)) : next;
      // Before it was the entry's, the name may have been somebody else's.
      if (own !== undefined) this.#aliases.delete(nameKey(by, own));
      this.#aliases.set(nameKey(by, name), now);
    }
  }

  #isForgotten(write: SettledWrite): boolean {
    return write.references?.kind === 'forget' || this.#passing.has(subjectOf(write));
  }

  #translate(attribute: string, values: readonly LdapValue[]): readonly LdapValue[] {
    const naming = this.#naming.get(attributeKey(attribute));
    if (naming === undefined || this.#aliases.size === 0) return values;
    return values.flatMap((value) => {
      const key = keyOfValue(naming, value);
      return key === undefined || !this.#aliases.has(key) ? [value] : (this.#aliases.get(key) ?? []);
    });
  }

  #conflict(write: SettledWrite, subject: string, attributes: readonly string[]): void {
    this.conflicts.push({ subject, dn: this.#states.get(subject)?.dn ?? write.after ?? write.before ?? '', attributes });
  }

  #push(write: SettledWrite, subject: string, change: Change, expected: UndoStep['expected'], holders: readonly Holder[] = []): void {
    const { references } = write;
    this.steps.push({ write, subject, change, expected, holders, ...(references === undefined ? {} : { references }) });
  }

  #removeAdded(write: SettledWrite, subject: string, attributes: readonly Attribute[]): void {
    const state = this.#states.get(subject);
    if (state === undefined) return;
    const made = makeEntry(state.dn, attributes);
    const withheld = new Set((write.withheld ?? []).map(attributeKey));
    const names = new Set([...made.attributes.keys(), ...(this.#input.fillsEntries ? [] : state.attributes.keys())]);
    const differing = [...names].filter(
      (name) =>
        !withheld.has(name) &&
        !this.#isSame(name, this.#named(name, valuesOf(state, name)), this.#named(name, this.#translate(name, valuesOf(made, name)))),
    );
    if (differing.length > 0) return this.#conflict(write, subject, differing);
    this.#push(write, subject, { kind: 'delete', dn: state.dn }, state.attributes);
    this.#states.set(subject, undefined);
    this.#rename(namesAfter(write), undefined);
  }

  /** Classes that come with others may be listed or not. */
  #isSame(attribute: string, some: readonly LdapValue[], others: readonly LdapValue[]): boolean {
    const { schema } = this.#input;
    if (attribute !== 'objectclass') return holdsSame(schema, attribute, some, others);
    const leaves = (values: readonly LdapValue[]): readonly string[] => {
      const names = values.map((value) => String(value).toLowerCase());
      const superiors = names.flatMap((name) => [...(schema.objectClass(name)?.superiors ?? [])]);
      return names.filter((name) => !superiors.includes(name));
    };
    return holdsSame(schema, attribute, leaves(some), leaves(others));
  }

  #bringBack(write: SettledWrite, subject: string): void {
    if (write.undo?.kind !== 'add') return;
    if (this.#states.get(subject) !== undefined) return; // it has not been done
    const attributes = write.undo.attributes.map(({ name, values }) => ({ name, values: this.#translate(name, values) }));
    const change = { ...write.undo, attributes: attributes.filter(({ values }) => values.length > 0) };
    this.#states.set(subject, makeEntry(change.dn, change.attributes));
    for (const [by, name] of eachName(namesBefore(write) ?? { dn: change.dn, names: {} })) this.#aliases.delete(nameKey(by, name));
    this.#push(write, subject, change, new Map(), this.#nameAgain(write));
  }

  #nameAgain({ references }: SettledWrite): readonly Holder[] {
    const holders = (references?.holders ?? []).flatMap((holder) => {
      const [dn] = this.#translateDn(holder.dn);
      return dn === undefined ? [] : [{ ...holder, dn }];
    });
    const byDn = new Map(holders.map((holder) => [dnKey(holder.dn), holder]));
    if (holders.length > 0) {
      for (const [subject, state] of this.#states) {
        if (state === undefined || !byDn.has(dnKey(state.dn))) continue;
        for (const { attribute, value } of holders.filter(({ dn }) => dnKey(dn) === dnKey(state.dn))) {
          const has = valuesOf(state, attribute).some((each) => this.#isEqual(attribute, each, value));
          if (!has) this.#states.set(subject, withValues(state, attribute, [...this.#named(attribute, valuesOf(state, attribute)), value]));
        }
      }
    }
    return holders;
  }

  /** Without placeholders. */
  #named(attribute: string, values: readonly LdapValue[]): readonly LdapValue[] {
    const naming = this.#naming.get(attributeKey(attribute));
    if (naming === undefined) return values;
    const keys = new Set(this.#input.placeholders.map((each) => keyOfValue(naming, each)));
    return values.filter((value) => !keys.has(keyOfValue(naming, value)));
  }

  #translateDn(dn: string): readonly string[] {
    const key = nameKey(undefined, dn);
    return this.#aliases.has(key) ? [this.#aliases.get(key)].flatMap((each) => each ?? []) : [dn];
  }

  #isEqual(attribute: string, a: LdapValue, b: LdapValue): boolean {
    return valueKey(this.#input.schema, attribute, a) === valueKey(this.#input.schema, attribute, b);
  }

  #renameBack(write: SettledWrite, subject: string): void {
    const state = this.#states.get(subject);
    if (state === undefined) return this.#conflict(write, subject, []);
    if (write.undo?.kind !== 'rename') return;
    if (state.dn === write.before && write.before !== write.after) return; // it is so already
    if (dnKey(state.dn) !== dnKey(write.after ?? '')) return this.#conflict(write, subject, ['dn']);
    const change = { ...write.undo, dn: state.dn };
    try {
      this.#states.set(subject, carryOut(state, change, this.#input.schema));
    } catch (error) {
      if (error instanceof ChangeRefused) return this.#conflict(write, subject, ['dn']);
      throw error;
    }
    const isForgotten = write.references?.kind === 'forget';
    this.#push(write, subject, change, new Map(), isForgotten ? this.#nameAgain(write) : []);
    this.#rename(namesAfter(write), namesBefore(write));
  }

  /** Lets what has been read follow the names of an entry, as the directory will. */
  #rename(from: NamesOfEntry | undefined, to: NamesOfEntry | undefined): void {
    if (from === undefined) return;
    for (const [by, name] of eachName(from)) {
      const key = nameKey(by, name);
      const next = to === undefined ? undefined : by === undefined ? to.dn : to.names[by];
      const own = this.#input.naming.filter((each) => each.by === by);
      for (const [subject, state] of this.#states) {
        for (const naming of state === undefined ? [] : own) {
          const values = valuesOf(state as Entry, naming.attribute);
          if (!values.some((value) => keyOfValue(naming, value) === key)) continue;
          const renamed = values.flatMap((value) => (keyOfValue(naming, value) === key ? (next ?? []) : [value]));
          this.#states.set(subject, withValues(this.#states.get(subject) as Entry, naming.attribute, renamed));
        }
      }
    }
  }

  #modifyBack(write: SettledWrite, subject: string, sent: readonly Modification[]): void {
    const state = this.#states.get(subject);
    if (state === undefined) return this.#conflict(write, subject, []);
    if (write.undo?.kind !== 'modify') return;
    const { schema } = this.#input;
    const [whole, single] = [
      write.undo.modifications.filter(({ operation }) => operation === 'replace'),
      write.undo.modifications.filter(({ operation }) => operation !== 'replace'),
    ];
    const modifications: Modification[] = this.#singleValues(state, single);
    const expected = new Map<string, readonly LdapValue[]>();
    const differing: string[] = [];
    for (const { attribute, values } of whole) {
      const own = sent.filter((each) => attributeKey(each.attribute) === attributeKey(attribute));
      const before = this.#translate(attribute, values);
      const after = this.#translate(attribute, valuesAfter(schema, attribute, values, own));
      const now = valuesOf(state, attribute);
      if (holdsSameOctets(now, before)) continue;
      const named = this.#named(attribute, now);
      if (!holdsSame(schema, attribute, named, this.#named(attribute, after))) {
        const isBack = holdsSame(schema, attribute, named, this.#named(attribute, before));
        if (!isBack) differing.push(attribute);
        if (!isBack || named.length === now.length) continue;
      }
      expected.set(attributeKey(attribute), now);
      const hasEquality = schema.attributeType(attribute)?.equality !== undefined;
      modifications.push(...diffValues(attribute, now, before, hasEquality ? 'values' : 'replace'));
    }
    if (differing.length > 0) return this.#conflict(write, subject, differing);
    if (modifications.length === 0) return;
    this.#push(write, subject, { kind: 'modify', dn: state.dn, modifications }, expected);
    const names = new Set(modifications.map(({ attribute }) => attributeKey(attribute)));
    const next = [...names].reduce((entry, name) => {
      const own = modifications.filter(({ attribute }) => attributeKey(attribute) === name);
      return withValues(entry, name, valuesAfter(schema, name, valuesOf(entry, name), own));
    }, state);
    this.#states.set(subject, next);
    if (write.references !== undefined) this.#rename(namesAfter(write), namesBefore(write));
  }

  /** Of values that came and went one by one those that aren't as they were. */
  #singleValues(state: Entry, single: readonly Modification[]): Modification[] {
    return single.flatMap(({ operation, attribute, values }) => {
      const keys = new Set(valuesOf(state, attribute).map((value) => valueKey(this.#input.schema, attribute, value)));
      const left = this.#translate(attribute, values).filter(
        (value) => keys.has(valueKey(this.#input.schema, attribute, value)) === (operation === 'delete'),
      );
      return left.length === 0 ? [] : [{ operation, attribute, values: left }];
    });
  }
}

/** Those that were made by a write that is to be undone, and are gone again. */
function passingEntries({ writes, isToBeUndone, entries }: UndoInput): ReadonlySet<string> {
  const present = new Set([...entries.keys()].map((id) => id.toLowerCase()));
  const first = new Map<string, SettledWrite>();
  for (const write of writes) if (!first.has(subjectOf(write)) && write.follows !== true) first.set(subjectOf(write), write);
  const made = [...first].filter(([subject, write]) => write.change.kind === 'add' && isToBeUndone(write) && !present.has(subject));
  return new Set(made.map(([subject]) => subject));
}

function withValues(entry: Entry, attribute: string, values: readonly LdapValue[]): Entry {
  const attributes = new Map(entry.attributes);
  if (values.length === 0) attributes.delete(attributeKey(attribute));
  else attributes.set(attributeKey(attribute), values);
  return { dn: entry.dn, attributes };
}
