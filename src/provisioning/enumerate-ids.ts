import { DirectoryError } from '../directory/directory-error.ts';
import type { Entry } from '../ldap/entry.ts';
import { isNothing } from '../ldap/filter.ts';
import { RESULT } from '../ldap/result-code.ts';
import { attributesToRead, idOf } from '../mapping/read-entry.ts';
import { matchId, searchFilter } from '../mapping/translate-filter.ts';
import { badRequest, ScimError } from '../scim/errors.ts';
import type { ScimObject } from '../scim/resource.ts';
import { IdList, type ListedId } from './id-list.ts';
import { isMatch, lensesToEnumerate, type Query, type TypeQuery } from './read-query.ts';
import { searchPlanPages } from './search-plan.ts';
import { compareSorted, directorySortKeys, type SortedId, type SortOrder, sortValueOf } from './sort-order.ts';
import { toResources } from './to-resources.ts';

/** Candidates that are read and checked one by one, where the directory can't decide a filter alone. */
const MAX_CANDIDATES = 10_000;
/** Seconds until the directory has sorted for others. */
const RETRY_AFTER_SORTING = 5;

/**
 * The ids of all resources that a query finds, in its order.
 *
 * LDAP: one paged search per type; where a sort is too large for memory, that one is given up and the directory sorts in another.
 *
 * @throws ScimError tooMany: a filter that needs too many candidates, a sort that neither memory nor the directory can do
 */
export function enumerateIds(query: Query): Promise<IdList> {
  return query.sort === undefined ? byId(query) : bySortOrder(query, query.sort);
}

async function byId({ context, types }: Query): Promise<IdList> {
  const lists = await Promise.all(types.map((type) => gather(matchingIds(context, type))));
  return new IdList(types.flatMap(({ type }, index) => (lists[index] ?? []).toSorted().map((id) => ({ type, id }))));
}

async function bySortOrder(query: Query, sort: SortOrder): Promise<IdList> {
  const { sortLimit } = query.context.paging;
  const sorted = await sortInMemory(query, sort, sortLimit);
  if (sorted !== undefined) return new IdList(sorted);
  const inOrder = await sortByDirectory(query, sort);
  if (inOrder !== undefined) return new IdList(inOrder);
  throw tooManyToSort(sortLimit);
}

/** @returns undefined when there are more than `limit` */
async function sortInMemory({ context, types }: Query, sort: SortOrder, limit: number): Promise<readonly SortedId[] | undefined> {
  const sorted: SortedId[] = [];
  for (const type of types) {
    for await (const entries of matchingEntries(context, type)) {
      for (const { id, resource } of await matchingResources(context, type, entries)) {
        sorted.push({ type: type.type, id, value: sortValueOf(type.sortPath, resource) });
      }
      if (sorted.length > limit) return undefined;
    }
  }
  return sorted.toSorted((a, b) => compareSorted(a, b, sort));
}

/**
 * A directory sorts the entries of one base, and only those that it can select alone.
 *
 * @returns undefined when it can't
 */
async function sortByDirectory({ context, types }: Query, sort: SortOrder): Promise<readonly ListedId[] | undefined> {
  const [type, ...others] = types;
  if (type?.sortPath === undefined || others.length > 0 || !type.match.exact) return undefined;
  const [base, ...otherBases] = type.plan.searchBases;
  if (base === undefined || otherBases.length > 0) return undefined;
  const keys = directorySortKeys(type.sortPath, sort, type.plan, await context.directory.facts());
  if (keys === undefined) return undefined;
  try {
    const filter = searchFilter(type.plan, type.match.filter);
    const entries = await context.directory.searchSorted({ base, scope: 'subtree', filter, attributes: [type.plan.id] }, keys);
    return usableIds(type, entries).map((id) => ({ type: type.type, id }));
  } catch (error) {
    if (error instanceof DirectoryError) throw sortError(error, context.paging.sortLimit);
    throw error;
  }
}

function sortError(error: DirectoryError, limit: number): unknown {
  // The server sorts for as many as it does at a time.
  if (error.code === RESULT.busy) {
    return new ScimError(503, 'the directory is sorting for others at the moment', { cause: error, retryAfter: RETRY_AFTER_SORTING });
  }
  return error.kind === 'refused' ? tooManyToSort(limit, error) : error;
}

function tooManyToSort(limit: number, cause?: DirectoryError): ScimError {
  return badRequest('tooMany', `sortBy: more than ${limit} resources, and the directory cannot sort them by this; use a filter`, cause);
}

async function gather(pages: AsyncIterable<readonly string[]>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of pages) ids.push(...page);
  return ids;
}

/** The ids of what matches, a page at a time. */
async function* matchingIds(context: Query['context'], type: TypeQuery): AsyncGenerator<readonly string[], void, undefined> {
  for await (const entries of matchingEntries(context, type)) {
    yield type.match.exact ? usableIds(type, entries) : (await matchingResources(context, type, entries)).map(({ id }) => id);
  }
}

/** Those that a page can be fetched by. */
function usableIds({ plan }: TypeQuery, entries: readonly Entry[]): readonly string[] {
  return entries.flatMap((entry) => {
    const id = idOf(plan, entry);
    return id === undefined || isNothing(matchId(plan, id).filter) ? [] : [id];
  });
}

interface MatchingResource {
  readonly id: string;
  readonly resource: ScimObject;
}

async function matchingResources(
  context: Query['context'],
  type: TypeQuery,
  entries: readonly Entry[],
): Promise<readonly MatchingResource[]> {
  const usable = new Set(usableIds(type, entries));
  const resources = await toResources(context, type.plan, lensesToEnumerate(type), entries);
  return resources.flatMap((resource) => {
    const { id } = resource;
    return typeof id === 'string' && usable.has(id) && isMatch(type, resource) ? [{ id, resource }] : [];
  });
}

/** The entries of what may match, with what `lensesToEnumerate` reads. @throws ScimError tooMany */
async function* matchingEntries(context: Query['context'], type: TypeQuery): AsyncGenerator<readonly Entry[], void, undefined> {
  const { plan, match } = type;
  const lenses = lensesToEnumerate(type);
  const attributes = match.exact && type.sortPath === undefined ? [plan.id] : attributesToRead(plan, lenses);
  let candidates = 0;
  for await (const entries of searchPlanPages(context, plan, match.filter, attributes)) {
    candidates += entries.length;
    if (!match.exact && candidates > MAX_CANDIDATES) {
      throw badRequest('tooMany', `filter: more than ${MAX_CANDIDATES} resources would have to be checked one by one`);
    }
    yield entries;
  }
}
