import type { LensContext } from '../mapping/lens.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { translateFilter } from '../mapping/translate-filter.ts';
import { ScimError } from '../scim/errors.ts';
import { evaluateFilter } from '../scim/evaluate-filter.ts';
import type { Filter } from '../scim/filter.ts';
import { formatAttributePath } from '../scim/format-filter.ts';
import { newObject } from '../scim/resource.ts';
import type { ResourceType } from '../scim/resource-type.ts';

/** A filter as one type of resource sees it. */
export interface NarrowedFilter {
  /** `true` and `false` where it is the same for all resources of the type. */
  readonly filter: Filter | boolean;
  /** The paths that no line of the type maps. They count as attributes without a value (RFC 7644 §3.4.2.1). */
  readonly unmapped: ReadonlySet<string>;
}

/** Decides what all resources of a type have in common: their `meta.resourceType`, and what they all lack. */
export function narrowFilter(filter: Filter, plan: ResourcePlan, context: LensContext): NarrowedFilter {
  const unmapped = new Set<string>();
  const anyResource = newObject([['meta', newObject([['resourceType', plan.resourceType.name]])]]);
  const decide = (term: Term): Filter | boolean => {
    if (isResourceType(term)) return evaluateFilter(term, anyResource);
    if (isMapped(term, plan, context)) return term;
    unmapped.add(formatAttributePath(term.path));
    return evaluateFilter(term, anyResource);
  };
  return { filter: narrow(filter, decide), unmapped };
}

type Term = Extract<Filter, { kind: 'compare' | 'present' | 'valuePath' }>;

function narrow(filter: Filter, decide: (term: Term) => Filter | boolean): Filter | boolean {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const deciding = filter.kind === 'or';
      const parts = filter.filters.map((each) => narrow(each, decide));
      if (parts.includes(deciding)) return deciding;
      const filters = parts.filter((part) => typeof part !== 'boolean');
      const [first] = filters;
      if (first === undefined) return !deciding;
      return filters.length === 1 ? first : { kind: filter.kind, filters };
    }
    case 'not': {
      const inner = narrow(filter.filter, decide);
      return typeof inner === 'boolean' ? !inner : { kind: 'not', filter: inner };
    }
    case 'compare':
    case 'present':
    case 'valuePath':
      return decide(filter);
    default:
      return filter satisfies never;
  }
}

function isResourceType({ path: { attribute, sub, isExtension } }: Term): boolean {
  return !isExtension && attribute.name === 'meta' && sub?.name === 'resourceType';
}

function isMapped(term: Term, plan: ResourcePlan, context: LensContext): boolean {
  try {
    translateFilter(term, plan, context);
    return true;
  } catch (error) {
    if (error instanceof ScimError && error.scimType === 'invalidFilter') return false;
    throw error;
  }
}

/** A type that also understands the names of others, so that one filter can be read for all of them. Its own names come first. */
export function withNamesOf(own: ResourceType, others: readonly ResourceType[]): ResourceType {
  return {
    ...own,
    extensions: [...own.extensions, ...others.flatMap(({ schema, extensions }) => [schema, ...extensions])],
    findSchema: (urn) => firstDefined([own, ...others], (type) => type.findSchema(urn)),
    findAttribute: (name, schema) => firstDefined([own, ...others], (type) => type.findAttribute(name, schema)),
  };
}

function firstDefined<T>(types: readonly ResourceType[], find: (type: ResourceType) => T | undefined): T | undefined {
  for (const type of types) {
    const found = find(type);
    if (found !== undefined) return found;
  }
  return undefined;
}
