import type { AttributePath } from '../scim/attribute-path.ts';
import { fitsDescription } from '../scim/element-description.ts';
import { attributeAt, copyObject, elementsOf, isObject, type ScimObject, type ScimValue, withAttribute } from '../scim/resource.ts';
import { sameValue } from '../scim/same-value.ts';
import { type ElementPlace, sameElement } from './place.ts';
import type { ResourcePlan } from './plan.ts';

/**
 * Makes the lists of a resource fit the elements that the file maps: at most one per `[…]`.
 *
 * - An element without any of the described sub-attributes (OneLogin's templates send no `type`) becomes the first described
 *   element that nobody else fills.
 * - Of several that fit one description the new one counts, among new ones the primary one, otherwise the last.
 *
 * @param before the resource as it was; undefined when it is being created
 */
export function assignElements(plan: ResourcePlan, resource: ScimObject, before: ScimObject | undefined): ScimObject {
  let assigned = resource;
  for (const places of elementPlaces(plan)) {
    const [first] = places;
    if (first === undefined) continue;
    const elements = elementsOf(attributeAt(assigned, first.path));
    if (elements.length === 0) continue;
    const old = before === undefined ? [] : elementsOf(attributeAt(before, first.path));
    assigned = withAttribute(assigned, first.path, chooseElements(places, describeBare(places, elements), old, first.path));
  }
  return assigned;
}

const PLACES = new WeakMap<ResourcePlan, readonly (readonly ElementPlace[])[]>();

/** One place for each described element, grouped by attribute, both in file order; found out once for each plan. */
function elementPlaces(plan: ResourcePlan): readonly (readonly ElementPlace[])[] {
  const known = PLACES.get(plan) ?? findElementPlaces(plan);
  PLACES.set(plan, known);
  return known;
}

function findElementPlaces(plan: ResourcePlan): readonly (readonly ElementPlace[])[] {
  const byAttribute = new Map<string, ElementPlace[]>();
  for (const { place } of plan.lenses) {
    if (place.kind !== 'element') continue;
    const key = `${place.path.schema.id} ${place.path.attribute.name}`;
    const places = byAttribute.get(key) ?? [];
    if (!places.some((each) => sameElement(each, place))) places.push(place);
    byAttribute.set(key, places);
  }
  return [...byAttribute.values()];
}

function describeBare(places: readonly ElementPlace[], elements: readonly ScimValue[]): readonly ScimValue[] {
  const free = places.filter((place) => !elements.some((element) => fitsDescription(element, place.description)));
  return elements.map((element) => {
    const isBare =
      isObject(element) && places.every((place) => [...place.description.keys()].every((sub) => element[sub.name] === undefined));
    const place = isBare ? free.shift() : undefined;
    if (place === undefined) return element;
    const described = copyObject(element as ScimObject);
    for (const [sub, value] of place.description) described[sub.name] = value;
    return described;
  });
}

function chooseElements(
  places: readonly ElementPlace[],
  elements: readonly ScimValue[],
  old: readonly ScimValue[],
  path: AttributePath,
): readonly ScimValue[] {
  const dropped = new Set<ScimValue>();
  for (const { description } of places) {
    const candidates = elements.filter((element) => fitsDescription(element, description));
    if (candidates.length < 2) continue;
    const fresh = candidates.filter((element) => !old.some((each) => sameValue(path.attribute, each, element)));
    const pool = fresh.length > 0 ? fresh : candidates;
    const chosen = pool.findLast((element) => isObject(element) && element['primary'] === true) ?? pool.at(-1);
    for (const candidate of candidates) if (candidate !== chosen) dropped.add(candidate);
  }
  return elements.filter((element) => !dropped.has(element));
}
