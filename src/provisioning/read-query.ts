import { EVERYTHING, isNothing } from '../ldap/filter.ts';
import type { FilterMatch, Lens } from '../mapping/lens.ts';
import { isReferenceLens, type ResourcePlan } from '../mapping/plan.ts';
import { lensesFor } from '../mapping/read-entry.ts';
import { lensesOfFilter, referencedIds, translateFilter } from '../mapping/translate-filter.ts';
import type { AttributePath } from '../scim/attribute-path.ts';
import { badRequest } from '../scim/errors.ts';
import { evaluateFilter } from '../scim/evaluate-filter.ts';
import type { Filter } from '../scim/filter.ts';
import { readFilter } from '../scim/lenient-filter.ts';
import { type Projection, readProjection } from '../scim/projection.ts';
import type { ScimObject } from '../scim/resource.ts';
import { narrowFilter, withNamesOf } from './narrow-filter.ts';
import { type OperationContext, resourcePlans } from './operation-context.ts';
import { lensesOfSortPath, readSortOrder, readSortPath, type SortOrder } from './sort-order.ts';
import { makeLensContext } from './to-resources.ts';

/** A query as the client wrote it (RFC 7644 §3.4.2, RFC 9865 §2); undefined is what it left out. */
export interface QueryRequest {
  readonly attributes: readonly string[] | undefined;
  readonly excludedAttributes: readonly string[] | undefined;
  readonly filter: string | undefined;
  readonly sortBy: string | undefined;
  readonly sortOrder: string | undefined;
  readonly startIndex: number | undefined;
  readonly count: number | undefined;
  /** Empty for the first page. */
  readonly cursor: string | undefined;
}

/** A query, understood. */
export interface Query {
  readonly context: OperationContext;
  /** The types of resources that may have something to show, in the tenant's order. */
  readonly types: readonly TypeQuery[];
  /** Undefined: by type, then by id. */
  readonly sort: SortOrder | undefined;
}

/** A query as it concerns one type of resource. */
export interface TypeQuery {
  /** Position among the tenant's types. */
  readonly type: number;
  readonly plan: ResourcePlan;
  readonly filter: Filter | undefined;
  readonly match: FilterMatch;
  readonly projection: Projection;
  /** Undefined also where this type hasn't got what the answer is sorted by. */
  readonly sortPath: AttributePath | undefined;
}

/**
 * Reads a query over some types of resources. A name that only one of them knows is without a value in the others.
 *
 * LDAP: one search per type for the ids in the filter that references are compared with, if there are any.
 *
 * @throws ScimError invalidFilter, invalidPath, invalidValue
 */
export async function readQuery(context: OperationContext, plans: readonly ResourcePlan[], request: QueryRequest): Promise<Query> {
  const sort = readSortOrder(request.sortBy, request.sortOrder);
  const sortPaths = plans.map((plan) => (sort === undefined ? undefined : readSortPath(sort.sortBy, plan)));
  if (sort !== undefined && sortPaths.every((path) => path === undefined)) {
    throw badRequest('invalidPath', `sortBy: ${JSON.stringify(sort.sortBy)} is not mapped here`);
  }
  const filters = await readFilters(context, plans, request.filter?.trim() ?? '');
  const positions = resourcePlans(context);
  const types = plans.flatMap((plan, index): readonly TypeQuery[] => {
    const { filter, match } = filters[index] ?? ALL;
    if (isNothing(match.filter)) return [];
    const projection = readProjection(request.attributes, request.excludedAttributes, plan.resourceType);
    return [{ type: positions.indexOf(plan), plan, filter, match, projection, sortPath: sortPaths[index] }];
  });
  return { context, types, sort };
}

type TypeFilter = Pick<TypeQuery, 'filter' | 'match'>;

const ALL: TypeFilter = { filter: undefined, match: { filter: EVERYTHING, exact: true } };
const NONE: TypeFilter = { filter: undefined, match: { filter: { kind: 'or', filters: [] }, exact: true } };

async function readFilters(context: OperationContext, plans: readonly ResourcePlan[], text: string): Promise<readonly TypeFilter[]> {
  if (text === '') return plans.map(() => ALL);
  const types = plans.map(({ resourceType }) => resourceType);
  const parsed = plans.map((plan) => {
    const others = types.filter((type) => type !== plan.resourceType);
    return { plan, filter: readFilter(text, others.length === 0 ? plan.resourceType : withNamesOf(plan.resourceType, others)) };
  });
  const lensContext = await makeLensContext(context, {
    ids: parsed.flatMap(({ plan, filter }) => referencedIds(filter, plan)),
    targets: parsed.flatMap(({ plan, filter }) =>
      lensesOfFilter(filter, plan)
        .filter(isReferenceLens)
        .flatMap(({ refersTo }) => refersTo),
    ),
  });
  const narrowed = parsed.map(({ plan, filter }) => ({ plan, ...narrowFilter(filter, plan, lensContext) }));
  const [first, ...others] = narrowed.map(({ unmapped }) => unmapped);
  const [unknown] = [...(first ?? [])].filter((path) => others.every((unmapped) => unmapped.has(path)));
  if (unknown !== undefined) throw badRequest('invalidFilter', `filter: ${unknown} is not mapped here`);
  return narrowed.map(({ plan, filter }) => {
    if (typeof filter === 'boolean') return filter ? ALL : NONE;
    return { filter, match: translateFilter(filter, plan, lensContext) };
  });
}

/** The lines that have to be read to check a candidate, where the directory alone can't decide the filter. */
function lensesToCheck({ filter, match, plan }: TypeQuery): readonly Lens[] {
  return match.exact || filter === undefined ? [] : lensesOfFilter(filter, plan);
}

/** The lines that have to be read to check a candidate and to see its place in the order. */
export function lensesToEnumerate(type: TypeQuery): readonly Lens[] {
  const { sortPath, plan } = type;
  return [...new Set([...lensesToCheck(type), ...(sortPath === undefined ? [] : lensesOfSortPath(sortPath, plan))])];
}

/** The lines that have to be read to check a candidate, to see its place in the order, and to show it. */
export function lensesToShow(type: TypeQuery): readonly Lens[] {
  const shown = lensesFor(type.plan, type.projection);
  const others = lensesToEnumerate(type).filter((lens) => !shown.includes(lens));
  return others.length === 0 ? shown : [...shown, ...others];
}

/** Whether a candidate is one of those asked for. */
export function isMatch({ filter, match }: TypeQuery, resource: ScimObject): boolean {
  return match.exact || filter === undefined || evaluateFilter(filter, resource);
}
