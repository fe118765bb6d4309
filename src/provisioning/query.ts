import { createHash } from 'node:crypto';
import type { Entry } from '../ldap/entry.ts';
import { allOf, anyOf } from '../ldap/filter.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { attributesToRead } from '../mapping/read-entry.ts';
import { matchId } from '../mapping/translate-filter.ts';
import { badRequest } from '../scim/errors.ts';
import { cursorListResponse, listResponse } from '../scim/messages.ts';
import { project } from '../scim/projection.ts';
import type { ScimObject } from '../scim/resource.ts';
import { type CursorScope, makeCursor, readCursor } from './cursor.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import { enumerateIds } from './enumerate-ids.ts';
import type { IdList, ListedId } from './id-list.ts';
import type { Freshness } from './id-snapshots.ts';
import { mayLag } from './may-lag.ts';
import type { OperationContext } from './operation-context.ts';
import { isMatch, lensesToShow, type Query, type QueryRequest, readQuery, type TypeQuery } from './read-query.ts';
import { searchPlan, searchPlanFirst } from './search-plan.ts';
import { compareSorted, sortValueOf } from './sort-order.ts';
import { toResources } from './to-resources.ts';

export type { QueryRequest };

/** A page is fetched by its ids in searches of so many terms; larger ones cost slapd more than they save (ldap.md §5). */
const IDS_PER_SEARCH = 50;

/**
 * Resources that match a filter, a page at a time (RFC 7644 §3.4.2, RFC 9865), sorted or else in the order of their ids, users first.
 * `totalResults` is exact.
 *
 * Pages by index show the resources as they are now, but for what others wrote into the directory in the last minute; each first
 * page counts anew. Pages by cursor continue behind the last id, so that whatever comes and goes, nobody is shown twice and nobody
 * who stays is missed.
 *
 * LDAP: one search per type when everything fits on the first page; otherwise one enumeration, unless it is still known, and one
 * search per 50 resources of the page; and one for each batch of references, when the answer shows any.
 *
 * @param plans one type of resource, or all that the tenant has
 * @throws ScimError invalidFilter, invalidPath, invalidValue, tooMany, the errors of cursors, 503; never a shortened list
 */
export function queryResources(context: OperationContext, plans: readonly ResourcePlan[], request: QueryRequest): Promise<ScimObject> {
  return translatingErrors(plans[0] ?? context.plan.users, 'query', async () => {
    const query = await readQuery(context, plans, request);
    return request.cursor === undefined ? pageByIndex(query, request) : pageByCursor(query, plans, request, request.cursor);
  });
}

async function pageByIndex(query: Query, request: QueryRequest): Promise<ScimObject> {
  const startIndex = Math.max(1, request.startIndex ?? 1);
  const count = pageSize(query.context, request);
  const all = startIndex === 1 ? await allOnOnePage(query, count) : undefined;
  if (all !== undefined) return listResponse(all, all.length, startIndex);
  const ids = await findIds(query, request, startIndex === 1 ? 'new' : 'current');
  return listResponse(await fetchResources(query, ids.slice(startIndex - 1, count)), ids.length, startIndex);
}

async function pageByCursor(query: Query, plans: readonly ResourcePlan[], request: QueryRequest, cursor: string): Promise<ScimObject> {
  if (request.startIndex !== undefined) throw badRequest('invalidValue', 'cursor and startIndex do not go together');
  if (query.sort !== undefined)
    throw badRequest('invalidValue', 'sortBy: pages by cursor are in the order of ids; use startIndex with sortBy');
  const { context } = query;
  const count = pageSize(context, request);
  const types = plans.map(({ target }) => target);
  const text = JSON.stringify([types, request.filter, request.attributes, request.excludedAttributes]);
  const scope: CursorScope = { key: context.cursorKey, query: text, count };
  const last = cursor === '' ? undefined : readCursor(cursor, scope, Date.now(), context.paging.cursorTimeout);
  const all = last === undefined ? await allOnOnePage(query, count) : undefined;
  if (all !== undefined) return cursorListResponse(all, all.length, undefined);
  const ids = await findIds(query, request, last === undefined ? 'new' : 'any');
  const start = last === undefined ? 0 : ids.positionAfter(last);
  const page = ids.slice(start, count);
  const end = page.at(-1);
  const isLast = end === undefined || start + count >= ids.length;
  return cursorListResponse(await fetchResources(query, page), ids.length, isLast ? undefined : makeCursor(end, scope, Date.now()));
}

function pageSize({ paging }: OperationContext, { count }: QueryRequest): number {
  return Math.min(Math.max(0, count ?? paging.defaultPageSize), paging.maxPageSize);
}

/** The ids of all that match, in the query's order; those of an earlier request where they are fresh enough. */
function findIds(query: Query, { filter, sortBy, sortOrder }: QueryRequest, freshness: Freshness): Promise<IdList> {
  const { context, types } = query;
  const what = JSON.stringify([context.baseUrl, types.map(({ type }) => type), filter, sortBy, sortOrder]);
  return context.snapshots.find(createHash('sha256').update(what).digest('base64'), freshness, () => enumerateIds(query));
}

/** All that match, in one search per type; undefined when they are more than fit on a page. */
async function allOnOnePage({ context, types, sort }: Query, count: number): Promise<readonly ScimObject[] | undefined> {
  if (types.length === 0) return [];
  if (count === 0) return undefined;
  const found: { readonly type: TypeQuery; readonly entries: readonly Entry[] }[] = [];
  let places = count;
  for (const type of types) {
    const { plan, match } = type;
    const attributes = attributesToRead(plan, lensesToShow(type));
    const { entries, more } = await searchPlanFirst(mayLag(context), plan, match.filter, attributes, places);
    if (more) return undefined;
    places -= entries.length;
    found.push({ type, entries });
  }
  const resources = await Promise.all(found.map(({ type, entries }) => matchingResources(context, type, entries)));
  const order = sort ?? { descending: false };
  const listed = resources.flat().map(({ type, resource }) => {
    const value = sort === undefined ? undefined : sortValueOf(type.sortPath, resource);
    return { type: type.type, id: idText(resource), value, shown: project(resource, type.projection, type.plan.resourceType) };
  });
  return listed.toSorted((a, b) => compareSorted(a, b, order)).map(({ shown }) => shown);
}

async function matchingResources(context: OperationContext, type: TypeQuery, entries: readonly Entry[]) {
  const resources = await toResources(context, type.plan, lensesToShow(type), entries);
  return resources.filter((resource) => isMatch(type, resource)).map((resource) => ({ type, resource }));
}

/** These resources in this order; without those that are gone or no longer match. */
async function fetchResources({ context, types }: Query, ids: readonly ListedId[]): Promise<readonly ScimObject[]> {
  const found = await Promise.all(types.map((type) => fetchOfType(context, type, ids)));
  const shown = new Map(
    found
      .flat()
      .map(({ type, resource }) => [
        keyOf({ type: type.type, id: idText(resource) }),
        project(resource, type.projection, type.plan.resourceType),
      ]),
  );
  return ids.map((id) => shown.get(keyOf(id))).filter((resource) => resource !== undefined);
}

async function fetchOfType(context: OperationContext, type: TypeQuery, ids: readonly ListedId[]) {
  const { plan, match } = type;
  const terms = ids.filter((each) => each.type === type.type).map(({ id }) => matchId(plan, id).filter);
  const searches: Promise<readonly Entry[]>[] = [];
  for (let index = 0; index < terms.length; index += IDS_PER_SEARCH) {
    const filter = allOf(match.filter, anyOf(...terms.slice(index, index + IDS_PER_SEARCH)));
    const attributes = attributesToRead(plan, lensesToShow(type));
    searches.push(searchPlan(context, plan, filter, attributes));
  }
  return matchingResources(context, type, (await Promise.all(searches)).flat());
}

function keyOf({ type, id }: ListedId): string {
  return `${type} ${id.toLowerCase()}`;
}

function idText({ id }: ScimObject): string {
  return typeof id === 'string' ? id : '';
}
