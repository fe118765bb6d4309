import type { Change } from '../ldap/change.ts';
import type { LdapFilter } from '../ldap/filter.ts';

/**
 * What a write of several LDAP operations is about to do, as it is kept on disk until it is through. Passwords, and what clients may
 * write but never read, are left out.
 */
export interface Intent {
  readonly tenant: string;
  /** When it was written, ISO 8601. */
  readonly at: string;
  readonly target: 'users' | 'groups';
  /** Matches the entry and no other, under all its names; absent while it is being created. */
  readonly isEntry?: LdapFilter;
  /** LDAP attribute that changes with every write to the entry, where the directory keeps one. */
  readonly versionAttribute: string;
  /** Its value before the first step. */
  readonly version?: string;
  readonly steps: readonly IntentStep[];
  /** What becomes of values that name the entry, when all steps are done. */
  readonly references?: ReferenceChange;
}

export interface IntentStep {
  /** Without its assertion. */
  readonly change: Change;
  readonly undo?: Change;
  /** Whether the change is all here. Otherwise it can't be carried out again. */
  readonly repeatable: boolean;
}

/** What becomes of values that name an entry which has got another name, or is gone. */
export interface ReferenceChange {
  readonly kind: 'follow' | 'forget';
  readonly before: NamesOfEntry;
  /** Where the entry is now, if anywhere: an overlay of the directory may have let values follow that are to go. */
  readonly after: NamesOfEntry;
}

/** The DN of an entry, and its values of other attributes by which it is referred to. */
export interface NamesOfEntry {
  readonly dn: string;
  readonly names: Readonly<Record<string, string>>;
}

/** How far the steps have come. */
export interface Progress {
  readonly done: number;
  /** The entry's version after them, where the directory said it. */
  readonly version?: string;
}

/** Nothing is done yet. */
export function atStart({ version }: Intent): Progress {
  return version === undefined ? { done: 0 } : { done: 0, version };
}

/** The first line of a file. Octets become `{ type: 'Buffer', … }`, which is what JSON makes of a Buffer. */
export function formatIntent(intent: Intent): string {
  return `${JSON.stringify(intent)}\n`;
}

/** A further line. */
export function formatProgress(progress: Progress): string {
  return `${JSON.stringify(progress)}\n`;
}

/** @returns undefined when not even the first line is whole; of a torn last line, the one before it counts */
export function readIntent(text: string): { readonly intent: Intent; readonly progress: Progress } | undefined {
  const [first, ...more] = text.split('\n').slice(0, -1);
  if (first === undefined) return undefined;
  const intent = JSON.parse(first, reviveOctets) as Intent;
  const last = more.at(-1);
  return { intent, progress: last === undefined ? atStart(intent) : (JSON.parse(last) as Progress) };
}

function reviveOctets(_key: string, value: unknown): unknown {
  const isOctets = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;
  return isOctets && Array.isArray(value.data) ? Buffer.from(value.data as readonly number[]) : value;
}
