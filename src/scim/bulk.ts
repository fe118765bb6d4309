import { type Exchange, exchangeId, exchangeInPatch, exchangeInResource } from './bulk-references.ts';
import { badRequest, ScimError } from './errors.ts';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { caseInsensitiveMember } from './read-value.ts';
import type { ResourceType } from './resource-type.ts';
import { readVersionCondition, type VersionCondition } from './version-condition.ts';

/** A bulk request (RFC 7644 §3.7). */
export interface BulkRequest {
  /** How many errors end it, from 1; undefined: as many as there are. */
  readonly failOnErrors: number | undefined;
  /** As the client ordered them. */
  readonly operations: readonly BulkOperation[];
}

export interface BulkOperation {
  /** In upper case; undefined when the client gave no text. */
  readonly method: string | undefined;
  /** The client's own name for the operation, by which others refer to the resource that a POST creates. */
  readonly bulkId: string | undefined;
  /** What there is to do, or why nothing can be done. */
  readonly action: BulkAction | ScimError;
  /** The bulkIds that the action refers to. */
  readonly references: ReadonlySet<string>;
}

/** One request as it would have been sent by itself. */
export type BulkAction =
  | { readonly kind: 'create'; readonly resourceType: ResourceType; readonly data: JsonValue }
  | ({ readonly kind: 'replace' | 'modify'; readonly data: JsonValue } & BulkTarget)
  | ({ readonly kind: 'delete' } & BulkTarget);

interface BulkTarget {
  readonly resourceType: ResourceType;
  /** As the client gave it: it need not exist, and may be a reference. */
  readonly id: string;
  /** What `version` asks for; undefined: nothing. */
  readonly ifMatch: VersionCondition | undefined;
}

/** What became of one operation. */
export interface BulkResult {
  readonly method: string | undefined;
  readonly bulkId: string | undefined;
  readonly status: number;
  /** URL of the resource; undefined while it has none. */
  readonly location: string | undefined;
  /** ETag of the resource afterwards, where it is known. */
  readonly version: string | undefined;
  readonly error: ScimError | undefined;
}

/**
 * Reads the body of a bulk request. Member names and methods are taken in any letter case, and `schemas` is not looked at.
 * An operation that can't be understood is kept, with its error: the others are carried out all the same.
 *
 * @param resourceTypes what the service has endpoints for
 * @throws ScimError 413 for more than `maxOperations`; 400 when the body as a whole can't be understood
 */
export function readBulkRequest(body: JsonValue, resourceTypes: readonly ResourceType[], maxOperations: number): BulkRequest {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'the body is not a JSON object');
  const list = caseInsensitiveMember(body, 'operations');
  if (!isJsonList(list)) throw badRequest('invalidSyntax', 'Operations: takes a list');
  if (list.length > maxOperations) throw new ScimError(413, `Operations: there are more than maxOperations (${maxOperations})`);
  const failOnErrors = readFailOnErrors(caseInsensitiveMember(body, 'failOnErrors'));
  const operations = list.map((json, index) => {
    if (!isJsonObject(json)) throw badRequest('invalidSyntax', `Operations[${index}]: takes an object`);
    return readOperation(json, resourceTypes);
  });
  return { failOnErrors, operations: refuseDuplicates(operations) };
}

function readFailOnErrors(json: JsonValue | undefined): number | undefined {
  if (json === undefined || json === null) return undefined;
  const number = typeof json === 'string' && /^\d{1,15}$/.test(json) ? Number(json) : json;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1)
    throw badRequest('invalidValue', 'failOnErrors: takes a whole number from 1');
  return number;
}

function readOperation(json: JsonObject, resourceTypes: readonly ResourceType[]): BulkOperation {
  const method = textOf(json, 'method')?.toUpperCase();
  const bulkId = textOf(json, 'bulkId');
  try {
    const action = readAction(json, method, bulkId, resourceTypes);
    return { method, bulkId, action, references: referencesOf(action) };
  } catch (error) {
    if (error instanceof ScimError) return { method, bulkId, action: error, references: new Set() };
    throw error;
  }
}

function readAction(
  json: JsonObject,
  method: string | undefined,
  bulkId: string | undefined,
  resourceTypes: readonly ResourceType[],
): BulkAction {
  switch (method) {
    case 'POST': {
      if (bulkId === undefined) throw badRequest('invalidSyntax', 'bulkId: POST needs one');
      const { resourceType, id } = readPath(json, resourceTypes);
      if (id !== undefined) throw badRequest('invalidSyntax', 'path: POST takes an endpoint, such as /Users');
      return { kind: 'create', resourceType, data: readData(json, method) };
    }
    case 'PUT':
    case 'PATCH':
      return { kind: method === 'PUT' ? 'replace' : 'modify', ...readTarget(json, method, resourceTypes), data: readData(json, method) };
    case 'DELETE':
      return { kind: 'delete', ...readTarget(json, method, resourceTypes) };
    default:
      throw badRequest('invalidSyntax', 'method: takes POST, PUT, PATCH or DELETE');
  }
}

function readTarget(json: JsonObject, method: string, resourceTypes: readonly ResourceType[]): BulkTarget {
  const { resourceType, id } = readPath(json, resourceTypes);
  if (id === undefined) throw badRequest('invalidSyntax', `path: ${method} takes the path of a resource, such as /Users/2819c223`);
  const version = caseInsensitiveMember(json, 'version');
  if (version === undefined || version === null || version === '') return { resourceType, id, ifMatch: undefined };
  // A condition that can't be understood is none to be ignored.
  if (typeof version !== 'string') throw badRequest('invalidSyntax', 'version: takes text');
  return { resourceType, id, ifMatch: readVersionCondition('version', version) };
}

/** `/Users` or `/Users/<id>`, relative to where the service is, with and without the first slash; percent-encoded as a URL is. */
function readPath(json: JsonObject, resourceTypes: readonly ResourceType[]): Pick<BulkTarget, 'resourceType'> & Partial<BulkTarget> {
  const path = textOf(json, 'path');
  if (path === undefined) throw badRequest('invalidSyntax', 'path: is missing');
  const [endpoint, id, ...rest] = path.split('/').filter((segment) => segment !== '');
  const resourceType = resourceTypes.find((each) => each.endpoint.toLowerCase() === endpoint?.toLowerCase());
  if (resourceType === undefined || rest.length > 0) {
    const endpoints = resourceTypes.map((each) => `/${each.endpoint}`).join(' or ');
    throw badRequest('invalidSyntax', `path: takes ${endpoints}, and the id of a resource behind it where there is one`);
  }
  return id === undefined ? { resourceType } : { resourceType, id: decodeSegment(id) };
}

function decodeSegment(segment: string): string {
  try {
    if (segment.isWellFormed() && !/[?#]/.test(segment)) return decodeURIComponent(segment);
  } catch {
    // Told below, with what else is no part of a path.
  }
  throw badRequest('invalidSyntax', 'path: is no percent-encoded path without a query');
}

function readData(json: JsonObject, method: string): JsonValue {
  const data = caseInsensitiveMember(json, 'data');
  if (data === undefined || data === null) throw badRequest('invalidSyntax', `data: ${method} needs it`);
  return data;
}

function textOf(json: JsonObject, name: string): string | undefined {
  const value = caseInsensitiveMember(json, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Creations that share a bulkId are refused, all of them: which one the client means by it can't be known. */
function refuseDuplicates(operations: readonly BulkOperation[]): readonly BulkOperation[] {
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const { method, bulkId } of operations) {
    if (method !== 'POST' || bulkId === undefined) continue;
    if (seen.has(bulkId)) doubled.add(bulkId);
    seen.add(bulkId);
  }
  return operations.map((operation) => {
    const { method, bulkId } = operation;
    if (method !== 'POST' || bulkId === undefined || !doubled.has(bulkId)) return operation;
    const error = badRequest('invalidSyntax', `bulkId: ${JSON.stringify(bulkId)} is given to several resources`);
    return { ...operation, action: error, references: new Set() };
  });
}

function referencesOf(action: BulkAction): ReadonlySet<string> {
  const bulkIds = new Set<string>();
  const gather = (bulkId: string): string => {
    bulkIds.add(bulkId);
    return bulkId;
  };
  exchangeInData(exchangeInPath(action, gather), gather);
  return bulkIds;
}

/** The same action with an id in the place of the reference that its path may be. */
export function exchangeInPath(action: BulkAction, exchange: Exchange): BulkAction {
  return action.kind === 'create' ? action : { ...action, id: exchangeId(action.id, exchange) };
}

/** The same action with ids in the places of the references in its data. */
export function exchangeInData(action: BulkAction, exchange: Exchange): BulkAction {
  switch (action.kind) {
    case 'create':
    case 'replace':
      return { ...action, data: exchangeInResource(action.data, action.resourceType, exchange) };
    case 'modify':
      return { ...action, data: exchangeInPatch(action.data, action.resourceType, exchange) };
    case 'delete':
      return action;
    default:
      return action satisfies never;
  }
}
