import type { AttributePath } from './attribute-path.ts';
import { badRequest } from './errors.ts';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { parseAttributePath } from './parse-attribute-path.ts';
import { caseInsensitiveMember, noteUnknown, type ReadPolicy } from './read-value.ts';
import type { ResourceType } from './resource-type.ts';
import type { SchemaDefinition } from './schema.ts';

/** One step of a PATCH on one attribute, its path resolved. Path-less and whole-extension operations have been expanded into several. */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: AttributePath;
  /** The client's JSON, read against the attribute when the operation is applied; undefined when there is none. */
  readonly value: JsonValue | undefined;
  /** The path as the client wrote it, for messages. */
  readonly at: string;
}

/** No client needs more, and each operation costs work (RFC 7644 §3.5.2 sets no bound). Counted when path-less ones have been taken apart. */
const MAX_OPERATIONS = 1000;

/**
 * The operations of a PATCH body, in order (RFC 7644 §3.5.2), in every shape of entra-scim-client §7:
 * any letter case of `op` and `Operations`, paths with and without URN, path-less objects with dotted, URN and filter keys.
 *
 * @throws ScimError invalidSyntax for a malformed body or operation, invalidPath for a malformed path,
 *         noTarget for a `remove` without path, mutability for an explicit path to a read-only attribute
 */
export function readPatch(body: JsonValue, resourceType: ResourceType, policy: ReadPolicy): readonly PatchOperation[] {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'the body is not a JSON object');
  const operations = caseInsensitiveMember(body, 'operations');
  if (!isJsonList(operations)) throw badRequest('invalidSyntax', 'Operations: takes a list');
  const read = operations.flatMap((operation, index) => readOperation(operation, index, resourceType, policy));
  if (read.length > MAX_OPERATIONS) throw badRequest('tooMany', `Operations: at most ${MAX_OPERATIONS} in one request`);
  return read;
}

function readOperation(json: JsonValue, index: number, resourceType: ResourceType, policy: ReadPolicy): readonly PatchOperation[] {
  const where = `Operations[${index}]`;
  if (!isJsonObject(json)) throw badRequest('invalidSyntax', `${where}: takes an object`);
  const op = readOp(caseInsensitiveMember(json, 'op'), where);
  const path = caseInsensitiveMember(json, 'path');
  const value = caseInsensitiveMember(json, 'value');
  if (path === undefined || path === null || path === '') {
    if (op === 'remove') throw badRequest('noTarget', `${where}: remove needs a path`);
    if (!isJsonObject(value)) throw badRequest('invalidValue', `${where}: without a path, value must be an object`);
    return expand(value, op, resourceType, undefined, policy);
  }
  if (typeof path !== 'string') throw badRequest('invalidPath', `${where}: path must be text`);
  if (op !== 'remove' && value === undefined) throw badRequest('invalidValue', `${path}: ${op} needs a value`);
  return target(path, op, value, resourceType, policy);
}

function readOp(json: JsonValue | undefined, where: string): PatchOperation['op'] {
  const op = typeof json === 'string' ? json.toLowerCase() : undefined;
  if (op === 'add' || op === 'replace' || op === 'remove') return op;
  throw badRequest('invalidSyntax', `${where}: op must be add, replace or remove`);
}

function target(
  text: string,
  op: PatchOperation['op'],
  value: JsonValue | undefined,
  resourceType: ResourceType,
  policy: ReadPolicy,
): readonly PatchOperation[] {
  const parsed = parseAttributePath(text, resourceType);
  switch (parsed.kind) {
    case 'unknown':
      noteUnknown(text, policy, 'invalidPath');
      return [];
    case 'schema':
      return wholeSchema(parsed.schema, op, value, text, resourceType, policy);
    case 'attribute':
      if (isReadOnly(parsed.path)) throw badRequest('mutability', `${text}: is read-only`);
      return [{ op, path: parsed.path, value, at: text }];
    default:
      return parsed satisfies never;
  }
}

function isReadOnly(path: AttributePath): boolean {
  return path.attribute.mutability === 'readOnly' || path.sub?.mutability === 'readOnly';
}

/** The list of URNs, which follows from what the resource holds. */
function isSchemas({ attribute, isExtension }: AttributePath): boolean {
  return attribute.name === 'schemas' && !isExtension;
}

/** A path that is a schema's URN: its attributes are merged, or all of them removed (entra-scim-client §7 row 6). */
function wholeSchema(
  schema: SchemaDefinition,
  op: PatchOperation['op'],
  value: JsonValue | undefined,
  text: string,
  resourceType: ResourceType,
  policy: ReadPolicy,
): readonly PatchOperation[] {
  if (op !== 'remove' && isJsonObject(value)) return expand(value, op, resourceType, schema, policy);
  const isExtension = schema !== resourceType.schema;
  const clears = op === 'remove' ? value === undefined : value === null || value === '';
  if (!clears || !isExtension) throw badRequest('invalidValue', `${text}: takes an object`);
  return schema.attributes.map((attribute) => ({
    op: 'remove',
    path: { schema, isExtension, attribute },
    value: undefined,
    at: `${schema.id}:${attribute.name}`,
  }));
}

/**
 * A value object without a path: one operation per key, in order (entra-scim-client §7 row 19).
 * Keys are names, dotted paths, URN paths, paths with a filter, or a schema's URN with an object below it.
 * Read-only attributes are ignored here (row 28): Okta sends `id` in every group rename.
 */
function expand(
  members: JsonObject,
  op: 'add' | 'replace',
  resourceType: ResourceType,
  within: SchemaDefinition | undefined,
  policy: ReadPolicy,
): readonly PatchOperation[] {
  return Object.entries(members).flatMap(([key, value]): readonly PatchOperation[] => {
    const text = within === undefined || within === resourceType.schema ? key : `${within.id}:${key}`;
    const parsed = parseAttributePath(text, resourceType);
    if (parsed.kind === 'attribute' && (isReadOnly(parsed.path) || isSchemas(parsed.path))) return [];
    return target(text, op, value, resourceType, policy);
  });
}
