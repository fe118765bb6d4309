import { type AttributeDefinition, COMMON_ATTRIBUTES, type SchemaDefinition } from './schema.ts';

/** Where an attribute lives: in the resource itself, or in the object under an extension's URN. */
export interface SchemaAttribute {
  readonly schema: SchemaDefinition;
  readonly isExtension: boolean;
  readonly attribute: AttributeDefinition;
}

/**
 * A kind of resource (RFC 7643 §6) with everything its schemas know, whether the deployment maps it or not.
 * All names and URNs are looked up without regard to case (RFC 7643 §2.1), in Maps, so that `__proto__` is a name like any other.
 */
export interface ResourceType {
  readonly name: 'User' | 'Group';
  readonly endpoint: 'Users' | 'Groups';
  readonly schema: SchemaDefinition;
  readonly extensions: readonly SchemaDefinition[];

  /** The schema with that URN, the core one included. */
  findSchema(urn: string): SchemaDefinition | undefined;
  /** An attribute by name: within the given schema, or, without one, the core schema first and then each extension in turn. */
  findAttribute(name: string, schema?: SchemaDefinition): SchemaAttribute | undefined;
}

export function defineResourceType(
  name: ResourceType['name'],
  schema: SchemaDefinition,
  extensions: readonly SchemaDefinition[],
  common: readonly AttributeDefinition[] = COMMON_ATTRIBUTES,
): ResourceType {
  const schemas = new Map([schema, ...extensions].map((each) => [each.id.toLowerCase(), each]));
  const attributes = new Map<SchemaDefinition, ReadonlyMap<string, AttributeDefinition>>();
  attributes.set(schema, byLowerName([...common, ...schema.attributes]));
  for (const extension of extensions) attributes.set(extension, byLowerName(extension.attributes));
  return {
    name,
    endpoint: name === 'User' ? 'Users' : 'Groups',
    schema,
    extensions,
    findSchema: (urn) => schemas.get(urn.toLowerCase()),
    findAttribute(attributeName, within) {
      const key = attributeName.toLowerCase();
      for (const candidate of within === undefined ? attributes.keys() : [within]) {
        const attribute = attributes.get(candidate)?.get(key);
        if (attribute !== undefined) return { schema: candidate, isExtension: candidate !== schema, attribute };
      }
      return undefined;
    },
  };
}

/** The sub-attribute of that name in any letter case. */
export function findSubAttribute(attribute: AttributeDefinition, name: string): AttributeDefinition | undefined {
  const key = name.toLowerCase();
  return attribute.subAttributes.find((sub) => sub.name.toLowerCase() === key);
}

function byLowerName(attributes: readonly AttributeDefinition[]): ReadonlyMap<string, AttributeDefinition> {
  return new Map(attributes.map((attribute) => [attribute.name.toLowerCase(), attribute]));
}
