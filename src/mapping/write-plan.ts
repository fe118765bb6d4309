import type { Change } from '../ldap/change.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import { type EntryNames, entryNames } from './entry-names.ts';
import type { NeededValue } from './needed-value.ts';
import type { ResourcePlan } from './plan.ts';
import { idOf } from './read-entry.ts';

/** One step of a write, and how to take it back when a later step fails. A password can't be taken back: it comes last. */
export interface PlannedChange {
  readonly change: Change;
  readonly undo?: Change;
  /** More is written with it than it says, so it can't be carried out again from what it says. */
  readonly isPart?: true;
}

/** An ordered list of LDAP operations that carries out one SCIM request. As data: it is executed, printed and explained from here. */
export interface WritePlan {
  /** The entry's name when all is done. */
  readonly dn: string;
  /** The entry that is changed, as it was read; absent while it is being created. */
  readonly entry?: EntryIdentity;
  readonly changes: readonly PlannedChange[];
  /** What has to be supplied before there is a plan: the changes are none then, and it is made anew. */
  readonly needs?: NeededValue;
  /** By what references name the entry when all is done, beside its DN. */
  readonly names?: EntryNames['names'];
  /** What becomes of values that name the entry, when all is done: they get its new name, or go. */
  readonly references?: 'follow' | 'forget';
  /** An account that was active is so no more. */
  readonly disables?: true;
  /** Of members who go by the delta of a list, which is in no change. */
  readonly memberRemovals?: number;
  /** Of an entry that goes, all that would bring it back, where somebody keeps that. */
  readonly whole?: Entry;
}

/** What tells an entry from all others, also after a rename, and its state from all others. */
export interface EntryIdentity extends EntryNames {
  /** SCIM id. */
  readonly id: string | undefined;
  /** Matches no other entry. */
  readonly isEntry: LdapFilter;
  /** Value of the plan's `meta.version`, where the directory keeps one. */
  readonly version?: string;
}

export function identify(plan: ResourcePlan, entry: Entry): EntryIdentity {
  const [version] = valuesOf(entry, plan.meta.version);
  return {
    ...entryNames(plan, entry),
    id: idOf(plan, entry),
    isEntry: isEntry(plan, entry),
    ...(typeof version === 'string' ? { version } : {}),
  };
}

/** The first step carries the guard: nothing happens when the entry has changed since it was read. */
export function guardFirst(plan: ResourcePlan, entry: Entry, changes: readonly PlannedChange[]): readonly PlannedChange[] {
  const [first, ...rest] = changes;
  if (first === undefined || (first.change.kind !== 'modify' && first.change.kind !== 'rename')) return changes;
  return [{ ...first, change: { ...first.change, assertion: isUnchanged(plan, entry) } }, ...rest];
}

/** Holds as long as an entry is the one that was read, and as it was read where the directory keeps a version (RFC 4528). */
export function isUnchanged(plan: ResourcePlan, entry: Entry): LdapFilter {
  const [version] = valuesOf(entry, plan.meta.version);
  return version === undefined ? isEntry(plan, entry) : { kind: 'equality', attribute: plan.meta.version, value: version };
}

/** Holds as long as the name belongs to the entry that was read, whatever else has changed in it. */
export function isEntry(plan: ResourcePlan, entry: Entry): LdapFilter {
  const [id] = valuesOf(entry, plan.id);
  return { kind: 'equality', attribute: plan.id, value: id ?? '' };
}
