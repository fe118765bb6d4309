import { dnKey } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { anyOf, type LdapFilter } from '../ldap/filter.ts';
import { type EntryNames, entryNames, nameBy } from '../mapping/entry-names.ts';
import type { Lens } from '../mapping/lens.ts';
import type { ReferenceLens } from '../mapping/lenses/reference.ts';
import { isReferenceLens, isReverseLens, type ResourcePlan } from '../mapping/plan.ts';
import type { Membership, ReferencedResource, ReferenceTarget } from '../mapping/reference-table.ts';
import { inChunks } from './in-chunks.ts';
import type { OperationContext } from './operation-context.ts';
import { referencedResource } from './resolve-references.ts';
import { searchPlan } from './search-plan.ts';

/** Entries whose groups are sought in one search. */
const ENTRIES_PER_SEARCH = 50;
/** How many steps from group to group are followed: more than any directory nests them. */
const MOST_LEVELS = 32;

/** An entry that groups may hold. */
interface Held extends EntryNames {
  readonly target: ReferenceTarget;
}

/**
 * The groups of some entries, found by looking for them in the groups' lists (RFC 7643 §4.1.2), for lines that say `reverse`.
 *
 * LDAP: for each location of groups one search per fifty entries where the server returns just the values that match (RFC 3876),
 * otherwise one per entry. With `indirect` as many again for each level of groups in groups.
 *
 * @returns by `dnKey` of the entry; nothing when no line asks for it
 */
export async function resolveMemberships(
  context: OperationContext,
  plan: ResourcePlan,
  lenses: readonly Lens[],
  entries: readonly Entry[],
): Promise<ReadonlyMap<string, readonly Membership[]>> {
  const [lens] = lenses.filter(isReverseLens);
  if (lens === undefined || entries.length === 0) return new Map();
  const holders = new Map<string, ReferencedResource[]>();
  let wave: readonly Held[] = entries.map((entry) => ({ target: plan.target, ...entryNames(plan, entry) }));
  for (let level = 0; level < (lens.indirect ? MOST_LEVELS : 1) && wave.length > 0; level += 1) {
    const found = await findHolders(context, wave);
    for (const { held, holder } of found) holders.set(held, [...(holders.get(held) ?? []), holder]);
    const groups = new Map(found.map(({ holder }) => [dnKey(holder.dn), holder]));
    wave = [...groups].filter(([key]) => !holders.has(key)).map(([, { dn, target, names }]) => ({ dn, target, names: names ?? {} }));
  }
  return new Map(entries.map(({ dn }) => [dnKey(dn), membershipsOf(dnKey(dn), holders)]));
}

/** The direct holders, and from there upwards each group once. */
function membershipsOf(key: string, holders: ReadonlyMap<string, readonly ReferencedResource[]>): readonly Membership[] {
  const found = new Map<string, Membership>();
  let wave = holders.get(key) ?? [];
  for (let direct = true; wave.length > 0; direct = false) {
    const fresh = wave.filter(({ dn }) => !found.has(dnKey(dn)));
    for (const holder of fresh) found.set(dnKey(holder.dn), { holder, direct });
    wave = fresh.flatMap(({ dn }) => holders.get(dnKey(dn)) ?? []);
  }
  return [...found.values()];
}

interface Holding {
  /** `dnKey` of the entry that is held. */
  readonly held: string;
  readonly holder: ReferencedResource;
}

async function findHolders(context: OperationContext, held: readonly Held[]): Promise<readonly Holding[]> {
  const { supportsMatchedValues } = await context.directory.facts();
  const places = context.plan.groups.flatMap((plan) => plan.lenses.filter(isReferenceLens).map((lens) => ({ plan, lens })));
  const ofLists = places.filter(({ lens }) => lens.place.path.attribute.name === 'members');
  const found = await Promise.all(
    ofLists.map(({ plan, lens }) => {
      const sought = new Map(held.filter(({ target }) => lens.refersTo.includes(target)).flatMap((each) => soughtValue(lens, each)));
      const values = [...sought.keys()];
      return inChunks(values, supportsMatchedValues ? ENTRIES_PER_SEARCH : 1, (some) => holdersOf(context, plan, lens, some, sought));
    }),
  );
  return found.flat();
}

/** The value that stands for an entry in a list, and the entry's key. */
function soughtValue(lens: ReferenceLens, held: Held): readonly (readonly [value: string, key: string])[] {
  const value = nameBy(held, lens.by);
  return value === undefined ? [] : [[value, dnKey(held.dn)]];
}

async function holdersOf(
  context: OperationContext,
  plan: ResourcePlan,
  lens: ReferenceLens,
  values: readonly string[],
  sought: ReadonlyMap<string, string>,
): Promise<readonly Holding[]> {
  const terms = values.map((value): LdapFilter => ({ kind: 'equality', attribute: lens.ldap, value }));
  const several = values.length > 1;
  const own = [plan.id, ...plan.namedBy];
  // The control withholds the values of all attributes that no filter speaks of.
  const matchedValues = [...terms, ...own.map((attribute): LdapFilter => ({ kind: 'present', attribute }))];
  const entries = several
    ? await searchPlan(context, plan, anyOf(...terms), [...own, lens.ldap], matchedValues)
    : await searchPlan(context, plan, anyOf(...terms), own);
  const byKey = new Map(values.map((value) => [lens.keyOf(value), sought.get(value) ?? '']));
  return entries.flatMap((entry) =>
    referencedResource(context, plan, entry).flatMap((holder) => {
      const present = several ? valuesOf(entry, lens.ldap).map((value) => lens.keyOf(String(value))) : [...byKey.keys()];
      return present.flatMap((key) => {
        const held = byKey.get(key);
        return held === undefined ? [] : [{ held, holder }];
      });
    }),
  );
}
