import type { Entry } from '../ldap/entry.ts';
import type { Lens, LensContext } from '../mapping/lens.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { idOf, readEntry, storedReferences } from '../mapping/read-entry.ts';
import { makeReferenceTable, type ReferenceTable, type ReferenceTarget, type StoredReference } from '../mapping/reference-table.ts';
import type { ScimObject } from '../scim/resource.ts';
import { locationOf, type OperationContext } from './operation-context.ts';
import { resolveMemberships } from './resolve-memberships.ts';
import { resolveIds, resolveStored } from './resolve-references.ts';

/** Entries as resources, their references resolved in one batch. Entries without an id don't exist for us. */
export async function toResources(
  context: OperationContext,
  plan: ResourcePlan,
  lenses: readonly Lens[],
  entries: readonly Entry[],
): Promise<readonly ScimObject[]> {
  const lensContext = await makeLensContext(context, {
    stored: entries.flatMap((entry) => storedReferences(lenses, entry)),
    holdersOf: { plan, lenses, entries },
  });
  return entries.flatMap((entry) => {
    const id = idOf(plan, entry);
    return id === undefined ? [] : [readEntry(plan, lenses, entry, locationOf(context, plan.target, id), lensContext)];
  });
}

/** What has to be looked up before translation begins. */
export interface Wanted {
  /** SCIM ids, and what they may name. */
  readonly ids?: Iterable<string>;
  readonly targets?: readonly ReferenceTarget[];
  /** Values of reference attributes. */
  readonly stored?: readonly StoredReference[];
  /** Entries whose groups are to be found, where one of the lines needs that. */
  readonly holdersOf?: { readonly plan: ResourcePlan; readonly lenses: readonly Lens[]; readonly entries: readonly Entry[] };
}

/** What the lenses may look at: the directory's schema, and what was asked for looked up. */
export async function makeLensContext(context: OperationContext, wanted: Wanted): Promise<LensContext> {
  const { ids = [], targets = [], stored = [], holdersOf } = wanted;
  const [facts, named, found, memberships] = await Promise.all([
    context.directory.facts(),
    resolveIds(context, ids, targets),
    resolveStored(context, stored),
    holdersOf === undefined ? undefined : resolveMemberships(context, holdersOf.plan, holdersOf.lenses, holdersOf.entries),
  ]);
  return { schema: facts.schema, references: makeReferenceTable([...named, ...found], memberships) };
}

/** The same with more ids resolved; what was known stays known. */
export async function withReferences(
  context: OperationContext,
  known: LensContext,
  ids: readonly string[],
  targets: readonly ReferenceTarget[],
): Promise<LensContext> {
  if (ids.length === 0) return known;
  const more = makeReferenceTable(await resolveIds(context, ids, targets));
  const references: ReferenceTable = {
    ...known.references,
    resourceOf: (value, among, by) => known.references.resourceOf(value, among, by) ?? more.resourceOf(value, among, by),
    resourceWithId: (id, among) => known.references.resourceWithId(id, among) ?? more.resourceWithId(id, among),
  };
  return { ...known, references };
}
