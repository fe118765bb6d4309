import type { PathTarget } from './attribute-path.ts';
import { findSubAttribute, type ResourceType } from './resource-type.ts';
import type { SchemaDefinition } from './schema.ts';

/** ATTRNAME of RFC 7644 figure 1, and `$ref`, which that grammar forgot. */
const NAME = String.raw`\$?[A-Za-z][-\w]*`;
const ATTRIBUTE_NAME = new RegExp(`^${NAME}$`);
const ATTRIBUTE_AND_SUB = new RegExp(`^(${NAME})(?:\\.(${NAME}))?$`);
/** A URI that ends like a name. */
const FOREIGN_URI = /^[A-Za-z][-+.A-Za-z0-9]*:[!-~]*[-\w]$/;

export function isAttributeName(text: string): boolean {
  return ATTRIBUTE_NAME.test(text);
}

/**
 * What an attribute path without value filter (RFC 7644 figure 1: `attrPath`) stands for. Names and URNs in any letter case:
 *
 * - `userName`, `name.familyName`: core attributes, and, when the core has no attribute of that name, those of the extensions
 *   (`manager`, `department.…`: clients leave the URN out);
 * - `urn:…:2.0:User:manager.value`: the longest known URN counts, so that the dot in its version is not taken for a sub-attribute;
 * - `urn:…:2.0:User.department`: the dot form of Entra's jobs from before December 2018;
 * - `urn:…:2.0:User`: the schema.
 *
 * @returns undefined when the text isn't a path at all
 */
export function resolveAttributeName(text: string, resourceType: ResourceType): PathTarget | undefined {
  const named = resourceType.findSchema(text);
  if (named !== undefined) return { kind: 'schema', schema: named, isExtension: named !== resourceType.schema };

  const schema = longestSchemaPrefix(text, resourceType);
  const parts = ATTRIBUTE_AND_SUB.exec(schema === undefined ? text : text.slice(schema.id.length + 1));
  if (parts?.[1] === undefined) return text.includes(':') && FOREIGN_URI.test(text) ? { kind: 'unknown', text } : undefined;

  const found = resourceType.findAttribute(parts[1], schema);
  if (found === undefined) return { kind: 'unknown', text };
  if (parts[2] === undefined) return { kind: 'attribute', path: found };
  const sub = findSubAttribute(found.attribute, parts[2]);
  return sub === undefined ? { kind: 'unknown', text } : { kind: 'attribute', path: { ...found, sub } };
}

function longestSchemaPrefix(text: string, resourceType: ResourceType): SchemaDefinition | undefined {
  let longest: SchemaDefinition | undefined;
  for (const schema of [resourceType.schema, ...resourceType.extensions]) {
    const { length } = schema.id;
    const separator = text[length];
    if (separator !== ':' && separator !== '.') continue;
    if (text.slice(0, length).toLowerCase() !== schema.id.toLowerCase()) continue;
    if (longest === undefined || length > longest.id.length) longest = schema;
  }
  return longest;
}
