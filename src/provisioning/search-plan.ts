import type { Directory, Lookup } from '../directory/directory.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import type { Entry } from '../ldap/entry.ts';
import { anyOf, isNothing, type LdapFilter } from '../ldap/filter.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { searchFilter } from '../mapping/translate-filter.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * Searches for the entries of one plan: below its branches and within its filter only, one LDAP search per branch that lies in no other.
 * What can match nothing is not asked.
 */

type SearchContext = Pick<OperationContext, 'directory'>;

/**
 * All entries that match. For answers that are known to be small.
 *
 * @param matchedValues see `SearchRequest`
 */
export async function searchPlan(
  { directory }: SearchContext,
  plan: ResourcePlan,
  filter: LdapFilter,
  attributes: readonly string[],
  matchedValues?: readonly LdapFilter[],
): Promise<readonly Entry[]> {
  await refuseUnknownMark(directory, plan);
  const searches = searchesOf(plan, filter, attributes).map((search) =>
    matchedValues === undefined ? search : { ...search, matchedValues },
  );
  const found = await Promise.all(searches.map((search) => directory.search(search)));
  return found.flat();
}

/** The entries with some values of an attribute; other requests' searches for the same may be put together with these. */
export async function lookUpInPlan(
  { directory }: SearchContext,
  plan: ResourcePlan,
  { attribute, values }: Pick<Lookup, 'attribute' | 'values'>,
  attributes: readonly string[],
): Promise<readonly Entry[]> {
  await refuseUnknownMark(directory, plan);
  const filter = anyOf(...values.map((value): LdapFilter => ({ kind: 'equality', attribute, value })));
  const lookup: Lookup = { within: plan.filter, attribute, values };
  const found = await Promise.all(searchesOf(plan, filter, attributes).map((search) => directory.search({ ...search, lookup })));
  return found.flat();
}

/** The first `limit` entries, and whether there are more. */
export async function searchPlanFirst(
  { directory }: SearchContext,
  plan: ResourcePlan,
  filter: LdapFilter,
  attributes: readonly string[],
  limit: number,
): Promise<{ readonly entries: readonly Entry[]; readonly more: boolean }> {
  await refuseUnknownMark(directory, plan);
  const found: Entry[] = [];
  for (const search of searchesOf(plan, filter, attributes)) {
    const { entries, more } = await directory.searchFirst(search, limit - found.length);
    found.push(...entries);
    if (more) return { entries: found, more };
  }
  return { entries: found, more: false };
}

/** All entries that match, a page at a time, for answers of any size. */
export async function* searchPlanPages(
  { directory }: SearchContext,
  plan: ResourcePlan,
  filter: LdapFilter,
  attributes: readonly string[],
): AsyncGenerator<readonly Entry[], void, undefined> {
  await refuseUnknownMark(directory, plan);
  for (const search of searchesOf(plan, filter, attributes)) yield* directory.searchPages(search);
}

function searchesOf(plan: ResourcePlan, filter: LdapFilter, attributes: readonly string[]) {
  const within = searchFilter(plan, filter);
  return isNothing(within) ? [] : plan.searchBases.map((base) => ({ base, scope: 'subtree', filter: within, attributes }) as const);
}

/**
 * Deleted entries that are kept are excluded by `(!(mark=value))`. On a server whose schema lacks the attribute that is undefined, and nobody
 * would be found (RFC 4511 §4.5.1.7): a client must not take that for an empty directory.
 */
async function refuseUnknownMark(directory: Directory, { onDelete }: ResourcePlan): Promise<void> {
  if (onDelete.kind !== 'deactivate') return;
  const { schema } = await directory.facts();
  if (schema.attributeType(onDelete.mark.ldap) !== undefined) return;
  throw new DirectoryError('refused', `the directory's schema lacks ${onDelete.mark.ldap}, which marks deleted entries`);
}
