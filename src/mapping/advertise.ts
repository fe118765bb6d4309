import type { ResourceType } from '../scim/resource-type.ts';
import type { AttributeDefinition, SchemaDefinition } from '../scim/schema.ts';
import type { Lens } from './lens.ts';
import { SHOWN_OF_REFERENCES } from './lenses/reference.ts';
import { isReferenceLens, type ResourcePlan } from './plan.ts';

/**
 * The schemas that clients are shown (RFC 7643 §7): just what the file maps, with the characteristics that its lines give.
 * A multi-valued attribute with described elements lists their types as `canonicalValues`, from which Entra makes
 * the paths it offers (entra-scim-client §4). Extensions without a line are left out.
 */
export function advertise(resourceType: ResourceType, lenses: readonly Lens[]): readonly SchemaDefinition[] {
  const core = mappedPart(resourceType.schema, lenses);
  const extensions = resourceType.extensions.map((extension) => mappedPart(extension, lenses));
  return [core, ...extensions.filter((schema) => schema.attributes.length > 0)];
}

/** The schemas of a kind of resource that lives in several places: what any of them has. Of an attribute that several have the first counts. */
export function mergeSchemas(plans: readonly Pick<ResourcePlan, 'advertised'>[]): readonly SchemaDefinition[] {
  const merged = new Map<string, SchemaDefinition>();
  for (const schema of plans.flatMap(({ advertised }) => advertised)) {
    const { attributes } = merged.get(schema.id) ?? { attributes: [] };
    merged.set(schema.id, { ...schema, attributes: mergeAttributes([...attributes, ...schema.attributes]) });
  }
  return [...merged.values()];
}

function mergeAttributes(attributes: readonly AttributeDefinition[]): readonly AttributeDefinition[] {
  const merged = new Map<string, AttributeDefinition>();
  for (const attribute of attributes) {
    const first = merged.get(attribute.name);
    const subAttributes = mergeAttributes([...(first?.subAttributes ?? []), ...attribute.subAttributes]);
    merged.set(attribute.name, { ...(first ?? attribute), subAttributes });
  }
  return [...merged.values()];
}

function mappedPart(schema: SchemaDefinition, lenses: readonly Lens[]): SchemaDefinition {
  const attributes = schema.attributes.flatMap((attribute) => {
    const own = lenses.filter((lens) => lens.place.path.attribute === attribute);
    return own.length === 0 ? [] : [mappedAttribute(attribute, own)];
  });
  return { ...schema, attributes };
}

function mappedAttribute(attribute: AttributeDefinition, lenses: readonly Lens[]): AttributeDefinition {
  if (attribute.type !== 'complex') return attribute;
  if (lenses.some(isReferenceLens)) {
    return { ...attribute, subAttributes: attribute.subAttributes.filter(({ name }) => SHOWN_OF_REFERENCES.has(name)) };
  }
  if (lenses.some((lens) => lens.place.path.sub === undefined)) return attribute;
  const subAttributes = attribute.subAttributes.flatMap((sub) => {
    const fixed = fixedValues(sub, lenses);
    if (fixed.length > 0) return [{ ...sub, canonicalValues: fixed }];
    return lenses.some((lens) => lens.place.path.sub === sub) ? [sub] : [];
  });
  return { ...attribute, subAttributes };
}

/** What the brackets of the lines say for a sub-attribute, each once, in file order. */
function fixedValues(sub: AttributeDefinition, lenses: readonly Lens[]): readonly string[] {
  const values = lenses.flatMap(({ place }) => {
    const value = place.kind === 'element' ? place.description.get(sub) : undefined;
    return typeof value === 'string' ? [value] : [];
  });
  return [...new Set(values)];
}
