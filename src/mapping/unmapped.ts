import { fitsDescription } from '../scim/element-description.ts';
import { formatAttributePath } from '../scim/format-filter.ts';
import { elementsOf, isObject, type ScimObject, type ScimValue } from '../scim/resource.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import { sameValue } from '../scim/same-value.ts';
import type { AttributeDefinition, SchemaDefinition } from '../scim/schema.ts';
import type { Lens } from './lens.ts';
import { valuesAt } from './place.ts';
import { isConstantLens, type ResourcePlan } from './plan.ts';

/**
 * What a resource holds and no line of the file stores, as attribute paths, each once (entra-scim-client §10.5).
 * A constant that was sent with another value counts: what is shown is not what was sent.
 */
export function unmappedPaths(plan: ResourcePlan, resource: ScimObject): readonly string[] {
  const paths = new Set<string>();
  const { schema, extensions } = plan.resourceType;
  collect(plan, resource, schema, plan.resourceType, paths);
  for (const extension of extensions) {
    const members = resource[extension.id];
    if (isObject(members)) collect(plan, members, extension, plan.resourceType, paths);
  }
  for (const lens of plan.lenses.filter(isConstantLens)) {
    const [sent] = valuesAt(lens.place, resource);
    if (sent !== undefined && !sameValue(lens.definition, sent, lens.constant)) paths.add(lens.path);
  }
  return [...paths];
}

function collect(plan: ResourcePlan, members: ScimObject, schema: SchemaDefinition, resourceType: ResourceType, paths: Set<string>): void {
  for (const [name, value] of Object.entries(members)) {
    const found = resourceType.findAttribute(name, schema);
    if (found === undefined || value === undefined) continue;
    if (!found.isExtension && ['schemas', 'id', 'meta'].includes(name)) continue;
    const lenses = lensesByAttribute(plan).get(found.attribute) ?? [];
    if (lenses.some((lens) => lens.place.path.sub === undefined)) continue;
    if (found.attribute.type !== 'complex') {
      paths.add(formatAttributePath(found));
      continue;
    }
    for (const element of elementsOf(value)) {
      for (const sub of subsWithoutLens(element, found.attribute, lenses)) paths.add(formatAttributePath({ ...found, sub }));
    }
  }
}

const LENSES = new WeakMap<ResourcePlan, ReadonlyMap<AttributeDefinition, readonly Lens[]>>();

function lensesByAttribute(plan: ResourcePlan): ReadonlyMap<AttributeDefinition, readonly Lens[]> {
  const known = LENSES.get(plan) ?? Map.groupBy(plan.lenses, ({ place }) => place.path.attribute);
  LENSES.set(plan, known);
  return known;
}

function subsWithoutLens(element: ScimValue, attribute: AttributeDefinition, lenses: readonly Lens[]): readonly AttributeDefinition[] {
  if (!isObject(element)) return [];
  return attribute.subAttributes.filter((sub) => {
    if (element[sub.name] === undefined || sub.mutability === 'readOnly') return false;
    return !lenses.some(({ place }) => {
      if (place.kind !== 'element') return place.path.sub === sub;
      return fitsDescription(element, place.description) && (place.path.sub === sub || place.description.has(sub));
    });
  });
}
