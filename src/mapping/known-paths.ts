import type { ResourceType } from '../scim/resource-type.ts';
import type { AttributeDefinition } from '../scim/schema.ts';

/** The paths of a resource type that a mapping file may name, as it spells them; for guesses at what was meant. */
export function knownPaths(resourceType: ResourceType): readonly string[] {
  const of = (attributes: readonly AttributeDefinition[], prefix: string): readonly string[] =>
    attributes.flatMap((attribute) => [
      `${prefix}${attribute.name}`,
      ...attribute.subAttributes.map((sub) => `${prefix}${attribute.name}.${sub.name}`),
    ]);
  return [
    'externalId',
    ...of(resourceType.schema.attributes, ''),
    ...resourceType.extensions.flatMap((extension) => of(extension.attributes, `${extension.id}:`)),
  ];
}
