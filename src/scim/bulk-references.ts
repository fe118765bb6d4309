import { ScimError } from './errors.ts';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { parseAttributePath } from './parse-attribute-path.ts';
import { caseInsensitiveMember } from './read-value.ts';
import { findSubAttribute, type ResourceType } from './resource-type.ts';
import type { AttributeDefinition } from './schema.ts';

/**
 * References to resources that the same bulk request creates (RFC 7644 §3.7.2): `bulkId:qwerty` in the place of an id.
 *
 * Only where an id belongs: the `value` of `members`, of `manager` and of other attributes that refer to resources, and the id in
 * an operation's path. Everywhere else such a text is a text: a `displayName` may be called `bulkId:qwerty`. What stands between
 * the brackets of a PATCH path stays as it is, too: there is nothing to find by an id that didn't exist a moment ago.
 */

/** As printed: ids are compared with their case, and so is what stands for one. */
const PREFIX = 'bulkId:';

/** What to write instead of `bulkId:…`, given the part behind the colon. @throws ScimError when there is nothing to write */
export type Exchange = (bulkId: string) => string;

/** An id as it is, or what stands for it exchanged. */
export function exchangeId(text: string, exchange: Exchange): string {
  return text.startsWith(PREFIX) ? exchange(text.slice(PREFIX.length)) : text;
}

/** The body of a POST or PUT with its references exchanged; what can't be understood stays as it is, for others to refuse. */
export function exchangeInResource(body: JsonValue, resourceType: ResourceType, exchange: Exchange): JsonValue {
  return isJsonObject(body) ? exchangeInMembers(body, '', resourceType, exchange) : body;
}

/** The body of a PATCH with the references in its values exchanged, with and without a path. */
export function exchangeInPatch(body: JsonValue, resourceType: ResourceType, exchange: Exchange): JsonValue {
  return mapMembers(body, (name, member) => {
    if (name.toLowerCase() !== 'operations' || !isJsonList(member)) return member;
    return member.map((operation) => exchangeInOperation(operation, resourceType, exchange));
  });
}

function exchangeInOperation(operation: JsonValue, resourceType: ResourceType, exchange: Exchange): JsonValue {
  if (!isJsonObject(operation)) return operation;
  const path = caseInsensitiveMember(operation, 'path');
  return mapMembers(operation, (name, value) => {
    if (name.toLowerCase() !== 'value') return value;
    return typeof path === 'string' && path !== ''
      ? exchangeAt(path, value, resourceType, exchange)
      : exchangeInResource(value, resourceType, exchange);
  });
}

/** @param within '' or the URN of the extension that the members are of, with a colon at its end */
function exchangeInMembers(members: JsonObject, within: string, resourceType: ResourceType, exchange: Exchange): JsonValue {
  return mapMembers(members, (name, value) => exchangeAt(`${within}${name}`, value, resourceType, exchange));
}

/** The value of an attribute, or the object of an extension. */
function exchangeAt(path: string, value: JsonValue, resourceType: ResourceType, exchange: Exchange): JsonValue {
  const target = targetOf(path, resourceType);
  // An attribute of an extension is none of a schema: this goes one level deep.
  if (target?.kind === 'schema' && isJsonObject(value)) return exchangeInMembers(value, `${target.schema.id}:`, resourceType, exchange);
  if (target?.kind !== 'attribute' || !isReference(target.path.attribute)) return value;
  if (target.path.sub !== undefined && target.path.sub.name !== 'value') return value;
  return isJsonList(value) ? value.map((element) => exchangeElement(element, exchange)) : exchangeElement(value, exchange);
}

/** A bare id, or an object with one as its `value`. */
function exchangeElement(element: JsonValue, exchange: Exchange): JsonValue {
  if (typeof element === 'string') return exchangeId(element, exchange);
  return mapMembers(element, (name, member) =>
    name.toLowerCase() === 'value' && typeof member === 'string' ? exchangeId(member, exchange) : member,
  );
}

function targetOf(path: string, resourceType: ResourceType): ReturnType<typeof parseAttributePath> | undefined {
  try {
    return parseAttributePath(path, resourceType);
  } catch (error) {
    // A path that can't be read is refused when its operation is carried out.
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}

/** Whether the values are ids of resources: complex ones have a `$ref` beside them (RFC 7643 §2.4), simple ones are no mere URIs. */
function isReference(attribute: AttributeDefinition): boolean {
  const { type, mutability, referenceTypes } = attribute;
  if (mutability === 'readOnly') return false;
  if (type === 'complex') return findSubAttribute(attribute, '$ref') !== undefined;
  return type === 'reference' && referenceTypes?.every((each) => each === 'external' || each === 'uri') !== true;
}

function mapMembers(json: JsonValue, change: (name: string, member: JsonValue) => JsonValue): JsonValue {
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([name, member]) => [name, change(name, member)]));
}
