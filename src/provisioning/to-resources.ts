import type { Entry } from '../ldap/entry.ts';
import type { Lens, LensContext } from '../mapping/lens.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { idOf, readEntry, referencedDns } from '../mapping/read-entry.ts';
import type { ReferenceTable, ReferenceTarget } from '../mapping/reference-table.ts';
import type { ScimObject } from '../scim/resource.ts';
import { locationOf, type OperationContext } from './operation-context.ts';
import { resolveReferences } from './resolve-references.ts';

/** Entries as resources, their references resolved in one batch. Entries without an id don't exist for us. */
export async function toResources(
  context: OperationContext,
  plan: ResourcePlan,
  lenses: readonly Lens[],
  entries: readonly Entry[],
): Promise<readonly ScimObject[]> {
  const lensContext = await makeLensContext(
    context,
    [],
    entries.flatMap((entry) => referencedDns(lenses, entry)),
  );
  return entries.flatMap((entry) => {
    const id = idOf(plan, entry);
    return id === undefined ? [] : [readEntry(plan, lenses, entry, locationOf(context, plan.target, id), lensContext)];
  });
}

/** What the lenses may look at: the directory's schema, and these ids (of whatever `targets` says) and DNs resolved. */
export async function makeLensContext(
  context: OperationContext,
  ids: Iterable<string>,
  dns: Iterable<string>,
  targets?: readonly ReferenceTarget[],
): Promise<LensContext> {
  const [facts, references] = await Promise.all([context.directory.facts(), resolveReferences(context, ids, dns, targets)]);
  return { schema: facts.schema, references };
}

/** The same with more ids resolved; what was known stays known. */
export async function withReferences(
  context: OperationContext,
  known: LensContext,
  ids: readonly string[],
  targets: readonly ReferenceTarget[],
): Promise<LensContext> {
  if (ids.length === 0) return known;
  const more = await resolveReferences(context, ids, [], targets);
  const references: ReferenceTable = {
    resourceOf: (dn, among) => known.references.resourceOf(dn, among) ?? more.resourceOf(dn, among),
    dnOf: (id, among) => known.references.dnOf(id, among) ?? more.dnOf(id, among),
  };
  return { ...known, references };
}
