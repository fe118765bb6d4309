import { caseIgnoreKey } from '../ldap/case-ignore.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import type { Lens } from '../mapping/lens.ts';
import { isTextLens, type ResourcePlan } from '../mapping/plan.ts';
import { NO_REFERENCES } from '../mapping/reference-table.ts';

/** What was counted over the entries of a section. */
export interface SectionTally {
  readonly entries: number;
  /** Entries whose id attribute has no value for us: they can't be shown. */
  readonly withoutId: Count;
  /** Entries with several values under a line for one: the first is shown. By line. */
  readonly several: ReadonlyMap<string, Count>;
  /** Entries with values that a line can't show. By line. */
  readonly unreadable: ReadonlyMap<string, Count>;
  /** Entries without a value under a line that is required. By line. */
  readonly missing: ReadonlyMap<string, Count>;
  /** Entries that share their userName or displayName with another. */
  readonly duplicates: Count;
}

export interface Count {
  readonly count: number;
  /** DN of the first one. */
  readonly example?: string;
}

const NONE: Count = { count: 0 };

/** Counts entry by entry, in bounded memory for a bounded number of entries. */
export class Tally {
  readonly #plan: ResourcePlan;
  readonly #schema: LdapSchema;
  readonly #essential: Lens | undefined;
  readonly #names = new Set<string>();
  readonly #several = new Map<string, Count>();
  readonly #unreadable = new Map<string, Count>();
  readonly #missing = new Map<string, Count>();
  #entries = 0;
  #withoutId = NONE;
  #duplicates = NONE;

  constructor(plan: ResourcePlan, schema: LdapSchema) {
    this.#plan = plan;
    this.#schema = schema;
    this.#essential = essentialLens(plan);
  }

  add(entry: Entry): void {
    const { dn } = entry;
    this.#entries += 1;
    if (valuesOf(entry, this.#plan.id).length === 0) this.#withoutId = oneMore(this.#withoutId, dn);
    for (const lens of this.#plan.lenses) this.#look(lens, entry);
  }

  result(): SectionTally {
    return {
      entries: this.#entries,
      withoutId: this.#withoutId,
      several: this.#several,
      unreadable: this.#unreadable,
      missing: this.#missing,
      duplicates: this.#duplicates,
    };
  }

  #look(lens: Lens, entry: Entry): void {
    if (!isTextLens(lens) || lens.ldap === undefined) return;
    const stored = valuesOf(entry, lens.ldap).filter((value) => !lens.isPlaceholder(value));
    const shown = lens.get(entry, { schema: this.#schema, references: NO_REFERENCES });
    if (lens.place.kind !== 'list' && stored.length > 1) countIn(this.#several, lens.path, entry.dn);
    if (stored.length > 0 && shown.length < (lens.place.kind === 'list' ? stored.length : 1))
      countIn(this.#unreadable, lens.path, entry.dn);
    if (lens.definition.required && shown.length === 0) countIn(this.#missing, lens.path, entry.dn);
    const [name] = shown;
    if (lens !== this.#essential || typeof name !== 'string') return;
    const key = caseIgnoreKey(name);
    if (this.#names.has(key)) this.#duplicates = oneMore(this.#duplicates, entry.dn);
    this.#names.add(key);
  }
}

/** The line behind the name that every resource of a kind has: userName, displayName. */
export function essentialLens(plan: ResourcePlan): Lens | undefined {
  const name = plan.target === 'users' ? 'userName' : 'displayName';
  return plan.lenses.find(({ place: { path } }) => path.attribute.name === name && !path.isExtension);
}

function countIn(counts: Map<string, Count>, key: string, dn: string): void {
  counts.set(key, oneMore(counts.get(key) ?? NONE, dn));
}

function oneMore({ count, example }: Count, dn: string): Count {
  return { count: count + 1, example: example ?? dn };
}
