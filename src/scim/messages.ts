import type { BulkResult } from './bulk.ts';
import type { ScimError } from './errors.ts';
import { newObject, type ScimObject, type ScimValue } from './resource.ts';

export const MEDIA_TYPE = 'application/scim+json';

const LIST_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const BULK_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/**
 * A ListResponse (RFC 7644 §3.4.2). `Resources` is always there, also when empty: Entra takes nothing else.
 *
 * @param totalResults how many match in all
 * @param startIndex position of the first resource among them, from 1
 */
export function listResponse(resources: readonly ScimObject[], totalResults: number, startIndex: number): ScimObject {
  return newObject([
    ['schemas', [LIST_RESPONSE]],
    ['totalResults', totalResults],
    ['startIndex', startIndex],
    ['itemsPerPage', resources.length],
    ['Resources', resources],
  ]);
}

/**
 * A page of a ListResponse that is paged by cursor (RFC 9865 §2): it says where the next page is instead of where this one is.
 *
 * @param nextCursor undefined on the last page
 */
export function cursorListResponse(resources: readonly ScimObject[], totalResults: number, nextCursor: string | undefined): ScimObject {
  return newObject([
    ['schemas', [LIST_RESPONSE]],
    ['totalResults', totalResults],
    ['itemsPerPage', resources.length],
    ...(nextCursor === undefined ? [] : ([['nextCursor', nextCursor]] as const)),
    ['Resources', resources],
  ]);
}

/** An error's body (RFC 7644 §3.12). The request id ends the detail, because a client's log shows the detail and not our headers. */
export function errorBody(error: Pick<ScimError, 'status' | 'scimType' | 'detail'>, requestId: string): ScimObject {
  return newObject([
    ['schemas', [ERROR]],
    ['status', String(error.status)],
    ...(error.scimType === undefined ? [] : ([['scimType', error.scimType]] as const)),
    ['detail', `${error.detail} (request ${requestId})`],
  ]);
}

/** A BulkResponse (RFC 7644 §3.7.3): of each operation its own status, and the error's body where there is one. */
export function bulkResponse(results: readonly BulkResult[], requestId: string): ScimObject {
  return newObject([
    ['schemas', [BULK_RESPONSE]],
    ['Operations', results.map((result) => bulkResult(result, requestId))],
  ]);
}

function bulkResult({ method, bulkId, location, version, status, error }: BulkResult, requestId: string): ScimObject {
  const members: readonly (readonly [string, ScimValue | undefined])[] = [
    ['method', method],
    ['bulkId', bulkId],
    ['location', location],
    ['version', version],
    ['status', String(status)],
    ['response', error === undefined ? undefined : errorBody(error, requestId)],
  ];
  return newObject(members.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}
