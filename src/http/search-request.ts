import type { QueryRequest } from '../provisioning/query.ts';
import { badRequest, ScimError } from '../scim/errors.ts';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../scim/json.ts';
import { caseInsensitiveMember } from '../scim/read-value.ts';
import { readInteger, readNames } from './request-target.ts';

const SEARCH_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

/**
 * A query in the parameters of a GET (RFC 7644 §3.4.2). `cursor` without a value asks for the first page (RFC 9865 §2).
 *
 * @param parameters names in lower case
 * @throws ScimError invalidValue, invalidCount
 */
export function readSearchParameters(parameters: ReadonlyMap<string, string>): QueryRequest {
  const cursor = parameters.get('cursor');
  return {
    attributes: readNames(parameters, 'attributes'),
    excludedAttributes: readNames(parameters, 'excludedAttributes'),
    filter: parameters.get('filter'),
    sortBy: parameters.get('sortby'),
    sortOrder: parameters.get('sortorder'),
    startIndex: readInteger(parameters, 'startIndex'),
    count: readCount(cursor, () => readInteger(parameters, 'count')),
    cursor,
  };
}

/**
 * A query in the body of a POST to `.search` (RFC 7644 §3.4.3). Member names in any letter case, null is absent. A body without
 * `schemas` is taken for what it must be.
 *
 * @throws ScimError invalidSyntax, invalidValue, invalidCount
 */
export function readSearchBody(body: JsonValue): QueryRequest {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'the body is not a JSON object');
  const schemas = memberOf(body, 'schemas');
  if (schemas !== undefined && !textsOf(schemas, 'schemas').some((urn) => urn.toLowerCase() === SEARCH_REQUEST.toLowerCase())) {
    throw badRequest('invalidSyntax', `schemas: takes ${SEARCH_REQUEST}`);
  }
  const cursor = readText(body, 'cursor');
  return {
    attributes: readTexts(body, 'attributes'),
    excludedAttributes: readTexts(body, 'excludedAttributes'),
    filter: readText(body, 'filter'),
    sortBy: readText(body, 'sortBy'),
    sortOrder: readText(body, 'sortOrder'),
    startIndex: readNumber(body, 'startIndex'),
    count: readCount(cursor, () => readNumber(body, 'count')),
    cursor,
  };
}

/** With a cursor, a count that can't be read has an error of its own (RFC 9865 §2.1). */
function readCount(cursor: string | undefined, read: () => number | undefined): number | undefined {
  try {
    return read();
  } catch (error) {
    if (cursor !== undefined && error instanceof ScimError) throw badRequest('invalidCount', error.detail);
    throw error;
  }
}

function memberOf(body: JsonObject, name: string): JsonValue | undefined {
  return caseInsensitiveMember(body, name) ?? undefined;
}

function readText(body: JsonObject, name: string): string | undefined {
  const value = memberOf(body, name);
  if (value === undefined || typeof value === 'string') return value;
  throw badRequest('invalidValue', `${name}: takes text`);
}

/** A whole number; as text too, as some clients write it. */
function readNumber(body: JsonObject, name: string): number | undefined {
  const value = memberOf(body, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') throw badRequest('invalidValue', `${name}: takes a whole number`);
  return readInteger(new Map([[name.toLowerCase(), String(value)]]), name);
}

/** A list of texts, or one text with commas as in a query string; undefined when it is empty. */
function readTexts(body: JsonObject, name: string): readonly string[] | undefined {
  const value = memberOf(body, name);
  if (value === undefined) return undefined;
  const texts = typeof value === 'string' ? value.split(',') : textsOf(value, name);
  const names = texts.map((each) => each.trim()).filter((each) => each !== '');
  return names.length === 0 ? undefined : names;
}

function textsOf(value: JsonValue, name: string): readonly string[] {
  const list = isJsonList(value) ? value : [value];
  return list.map((each) => {
    if (typeof each !== 'string') throw badRequest('invalidValue', `${name}: takes a list of text`);
    return each;
  });
}
