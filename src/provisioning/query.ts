import type { Entry } from '../ldap/entry.ts';
import { anyOf, EVERYTHING, isNothing, type LdapFilter } from '../ldap/filter.ts';
import type { FilterMatch, Lens, LensContext } from '../mapping/lens.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { attributesToRead, idOf, lensesFor } from '../mapping/read-entry.ts';
import { lensesOfFilter, matchId, referencedIds, searchFilter, translateFilter } from '../mapping/translate-filter.ts';
import { badRequest } from '../scim/errors.ts';
import { evaluateFilter } from '../scim/evaluate-filter.ts';
import type { Filter } from '../scim/filter.ts';
import { listResponse } from '../scim/messages.ts';
import { type Projection, project } from '../scim/projection.ts';
import type { ScimObject } from '../scim/resource.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import type { OperationContext } from './operation-context.ts';
import { makeLensContext, toResources } from './to-resources.ts';

/** Index paging (RFC 7644 §3.4.2.4): both as the client asked, `count` undefined when it didn't. */
export interface QueryRequest {
  readonly filter: Filter | undefined;
  readonly startIndex: number;
  readonly count: number | undefined;
  readonly projection: Projection;
}

/** A page is fetched by its ids in searches of so many terms; larger ones cost slapd more than they save (ldap.md §5). */
const IDS_PER_SEARCH = 50;
/** Candidates that are read and checked one by one, where the directory can't decide a filter alone. */
const MAX_CANDIDATES = 10_000;

/**
 * Resources that match a filter, a page at a time, in the order of their ids (RFC 7644 §3.4.2). `totalResults` is exact.
 *
 * LDAP: one search when everything fits on the first page; otherwise one enumeration and one search per 50 resources of the page;
 * and one for each batch of references, when the answer shows any.
 *
 * @throws ScimError invalidFilter, tooMany, 503; never a shortened list
 */
export function queryResources(context: OperationContext, plan: ResourcePlan, request: QueryRequest): Promise<ScimObject> {
  return translatingErrors(plan, 'query', async () => {
    const ids = request.filter === undefined ? [] : referencedIds(request.filter, plan);
    const lensContext = await makeLensContext(context, ids, []);
    const match = request.filter === undefined ? { filter: EVERYTHING, exact: true } : translateFilter(request.filter, plan, lensContext);
    const startIndex = Math.max(1, request.startIndex);
    const count = Math.min(Math.max(0, request.count ?? context.paging.defaultPageSize), context.paging.maxPageSize);
    if (isNothing(match.filter)) return listResponse([], 0, startIndex);
    const query: Query = { context, plan, request, match, lensContext };
    const page = startIndex === 1 && count > 0 ? await firstPage(query, count) : undefined;
    const { total, resources } = page ?? (await laterPage(query, startIndex, count));
    return listResponse(
      resources.map((resource) => project(resource, request.projection, plan.resourceType)),
      total,
      startIndex,
    );
  });
}

interface Query {
  readonly context: OperationContext;
  readonly plan: ResourcePlan;
  readonly request: QueryRequest;
  readonly match: FilterMatch;
  readonly lensContext: LensContext;
}

interface Page {
  readonly total: number;
  readonly resources: readonly ScimObject[];
}

/** All that match, in one search; undefined when they are more than fit on a page. */
async function firstPage({ context, plan, request, match }: Query, count: number): Promise<Page | undefined> {
  const shown = lensesFor(plan, request.projection);
  const lenses = match.exact ? shown : [...new Set([...shown, ...lensesToCheck(request, plan)])];
  const search = {
    base: plan.base,
    scope: 'subtree',
    filter: searchFilter(plan, match.filter),
    attributes: attributesToRead(plan, lenses),
  } as const;
  const { entries, more } = await context.directory.searchFirst(search, count);
  if (more) return undefined;
  const resources = (await toResources(context, plan, lenses, entries)).filter((resource) => isMatch(request, match, resource));
  return { total: resources.length, resources: byId(resources) };
}

/** Enumerates the ids of all that match, then fetches those of the page. */
async function laterPage(query: Query, startIndex: number, count: number): Promise<Page> {
  const { context, plan, request } = query;
  const ids = await enumerateIds(query);
  const lenses = lensesFor(plan, request.projection);
  const wanted = ids.slice(startIndex - 1, startIndex - 1 + count);
  const searches: Promise<readonly Entry[]>[] = [];
  for (let index = 0; index < wanted.length; index += IDS_PER_SEARCH) {
    const filter = anyOf(...wanted.slice(index, index + IDS_PER_SEARCH).map((id) => matchId(plan, id).filter));
    searches.push(fetchPage(context, plan, filter, lenses));
  }
  const entries = (await Promise.all(searches)).flat();
  return { total: ids.length, resources: byId(await toResources(context, plan, lenses, entries)) };
}

function fetchPage(context: OperationContext, plan: ResourcePlan, filter: LdapFilter, lenses: readonly Lens[]): Promise<readonly Entry[]> {
  return context.directory.search({
    base: plan.base,
    scope: 'subtree',
    filter: searchFilter(plan, filter),
    attributes: attributesToRead(plan, lenses),
  });
}

async function enumerateIds({ context, plan, request, match }: Query): Promise<readonly string[]> {
  const lenses = match.exact ? [] : lensesToCheck(request, plan);
  const attributes = match.exact ? [plan.id] : attributesToRead(plan, lenses);
  const ids: string[] = [];
  let candidates = 0;
  for await (const entries of context.directory.searchPages({
    base: plan.base,
    scope: 'subtree',
    filter: searchFilter(plan, match.filter),
    attributes,
  })) {
    candidates += entries.length;
    if (!match.exact && candidates > MAX_CANDIDATES) {
      throw badRequest('tooMany', `filter: more than ${MAX_CANDIDATES} resources would have to be checked one by one`);
    }
    if (match.exact) {
      ids.push(...entries.map((entry) => idOf(plan, entry)).filter((id) => id !== undefined));
      continue;
    }
    const resources = await toResources(context, plan, lenses, entries);
    for (const resource of resources) if (isMatch(request, match, resource)) ids.push(idText(resource));
  }
  return ids.toSorted();
}

function lensesToCheck(request: QueryRequest, plan: ResourcePlan): readonly Lens[] {
  return request.filter === undefined ? [] : lensesOfFilter(request.filter, plan);
}

function isMatch({ filter }: QueryRequest, { exact }: FilterMatch, resource: ScimObject): boolean {
  return exact || filter === undefined || evaluateFilter(filter, resource);
}

function byId(resources: readonly ScimObject[]): readonly ScimObject[] {
  return resources.toSorted((a, b) => (idText(a) < idText(b) ? -1 : 1));
}

function idText(resource: ScimObject): string {
  const { id } = resource;
  return typeof id === 'string' ? id : '';
}
