import type { ScimError } from './errors.ts';
import { newObject, type ScimObject } from './resource.ts';

export const MEDIA_TYPE = 'application/scim+json';

const LIST_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
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

/** An error's body (RFC 7644 §3.12). The request id ends the detail, because a client's log shows the detail and not our headers. */
export function errorBody(error: Pick<ScimError, 'status' | 'scimType' | 'detail'>, requestId: string): ScimObject {
  return newObject([
    ['schemas', [ERROR]],
    ['status', String(error.status)],
    ...(error.scimType === undefined ? [] : ([['scimType', error.scimType]] as const)),
    ['detail', `${error.detail} (request ${requestId})`],
  ]);
}
