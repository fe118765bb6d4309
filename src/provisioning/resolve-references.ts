import { isWithin } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { anyOf, isNothing, type LdapFilter } from '../ldap/filter.ts';
import { plansOf, type ResourcePlan } from '../mapping/plan.ts';
import { idOf } from '../mapping/read-entry.ts';
import { makeReferenceTable, type ReferencedResource, type ReferenceTable, type ReferenceTarget } from '../mapping/reference-table.ts';
import { matchId } from '../mapping/translate-filter.ts';
import { locationOf, type OperationContext } from './operation-context.ts';
import { searchPlan } from './search-plan.ts';

/** Terms of an OR that slapd still tests quickly (ldap.md §5). */
const TERMS_PER_SEARCH = 100;

/**
 * Looks up the resources that ids and DNs name, in as few searches as their number allows, below the configured bases and filters
 * only: whatever lies elsewhere stays unknown. Every write resolves anew: a cached DN could name another person by now (decisions 2).
 *
 * @param ids SCIM ids; a text that can be no id names nobody
 * @param dns values of DN attributes
 * @param targets what the ids may name
 */
export async function resolveReferences(
  context: OperationContext,
  ids: Iterable<string>,
  dns: Iterable<string>,
  targets: readonly ReferenceTarget[] = ['users', 'groups'],
): Promise<ReferenceTable> {
  const distinctIds = [...new Set([...ids].map((id) => id.toLowerCase()))];
  const distinctDns = [...new Set(dns)];
  const { dnAttribute } = await context.directory.facts();
  const found = plansOf(context.plan).flatMap((plan) => {
    const ownIds = targets.includes(plan.target) ? distinctIds : [];
    const terms = [
      ...ownIds.map((id) => matchId(plan, id).filter).filter((filter) => !isNothing(filter)),
      ...distinctDns
        .filter((dn) => plan.searchBases.some((base) => isWithin(dn, base)))
        .map((dn): LdapFilter => ({ kind: 'equality', attribute: dnAttribute, value: dn })),
    ];
    return chunk(terms).map((some) => searchTerms(context, plan, some));
  });
  return makeReferenceTable((await Promise.all(found)).flat());
}

function chunk<T>(items: readonly T[]): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let index = 0; index < items.length; index += TERMS_PER_SEARCH) chunks.push(items.slice(index, index + TERMS_PER_SEARCH));
  return chunks;
}

async function searchTerms(
  context: OperationContext,
  plan: ResourcePlan,
  terms: readonly LdapFilter[],
): Promise<readonly ReferencedResource[]> {
  const entries = await searchPlan(context, plan, anyOf(...terms), [plan.id]);
  return entries.flatMap((entry) => referenced(context, plan, entry));
}

function referenced(context: OperationContext, plan: ResourcePlan, entry: Entry): readonly ReferencedResource[] {
  const id = idOf(plan, entry);
  if (id === undefined || valuesOf(entry, plan.id).length !== 1) return [];
  return [{ target: plan.target, id, dn: entry.dn, location: locationOf(context, plan.target, id) }];
}
