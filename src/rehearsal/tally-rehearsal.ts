import { attributeKey, attributeTypeOf } from '../ldap/attribute-description.ts';
import type { Change } from '../ldap/change.ts';
import { dnKey } from '../ldap/dn.ts';
import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { isStateLens } from '../mapping/plan.ts';
import { NO_REFERENCES } from '../mapping/reference-table.ts';
import type { Matched, Rehearsed, RehearsedWrite } from './rehearsed.ts';

/** What a rehearsal came to, for people and machines. Values of secrets are masked in it. */
export interface RehearsalReport {
  readonly users: TargetReport;
  readonly groups: TargetReport;
  /** Values that are stored and would go, by LDAP attribute: the most first. */
  readonly overwritten: readonly AttributeReport[];
  /** How many entries would get values of an attribute that they lack, by LDAP attribute. */
  readonly filled: Readonly<Record<string, number>>;
  readonly adoptedGroups: readonly AdoptedGroup[];
  /** What `scim-ldap-bridge adopt` would hand over: the lines that collide with it wait for that. */
  readonly adoptable: readonly (ReportedLine & { readonly dn: string; readonly members: number })[];
  /** References that name nobody, neither in the file nor in the directory. */
  readonly unknownReferences: readonly (ReportedLine & { readonly names: readonly string[] })[];
  readonly writes: number;
}

export interface TargetReport {
  readonly given: number;
  /** By which matching path, and how many. */
  readonly matchedBy: Readonly<Record<string, number>>;
  /** Of those that match: nothing would be written. */
  readonly unchanged: number;
  readonly changed: number;
  readonly created: readonly (ReportedLine & { readonly dn: string })[];
  readonly renamed: readonly Renamed[];
  /** To another branch. */
  readonly moved: readonly Renamed[];
  readonly disabled: readonly (ReportedLine & { readonly dn: string })[];
  readonly ambiguous: readonly (ReportedLine & { readonly by: string; readonly dns: readonly string[] })[];
  readonly refused: readonly (ReportedLine & { readonly status: number; readonly detail: string })[];
}

export interface ReportedLine {
  readonly line: number;
  readonly name: string;
}

export interface Renamed extends ReportedLine {
  readonly dn: string;
  readonly newDn: string;
}

export interface AttributeReport {
  readonly attribute: string;
  readonly entries: number;
  readonly samples: readonly { readonly dn: string; readonly before: readonly string[]; readonly after: readonly string[] }[];
}

/** A group that was there before. Entra takes out just those whom it put in. */
export interface AdoptedGroup extends ReportedLine {
  readonly dn: string;
  readonly members: number;
  /** Who is in it and isn't given. */
  readonly staying: number;
  readonly samples: readonly string[];
}

/** How many examples of each kind are kept. */
const SAMPLES = 5;
const MASK = '********';

/** Adds up what a rehearsal says of one resource after the other. */
export class RehearsalTally {
  readonly #schema: LdapSchema;
  readonly #secrets: ReadonlySet<string>;
  readonly #users = new TargetTally();
  readonly #groups = new TargetTally();
  readonly #overwritten = new Map<string, { readonly attribute: string; entries: number; readonly samples: Sample[] }>();
  readonly #filled = new Map<string, { readonly attribute: string; entries: number }>();
  readonly #adoptedGroups = new Map<number, AdoptedGroup>();
  readonly #adoptable: RehearsalReport['adoptable'][number][] = [];
  readonly #unknown: RehearsalReport['unknownReferences'][number][] = [];
  readonly #changes: Change[] = [];

  /** @param secrets attribute types, in lower case, whose values nobody is shown */
  constructor(schema: LdapSchema, secrets: ReadonlySet<string>) {
    this.#schema = schema;
    this.#secrets = secrets;
  }

  /** All that would be written, in order. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  add(rehearsed: Rehearsed): void {
    const { given } = rehearsed;
    const tally = given.target === 'users' ? this.#users : this.#groups;
    const line = { line: given.line, name: given.name };
    switch (rehearsed.kind) {
      case 'created':
        tally.created.set(given.line, { ...line, dn: rehearsed.dn });
        break;
      case 'matched': {
        const { by, dn, members } = rehearsed;
        tally.matched.set(given.line, by);
        if (given.target === 'groups') this.#adoptedGroups.set(given.line, adoptedGroup({ ...line, dn }, members.length, members));
        this.#lookAtMoves(tally, line, rehearsed);
        break;
      }
      case 'ambiguous':
        tally.ambiguous.push({ ...line, by: rehearsed.by, dns: rehearsed.dns });
        return;
      case 'refused':
        tally.refused.push({ ...line, status: rehearsed.status, detail: rehearsed.detail });
        for (const { dn, members } of rehearsed.adoptable) this.#adoptable.push({ ...line, dn, members: members.length });
        return;
      case 'references': {
        const { unknown, staying, refusal } = rehearsed;
        if (unknown.length > 0) this.#unknown.push({ ...line, names: unknown });
        if (refusal !== undefined) tally.refused.push({ ...line, ...refusal });
        const group = this.#adoptedGroups.get(given.line);
        if (group !== undefined) this.#adoptedGroups.set(given.line, adoptedGroup(group, group.members, staying));
        break;
      }
      default:
        rehearsed satisfies never;
    }
    if (rehearsed.writes.length > 0) tally.changed.add(given.line);
    for (const { change } of rehearsed.writes) this.#changes.push(change);
    for (const write of rehearsed.writes.filter(isOwn(rehearsed))) this.#lookAtValues(write);
  }

  report(): RehearsalReport {
    const byEntries = <T extends { readonly entries: number }>(tallied: Iterable<T>): readonly T[] =>
      [...tallied].toSorted((a, b) => b.entries - a.entries);
    return {
      users: this.#users.report(),
      groups: this.#groups.report(),
      overwritten: byEntries(this.#overwritten.values()),
      filled: Object.fromEntries(byEntries(this.#filled.values()).map(({ attribute, entries }) => [attribute, entries])),
      adoptedGroups: [...this.#adoptedGroups.values()],
      adoptable: this.#adoptable,
      unknownReferences: this.#unknown,
      writes: this.#changes.length,
    };
  }

  #lookAtMoves(tally: TargetTally, line: ReportedLine, { plan, dn, writes }: Matched): void {
    const rename = writes.find(({ change }) => change.kind === 'rename' && dnKey(change.dn) === dnKey(dn));
    if (rename?.change.kind === 'rename' && rename.after !== undefined) {
      const moved = { ...line, dn, newDn: rename.after.dn };
      (rename.change.newSuperior === undefined ? tally.renamed : tally.moved).push(moved);
    }
    const [first, last] = [writes[0]?.before, writes.at(-1)?.after];
    const state = plan.lenses.find(isStateLens);
    if (state === undefined || first === undefined || last === undefined) return;
    const context = { schema: this.#schema, references: NO_REFERENCES };
    const isActive = (entry: Entry): boolean => state.get(entry, context)[0] !== false;
    if (isActive(first) && !isActive(last)) tally.disabled.push({ ...line, dn });
  }

  #lookAtValues({ change, before, after }: RehearsedWrite): void {
    if (change.kind !== 'modify' || before === undefined || after === undefined) return;
    const attributes = new Map(change.modifications.map(({ attribute }) => [attributeKey(attribute), attribute]));
    for (const [key, attribute] of attributes) {
      const [old, now] = [valuesOf(before, attribute), valuesOf(after, attribute)];
      if (old.length === 0) {
        const known = this.#filled.get(key) ?? { attribute, entries: 0 };
        this.#filled.set(key, { attribute, entries: known.entries + 1 });
      }
      const kept = new Set(now.map(String));
      if (old.every((value) => kept.has(String(value)))) continue;
      const known = this.#overwritten.get(key) ?? { attribute, entries: 0, samples: [] };
      known.entries += 1;
      if (known.samples.length < SAMPLES) known.samples.push(this.#sample(attribute, before.dn, old, now));
      this.#overwritten.set(key, known);
    }
  }

  #sample(attribute: string, dn: string, before: readonly LdapValue[], after: readonly LdapValue[]): Sample {
    const isSecret = this.#secrets.has(attributeTypeOf(attribute));
    const shown = (values: readonly LdapValue[]): readonly string[] =>
      values.slice(0, SAMPLES).map((value) => (isSecret ? MASK : toText(value)));
    return { dn, before: shown(before), after: shown(after) };
  }
}

/** Whether a write is about the entry itself, and not about those that refer to it and follow its new name. */
function isOwn(rehearsed: Rehearsed): (write: RehearsedWrite) => boolean {
  if (rehearsed.kind !== 'matched') return () => true;
  const renamed = rehearsed.writes.find(({ change }) => change.kind === 'rename' && dnKey(change.dn) === dnKey(rehearsed.dn));
  const own = new Set([rehearsed.dn, ...(renamed?.after === undefined ? [] : [renamed.after.dn])].map((dn) => dnKey(dn)));
  return ({ change }) => own.has(dnKey(change.dn));
}

type Sample = AttributeReport['samples'][number];

/** Octets that are no text as base64. */
function toText(value: LdapValue): string {
  return typeof value === 'string' ? value : value.toString('base64');
}

function adoptedGroup(
  { line, name, dn }: ReportedLine & { readonly dn: string },
  members: number,
  staying: readonly string[],
): AdoptedGroup {
  return { line, name, dn, members, staying: staying.length, samples: staying.slice(0, SAMPLES) };
}

class TargetTally {
  readonly created = new Map<number, ReportedLine & { readonly dn: string }>();
  /** By which path each line matched. */
  readonly matched = new Map<number, string>();
  readonly changed = new Set<number>();
  readonly renamed: Renamed[] = [];
  readonly moved: Renamed[] = [];
  readonly disabled: (ReportedLine & { readonly dn: string })[] = [];
  readonly ambiguous: TargetReport['ambiguous'][number][] = [];
  readonly refused: TargetReport['refused'][number][] = [];

  report(): TargetReport {
    const { created, matched, changed, renamed, moved, disabled, ambiguous, refused } = this;
    const matchedBy: Record<string, number> = {};
    for (const by of matched.values()) matchedBy[by] = (matchedBy[by] ?? 0) + 1;
    const touched = [...matched.keys()].filter((line) => changed.has(line)).length;
    const lines = new Set([...created.keys(), ...matched.keys(), ...[...ambiguous, ...refused].map(({ line }) => line)]);
    return {
      given: lines.size,
      matchedBy,
      unchanged: matched.size - touched,
      changed: touched,
      created: [...created.values()],
      renamed,
      moved,
      disabled,
      ambiguous,
      refused,
    };
  }
}
