import { isObject, type ScimValue } from './resource.ts';
import { findSubAttribute } from './resource-type.ts';
import { valueKey } from './same-value.ts';
import type { AttributeDefinition } from './schema.ts';

/**
 * Finds elements of a list that are the same thing: same `value` and, where both say one, same `type` (RFC 7644 §3.5.2.1);
 * without a `value`, the same as a whole. However long the list, finding one costs the same.
 */
export class ElementIndex {
  readonly #definition: AttributeDefinition;
  /** What makes an element the same as a whole: everything but the mark that it is the preferred one. */
  readonly #whole: AttributeDefinition;
  readonly #positions = new Map<string, number>();

  constructor(definition: AttributeDefinition, elements: readonly ScimValue[]) {
    this.#definition = definition;
    this.#whole = { ...definition, subAttributes: definition.subAttributes.filter((sub) => sub.name !== 'primary') };
    for (const [position, element] of elements.entries()) this.file(element, position);
  }

  /** Of several elements that are the same thing the first is found. */
  file(element: ScimValue, position: number): void {
    const { whatever, typed } = this.#keysOf(element);
    for (const key of [whatever, typed ?? untyped(whatever)]) if (!this.#positions.has(key)) this.#positions.set(key, position);
    // It may have stood here without a type until now.
    if (typed !== undefined && this.#positions.get(untyped(whatever)) === position) this.#positions.delete(untyped(whatever));
  }

  find(element: ScimValue): number | undefined {
    const { whatever, typed } = this.#keysOf(element);
    return typed === undefined ? this.#positions.get(whatever) : (this.#positions.get(typed) ?? this.#positions.get(untyped(whatever)));
  }

  #keysOf(element: ScimValue): { readonly whatever: string; readonly typed: string | undefined } {
    const value = this.#keyOfSub(element, 'value');
    if (value === undefined) return { whatever: `whole ${valueKey(this.#whole, element)}`, typed: undefined };
    const type = this.#keyOfSub(element, 'type');
    return { whatever: `value ${value}`, typed: type === undefined ? undefined : `value ${value} of type ${type}` };
  }

  #keyOfSub(element: ScimValue, name: string): string | undefined {
    const sub = findSubAttribute(this.#definition, name);
    const value = isObject(element) && sub !== undefined ? element[sub.name] : undefined;
    return sub === undefined || value === undefined ? undefined : valueKey(sub, value);
  }
}

function untyped(key: string): string {
  return `${key} without type`;
}
