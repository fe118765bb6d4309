import { expect } from 'vitest';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/scim/json.ts';
import type { Answer, Bridge } from './bridge.ts';
import { DISCOVERY_SCHEMAS, META_SCHEMA, type SchemaAttribute } from './strict-schemas.ts';

const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0:';
const LIST_RESPONSE = `${MESSAGES}ListResponse`;
const BULK_RESPONSE = `${MESSAGES}BulkResponse`;
const ERROR = `${MESSAGES}Error`;

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** RFC 7644 §3.12 table 9 and RFC 9865 §2.1. */
const SCIM_TYPES: ReadonlySet<JsonValue> = new Set(
  'invalidFilter tooMany uniqueness mutability invalidSyntax invalidPath noTarget invalidValue invalidVers sensitive'
    .split(' ')
    .concat('invalidCursor', 'expiredCursor', 'invalidCount'),
);

/** What a service says of itself: its attributes by schema, and its kinds of resources by the URN of their core schema. */
export interface Announcement {
  readonly schemas: ReadonlyMap<string, readonly SchemaAttribute[]>;
  readonly resourceTypes: ReadonlyMap<string, { readonly name: string; readonly endpoint: string; readonly extensions: readonly string[] }>;
}

/** Reads `/Schemas` and `/ResourceTypes`, as a strict client does before anything else (RFC 7644 §4). */
export async function readAnnouncement({ send }: Pick<Bridge, 'send'>): Promise<Announcement> {
  const schemas: readonly AnnouncedSchema[] = (await send('GET', '/Schemas')).body.Resources;
  const types: readonly AnnouncedType[] = (await send('GET', '/ResourceTypes')).body.Resources;
  return {
    schemas: new Map(schemas.map(({ id, attributes }) => [id, attributes])),
    resourceTypes: new Map(
      types.map(({ schema, name, endpoint, schemaExtensions }) => [
        schema,
        { name, endpoint, extensions: schemaExtensions.map((extension) => extension.schema) },
      ]),
    ),
  };
}

interface AnnouncedSchema {
  readonly id: string;
  readonly attributes: readonly SchemaAttribute[];
}

interface AnnouncedType {
  readonly schema: string;
  readonly name: string;
  readonly endpoint: string;
  readonly schemaExtensions: readonly { readonly schema: string }[];
}

/** `send` of a bridge, with every answer held against what the service announces; a test fails at the first one that breaks a rule. */
export async function strictSend(bridge: Bridge): Promise<Bridge['send']> {
  const announcement = await readAnnouncement(bridge);
  return async (method, path, body, headers) => {
    const answer = await bridge.send(method, path, body, headers);
    expect(objectionsTo(answer, announcement), `${method} ${path}: ${answer.text}`).toEqual([]);
    return answer;
  };
}

/**
 * What a client that knows the RFCs by heart and forgives nothing holds against an answer; empty for a good one.
 *
 * - errors have the members of RFC 7644 §3.12 and their own HTTP status
 * - lists have all members of §3.4.2, and the numbers agree
 * - resources have only attributes that are announced, of the announced types, none of them null or empty (RFC 7643 §2.5)
 * - `schemas` names just the schemas that are used, `meta` is complete and agrees with the headers
 */
export function objectionsTo(answer: Answer, announcement: Announcement): readonly string[] {
  const { status, text, headers } = answer;
  if (status === 204 || status === 304) return text === '' ? [] : [`an answer ${status} has a body`];
  const body = answer.body as JsonValue | undefined;
  const type = headers.get('content-type') ?? '';
  const objections = /^application\/scim\+json(; *charset=utf-8)?$/i.test(type) ? [] : [`the media type is ${JSON.stringify(type)}`];
  if (!isJsonObject(body)) return [...objections, 'the body is no object'];
  if (status >= 400) return [...objections, ...errorObjections(body, status)];
  const { meta } = body;
  const location = isJsonObject(meta) ? meta['location'] : undefined;
  if (status === 201 && headers.get('location') !== location) objections.push('Location is not meta.location');
  if (isJsonObject(meta) && typeof meta['version'] === 'string' && headers.get('etag') !== meta['version'])
    objections.push('ETag is not meta.version');
  return [...objections, ...bodyObjections(body, announcement)];
}

function bodyObjections(body: JsonObject, announcement: Announcement): readonly string[] {
  const { schemas } = body;
  if (!Array.isArray(schemas)) return ['there is no schemas'];
  if (schemas.includes(LIST_RESPONSE)) return listObjections(body, announcement);
  if (schemas.includes(BULK_RESPONSE)) return bulkObjections(body);
  return resourceObjections(body, announcement);
}

function errorObjections(body: JsonObject, status: number): readonly string[] {
  const objections = membersBeyond(body, ['schemas', 'status', 'scimType', 'detail']);
  if (JSON.stringify(body['schemas']) !== JSON.stringify([ERROR])) objections.push('schemas is not that of an error');
  if (body['status'] !== String(status)) objections.push(`status is ${JSON.stringify(body['status'])} and not the HTTP status as text`);
  const { scimType, detail } = body;
  if (scimType !== undefined && !SCIM_TYPES.has(scimType)) objections.push(`scimType ${JSON.stringify(scimType)} exists nowhere`);
  if (status === 400 && scimType === undefined) objections.push('a 400 has no scimType');
  if (typeof detail !== 'string' || detail === '') objections.push('there is no detail');
  return objections;
}

function listObjections(body: JsonObject, announcement: Announcement): readonly string[] {
  const { schemas, totalResults, startIndex, itemsPerPage, nextCursor, previousCursor, Resources } = body;
  const known = ['schemas', 'totalResults', 'startIndex', 'itemsPerPage', 'nextCursor', 'previousCursor', 'Resources'];
  const objections = membersBeyond(body, known);
  if (Array.isArray(schemas) && schemas.length !== 1) objections.push('schemas names more than the ListResponse');
  if (!Array.isArray(Resources)) return [...objections, 'Resources is no list'];
  if (!isCount(totalResults) || totalResults < Resources.length) objections.push('totalResults is less than what is there');
  if (itemsPerPage !== Resources.length) objections.push('itemsPerPage is not the number of resources');
  if (startIndex !== undefined && (!isCount(startIndex) || startIndex < 1)) objections.push('startIndex is less than 1');
  if (isCount(startIndex) && isCount(totalResults) && Resources.length > 0 && startIndex - 1 + Resources.length > totalResults)
    objections.push('the page ends behind the last result');
  for (const cursor of [nextCursor, previousCursor]) {
    // RFC 9865 §2: made of the unreserved characters of RFC 3986 §2.3.
    if (cursor !== undefined && (typeof cursor !== 'string' || !/^[\w.~-]+$/.test(cursor)))
      objections.push('a cursor has to be escaped in a URL');
  }
  const ids = Resources.map((resource) => (isJsonObject(resource) ? resource['id'] : undefined)).filter((id) => id !== undefined);
  if (new Set(ids).size !== ids.length) objections.push('a resource is in the list twice');
  return [
    ...objections,
    ...Resources.flatMap((resource) => (isJsonObject(resource) ? resourceObjections(resource, announcement) : ['a resource is no object'])),
  ];
}

function bulkObjections(body: JsonObject): readonly string[] {
  const { Operations } = body;
  const objections = membersBeyond(body, ['schemas', 'Operations']);
  if (!Array.isArray(Operations)) return [...objections, 'Operations is no list'];
  for (const operation of Operations) {
    if (!isJsonObject(operation)) return [...objections, 'an operation is no object'];
    const { method, bulkId, location, status, response } = operation;
    objections.push(...membersBeyond(operation, ['method', 'bulkId', 'version', 'location', 'status', 'response']));
    if (typeof status !== 'string' || !/^\d{3}$/.test(status)) objections.push('the status of an operation is no text of three digits');
    else if (Number(status) >= 400)
      objections.push(...(isJsonObject(response) ? errorObjections(response, Number(status)) : ['an operation failed and says not why']));
    else if (typeof location !== 'string') objections.push('an operation has no location');
    if (typeof method !== 'string') objections.push('an operation has no method');
    if (method === 'POST' && typeof bulkId !== 'string') objections.push('a POST has no bulkId');
  }
  return objections;
}

function resourceObjections(resource: JsonObject, announcement: Announcement): readonly string[] {
  const schemas = resource['schemas'];
  if (!Array.isArray(schemas)) return ['a resource has no schemas'];
  const discovery = schemas.map((urn) => DISCOVERY_SCHEMAS.get(String(urn))).find((attributes) => attributes !== undefined);
  if (discovery !== undefined) return membersObjections(resource, discovery, '');
  const [core = ''] = schemas.map(String).filter((urn) => announcement.resourceTypes.has(urn));
  const type = announcement.resourceTypes.get(core);
  if (type === undefined) return [`no resource type has one of the schemas ${JSON.stringify(schemas)}`];

  const objections: string[] = [];
  const used = [core, ...type.extensions.filter((urn) => resource[urn] !== undefined)];
  if (JSON.stringify(schemas.map(String).toSorted()) !== JSON.stringify(used.toSorted()))
    objections.push(`schemas is ${JSON.stringify(schemas)}, in use are ${JSON.stringify(used)}`);
  const own = Object.fromEntries(Object.entries(resource).filter(([name]) => !type.extensions.includes(name)));
  objections.push(...membersObjections(own, [...COMMON, ...(announcement.schemas.get(core) ?? [])], ''));
  for (const urn of type.extensions) {
    const extension = resource[urn];
    if (extension === undefined) continue;
    if (!isJsonObject(extension)) objections.push(`${urn} is no object`);
    else objections.push(...membersObjections(extension, announcement.schemas.get(urn) ?? [], `${urn}:`));
  }
  return [...objections, ...metaObjections(resource, type)];
}

/** RFC 7643 §3.1: on every resource, in no schema. */
const COMMON: readonly SchemaAttribute[] = [
  { name: 'schemas', type: 'reference', multiValued: true, returned: 'always' },
  { name: 'id', type: 'string', returned: 'always' },
  { name: 'externalId', type: 'string' },
  META_SCHEMA,
];

function metaObjections(
  { id, meta }: JsonObject,
  { name, endpoint }: { readonly name: string; readonly endpoint: string },
): readonly string[] {
  if (!isJsonObject(meta)) return [];
  const { resourceType, location, created, lastModified, version } = meta;
  const objections: string[] = [];
  const isWhole = [resourceType, location, created, lastModified, version].every((member) => member !== undefined);
  // A projection may ask for one member alone.
  if (isWhole && Object.keys(meta).length !== 5) objections.push('meta has members that RFC 7643 does not know');
  if (resourceType !== undefined && resourceType !== name) objections.push(`meta.resourceType is not ${name}`);
  if (
    location !== undefined &&
    (typeof location !== 'string' || !location.startsWith('https://') || typeof id !== 'string' || !location.endsWith(`${endpoint}/${id}`))
  )
    objections.push('meta.location does not lead to the resource');
  if (version !== undefined && (typeof version !== 'string' || !/^(W\/)?"[^"]+"$/.test(version)))
    objections.push('meta.version is no entity tag');
  return objections;
}

function membersObjections(object: JsonObject, attributes: readonly SchemaAttribute[], at: string): readonly string[] {
  const byName = new Map(attributes.map((attribute) => [attribute.name, attribute]));
  const objections = attributes
    .filter(({ name, returned }) => returned === 'always' && object[name] === undefined)
    .map(({ name }) => `${at}${name} is missing`);
  for (const [name, value] of Object.entries(object)) {
    const attribute = byName.get(name);
    if (attribute === undefined) objections.push(`${at}${name} is announced nowhere`);
    else if (attribute.returned === 'never' || attribute.mutability === 'writeOnly') objections.push(`${at}${name} is never to be shown`);
    else objections.push(...attributeObjections(value, attribute, `${at}${name}`));
  }
  return objections;
}

function attributeObjections(value: JsonValue, attribute: SchemaAttribute, at: string): readonly string[] {
  if (attribute.multiValued !== true) return valueObjections(value, attribute, at);
  if (!Array.isArray(value)) return [`${at} is no list`];
  const primaries = value.filter((element) => isJsonObject(element) && element['primary'] === true);
  return [
    ...(value.length === 0 && attribute.mayBeEmpty !== true ? [`${at} is empty`] : []),
    ...(primaries.length > 1 ? [`${at} has several primary values`] : []),
    ...value.flatMap((element, index) => valueObjections(element, attribute, `${at}[${index}]`)),
  ];
}

function valueObjections(value: JsonValue, attribute: SchemaAttribute, at: string): readonly string[] {
  switch (attribute.type) {
    case 'complex':
      if (!isJsonObject(value)) return [`${at} is no object`];
      if (Object.keys(value).length === 0) return [`${at} is empty`];
      return membersObjections(value, attribute.subAttributes ?? [], `${at}.`);
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${at} is no boolean`];
    case 'integer':
      return Number.isInteger(value) ? [] : [`${at} is no integer`];
    case 'decimal':
      return typeof value === 'number' ? [] : [`${at} is no number`];
    case 'dateTime':
      return typeof value === 'string' && DATE_TIME.test(value) ? [] : [`${at} is no dateTime`];
    default:
      if (typeof value !== 'string') return [`${at} is no text`];
      return value === '' && attribute.mayBeEmpty !== true ? [`${at} is empty`] : [];
  }
}

function membersBeyond(object: JsonObject, known: readonly string[]): string[] {
  return Object.keys(object)
    .filter((name) => !known.includes(name))
    .map((name) => `there is a member ${name}`);
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
