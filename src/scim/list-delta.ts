import { badRequest } from './errors.ts';
import type { Filter } from './filter.ts';
import type { PatchOperation } from './read-patch.ts';
import { type ReadPolicy, readValue } from './read-value.ts';
import { elementsOf, isObject } from './resource.ts';

/**
 * What the operations of one PATCH do to a list whose elements are known by their `value`: the members of a group.
 * It can be carried out without knowing the list, however long that is.
 */
export interface ListDelta {
  /** All present elements go first. */
  readonly clears: boolean;
  readonly add: ReadonlySet<string>;
  /** Disjoint from `add`: of several operations on one element the last counts. Empty when `clears`. */
  readonly remove: ReadonlySet<string>;
}

/**
 * Reads the operations on one multi-valued attribute as a delta, in all shapes of entra-scim-client §6.5:
 * lists, one object, a bare id; removal by list, by `[value eq "…"]` (several joined by `or`), or of everything.
 *
 * @param operations all on the same attribute, in order
 * @returns undefined when one of them needs to know the list: another filter, or a path to a sub-attribute
 * @throws ScimError invalidValue for an element without `value`
 */
export function readListDelta(operations: readonly PatchOperation[], policy: ReadPolicy): ListDelta | undefined {
  let clears = false;
  const wanted = new Map<string, 'add' | 'remove'>();
  for (const operation of operations) {
    const { op, path, at } = operation;
    if (path.sub !== undefined) return undefined;
    if (path.valueFilter !== undefined) {
      const values = valuesNamedBy(path.valueFilter);
      if (values === undefined || op !== 'remove' || operation.value !== undefined) return undefined;
      for (const value of values) wanted.set(value, 'remove');
      continue;
    }
    if (op === 'remove' && operation.value === null) throw badRequest('invalidValue', `${at}: leave value out to remove everything`);
    if (op === 'replace' || (op === 'remove' && operation.value === undefined)) {
      clears = true;
      wanted.clear();
    }
    for (const value of readElementValues(operation, policy)) wanted.set(value, op === 'remove' ? 'remove' : 'add');
  }
  const named = (verb: 'add' | 'remove') => new Set([...wanted].filter(([, each]) => each === verb).map(([value]) => value));
  return { clears, add: named('add'), remove: clears ? new Set() : named('remove') };
}

function readElementValues(operation: PatchOperation, policy: ReadPolicy): readonly string[] {
  if (operation.value === undefined) return [];
  return elementsOf(readValue(operation.path.attribute, operation.value, operation.at, policy)).map((element) => {
    const value = isObject(element) ? element['value'] : element;
    if (typeof value !== 'string') throw badRequest('invalidValue', `${operation.at}: an element has no value`);
    return value;
  });
}

/** The values of `value eq "a" or value eq "b"`; undefined for any other filter. */
function valuesNamedBy(filter: Filter): readonly string[] | undefined {
  if (filter.kind === 'or') {
    const each = filter.filters.map(valuesNamedBy);
    return each.includes(undefined) ? undefined : each.flatMap((values) => values ?? []);
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || filter.path.attribute.name !== 'value') return undefined;
  return typeof filter.value === 'string' ? [filter.value] : undefined;
}
