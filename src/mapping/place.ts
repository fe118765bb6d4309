import type { AttributePath } from '../scim/attribute-path.ts';
import { descriptionKey, type ElementDescription, fitsDescription } from '../scim/element-description.ts';
import {
  attributeAt,
  copyObject,
  elementsOf,
  isAbsent,
  isList,
  isObject,
  newObject,
  type ScimObject,
  type ScimObjectDraft,
  type ScimValue,
  withAttribute,
} from '../scim/resource.ts';
import type { AttributeDefinition } from '../scim/schema.ts';

/**
 * Where in a resource a mapping line stands.
 *
 * - `single`: `userName`, `name.givenName`, or a whole single complex value such as the manager
 * - `element`: `emails[type eq "work"].value`: a sub-attribute of the one element that the brackets describe
 * - `list`: `members`, `roles.value`: one element per LDAP value
 */
export type Place =
  | { readonly kind: 'single'; readonly path: AttributePath }
  | ElementPlace
  | { readonly kind: 'list'; readonly path: AttributePath };

export interface ElementPlace {
  readonly kind: 'element';
  readonly path: AttributePath & { readonly sub: AttributeDefinition };
  /** What the brackets say: sub-attribute and value. All lines with the same description form one element. */
  readonly description: ElementDescription;
}

/** Whether two lines are about the same value; a whole complex value is the same place as any of its sub-attributes. */
export function samePlace(a: Place, b: Place): boolean {
  const { sub } = a.path;
  if (a.kind === 'element' && b.kind === 'element') return sub === b.path.sub && sameElement(a, b);
  if (a.kind === 'element' || b.kind === 'element') return false;
  return a.path.attribute === b.path.attribute && (sub === undefined || b.path.sub === undefined || sub === b.path.sub);
}

/** Whether two lines are about the same element. */
export function sameElement(a: ElementPlace, b: ElementPlace): boolean {
  return a.path.attribute === b.path.attribute && descriptionKey(a.description) === descriptionKey(b.description);
}

/** The values that a resource has at a place; empty when it has none. */
export function valuesAt(place: Place, resource: ScimObject): readonly ScimValue[] {
  return valuesIn(place, attributeAt(resource, place.path));
}

/** The values at a place, in the value of its attribute. */
export function valuesIn(place: Place, attribute: ScimValue | undefined): readonly ScimValue[] {
  if (attribute === undefined) return [];
  switch (place.kind) {
    case 'single':
      return present(subOf(attribute, place.path.sub));
    case 'element': {
      const element = elementsOf(attribute).find((each) => fitsDescription(each, place.description));
      return element === undefined ? [] : present(subOf(element, place.path.sub));
    }
    case 'list':
      return elementsOf(attribute).flatMap((element) => present(subOf(element, place.path.sub)));
    default:
      return place satisfies never;
  }
}

function subOf(value: ScimValue, sub: AttributeDefinition | undefined): ScimValue | undefined {
  if (sub === undefined) return value;
  return isObject(value) ? value[sub.name] : undefined;
}

function present(value: ScimValue | undefined): readonly ScimValue[] {
  return value === undefined ? [] : [value];
}

/** The resource with values put at a place. No values: the resource as it was. */
export function withValuesAt(place: Place, resource: ScimObject, values: readonly ScimValue[]): ScimObject {
  if (values.length === 0) return resource;
  return withAttribute(resource, place.path, withValuesIn(place, attributeAt(resource, place.path), values));
}

/** The value of the place's attribute with values put at the place. No values: the attribute as it was. */
export function withValuesIn(place: Place, attribute: ScimValue | undefined, values: readonly ScimValue[]): ScimValue | undefined {
  const [first] = values;
  if (first === undefined) return attribute;
  const { sub } = place.path;
  switch (place.kind) {
    case 'single':
      return sub === undefined ? first : withSub(attribute, sub, first);
    case 'element':
      return withElement(place, elementsOf(attribute), first);
    case 'list':
      return sub === undefined ? values : values.map((value) => newObject([[sub.name, value]]));
    default:
      return place satisfies never;
  }
}

/** The resource without the values at a place that are to go; an element that has nothing else goes with its value. */
export function withoutValuesAt(place: Place, resource: ScimObject, goes: (value: ScimValue) => boolean): ScimObject {
  const { sub } = place.path;
  const attribute = attributeAt(resource, place.path);
  const kept = elementsOf(attribute).flatMap((element) => {
    if (place.kind === 'element' && !fitsDescription(element, place.description)) return [element];
    const value = subOf(element, sub);
    if (value === undefined || !goes(value)) return [element];
    if (sub === undefined || !isObject(element)) return [];
    const others = copyObject(element);
    delete others[sub.name];
    return isAbsent(others) ? [] : [others];
  });
  return withAttribute(resource, place.path, isList(attribute) ? kept : kept[0]);
}

function withSub(object: ScimValue | undefined, sub: AttributeDefinition, value: ScimValue): ScimObject {
  const draft: ScimObjectDraft = newObject();
  if (isObject(object)) Object.assign(draft, object);
  draft[sub.name] = value;
  return draft;
}

function withElement(place: ElementPlace, elements: readonly ScimValue[], value: ScimValue): readonly ScimValue[] {
  const index = elements.findIndex((each) => fitsDescription(each, place.description));
  if (index >= 0) return elements.with(index, withSub(elements[index], place.path.sub, value));
  const element = newObject();
  for (const [sub, fixed] of place.description) element[sub.name] = fixed;
  element[place.path.sub.name] = value;
  return [...elements, element];
}
