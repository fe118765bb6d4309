import { attributeKey } from '../ldap/attribute-description.ts';
import { isWithin } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { anyOf, type LdapFilter } from '../ldap/filter.ts';
import { entryNames } from '../mapping/entry-names.ts';
import { plansOf, type ResourcePlan } from '../mapping/plan.ts';
import { idOf } from '../mapping/read-entry.ts';
import type { ReferencedResource, ReferenceTarget, StoredReference } from '../mapping/reference-table.ts';
import { storedId } from '../mapping/translate-filter.ts';
import { inChunks } from './in-chunks.ts';
import { locationOf, type OperationContext } from './operation-context.ts';
import { lookUpInPlan, searchPlan } from './search-plan.ts';

/** Terms of an OR that slapd still tests quickly (ldap.md §5). */
const TERMS_PER_SEARCH = 100;

/**
 * Looks up the resources that ids name, in as few searches as their number allows: below the configured bases and filters only,
 * whatever lies elsewhere stays unknown. Every write resolves anew: a cached DN could name another person by now (decisions 2).
 *
 * LDAP: one search for each hundred of them and for each target, in order: who is found among the users is not sought among the groups.
 *
 * @param ids SCIM ids; a text that can be no id names nobody
 * @param targets what the ids may name, the likeliest first
 */
export async function resolveIds(
  context: OperationContext,
  ids: Iterable<string>,
  targets: readonly ReferenceTarget[],
): Promise<readonly ReferencedResource[]> {
  const missing = new Set([...ids].map((id) => id.toLowerCase()));
  const found: ReferencedResource[] = [];
  for (const target of new Set(targets)) {
    for (const plan of plansOf(context.plan).filter((each) => each.target === target)) {
      const values = [...missing].flatMap((id) => storedId(plan, id) ?? []);
      const resources = await inChunks(values, TERMS_PER_SEARCH, async (some) =>
        referencedResources(context, plan, await lookUpInPlan(context, plan, { attribute: plan.id, values: some }, namesOf(plan))),
      );
      for (const { id } of resources) missing.delete(id.toLowerCase());
      found.push(...resources);
    }
  }
  return found;
}

/**
 * Looks up the resources that stored values name; see `resolveIds`.
 *
 * LDAP: one search for each hundred of them and for each kind of resource that has a base around them.
 */
export async function resolveStored(
  context: OperationContext,
  references: readonly StoredReference[],
): Promise<readonly ReferencedResource[]> {
  const { dnAttribute } = await context.directory.facts();
  const found = await Promise.all(
    plansOf(context.plan).map((plan) => {
      const named = references.filter(({ targets }) => targets.includes(plan.target));
      const terms = new Map(named.flatMap((each) => termFor(plan, dnAttribute, each) ?? []));
      return searchTerms(context, plan, [...terms.values()]);
    }),
  );
  return found.flat();
}

/** The filter that finds what a value names, with a key that it shares with its like; undefined when it can be none of the plan's. */
function termFor(
  plan: ResourcePlan,
  dnAttribute: string,
  { value, by }: StoredReference,
): readonly (readonly [string, LdapFilter])[] | undefined {
  if (by !== undefined) return [[`${by} ${value}`, { kind: 'equality', attribute: by, value }]];
  if (!plan.searchBases.some((base) => isBelow(value, base))) return undefined;
  return [[value, { kind: 'equality', attribute: dnAttribute, value }]];
}

/** As `isWithin`, quickly where both are spelled alike. */
function isBelow(dn: string, base: string): boolean {
  return dn.endsWith(`,${base}`) || isWithin(dn, base);
}

function searchTerms(context: OperationContext, plan: ResourcePlan, terms: readonly LdapFilter[]): Promise<readonly ReferencedResource[]> {
  return inChunks(terms, TERMS_PER_SEARCH, async (some) => {
    return referencedResources(context, plan, await searchPlan(context, plan, anyOf(...some), namesOf(plan)));
  });
}

function namesOf({ id, namedBy }: ResourcePlan): readonly string[] {
  return [id, ...namedBy];
}

function referencedResources(context: OperationContext, plan: ResourcePlan, entries: readonly Entry[]): readonly ReferencedResource[] {
  return entries.flatMap((entry) => referencedResource(context, plan, entry));
}

/** An entry as something that is referred to; none when it doesn't exist for us. */
export function referencedResource(context: OperationContext, plan: ResourcePlan, entry: Entry): readonly ReferencedResource[] {
  const id = idOf(plan, entry);
  if (id === undefined || valuesOf(entry, attributeKey(plan.id)).length !== 1) return [];
  return [{ target: plan.target, id, location: locationOf(context, plan.target, id), ...entryNames(plan, entry) }];
}
