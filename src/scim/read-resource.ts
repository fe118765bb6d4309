import { badRequest } from './errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { noteUnknown, type ReadPolicy, readValue } from './read-value.ts';
import { attributeAt, newObject, type ScimObject, withAttribute } from './resource.ts';
import type { ResourceType, SchemaAttribute } from './resource-type.ts';
import type { SchemaDefinition } from './schema.ts';

/**
 * The resource in the body of a POST or PUT (RFC 7644 §3.3, §3.5.1): canonical names, typed values, absent things left out.
 *
 * Read-only attributes that a client sends (`id`, `meta`, `groups`) are ignored, as RFC 7644 §3.3 says. The content of `schemas` is
 * ignored: extensions are found by their URN, for Entra sends extension objects that `schemas` doesn't list.
 * Attributes of an extension are also found at the top level, where older clients put them.
 *
 * @throws ScimError invalidSyntax for a body that is no object or gives an attribute twice; invalidValue for a value of a wrong type
 */
export function readResource(body: JsonValue, resourceType: ResourceType, policy: ReadPolicy): ScimObject {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'the body is not a JSON object');
  return readMembers(body, resourceType, undefined, newObject(), policy);
}

function readMembers(
  members: JsonObject,
  resourceType: ResourceType,
  within: SchemaDefinition | undefined,
  start: ScimObject,
  policy: ReadPolicy,
): ScimObject {
  let resource = start;
  for (const [name, json] of Object.entries(members)) {
    const found = resourceType.findAttribute(name, within);
    if (found !== undefined) {
      resource = readMember(resource, found, json, policy);
      continue;
    }
    const schema = within === undefined ? resourceType.findSchema(name) : undefined;
    if (schema === undefined) noteUnknown(within === undefined ? name : `${within.id}:${name}`, policy);
    else if (isJsonObject(json)) resource = readMembers(json, resourceType, schema, resource, policy);
    else if (json !== null && json !== '') throw badRequest('invalidValue', `${name}: takes an object`);
  }
  return resource;
}

function readMember(resource: ScimObject, found: SchemaAttribute, json: JsonValue, policy: ReadPolicy): ScimObject {
  if ((found.attribute.name === 'schemas' && !found.isExtension) || found.attribute.mutability === 'readOnly') return resource;
  const at = found.isExtension ? `${found.schema.id}:${found.attribute.name}` : found.attribute.name;
  const value = readValue(found.attribute, json, at, policy);
  if (value === undefined) return resource;
  if (attributeAt(resource, found) !== undefined) throw badRequest('invalidSyntax', `${at}: given twice`);
  return withAttribute(resource, found, value);
}
