import type { Filter, FilterValue } from './filter.ts';
import { isObject, type ScimValue } from './resource.ts';
import { sameValue, valueKey } from './same-value.ts';
import type { AttributeDefinition } from './schema.ts';

/** What the brackets of `emails[type eq "work"]` say of an element: sub-attribute and value. */
export type ElementDescription = ReadonlyMap<AttributeDefinition, Exclude<FilterValue, null>>;

/** What a conjunction of `eq` terms says of an element; undefined for any other filter, and for one that contradicts itself. */
export function describeElement(filter: Filter): ElementDescription | undefined {
  const description = new Map<AttributeDefinition, Exclude<FilterValue, null>>();
  for (const term of filter.kind === 'and' ? filter.filters : [filter]) {
    if (term.kind !== 'compare' || term.operator !== 'eq' || term.value === null) return undefined;
    const sub = term.path.attribute;
    if (description.has(sub) && !sameValue(sub, description.get(sub), term.value)) return undefined;
    description.set(sub, term.value);
  }
  return description;
}

/** Whether an element is the described one. Text is compared as its sub-attribute says (`type` without case). */
export function fitsDescription(element: ScimValue, description: ElementDescription): boolean {
  return isObject(element) && [...description].every(([sub, value]) => sameValue(sub, element[sub.name], value));
}

/** A text that two descriptions of elements of one attribute share exactly when they describe the same element. */
export function descriptionKey(description: ElementDescription): string {
  return [...description]
    .map(([sub, value]) => `${sub.name} ${valueKey(sub, value)}`)
    .toSorted()
    .join(' ');
}
