import { expect, test } from 'vitest';
import { badRequest, ScimError } from '../../src/scim/errors.ts';
import { errorBody, listResponse } from '../../src/scim/messages.ts';

test('a list has all its members, also when it is empty', () => {
  expect(JSON.stringify(listResponse([], 0, 1))).toBe(
    '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}',
  );
  expect(listResponse([{ id: '1' }], 7, 3)).toMatchObject({ totalResults: 7, startIndex: 3, itemsPerPage: 1, Resources: [{ id: '1' }] });
});

test('an error has its status as text and the request id at the end of its detail', () => {
  expect(JSON.stringify(errorBody(badRequest('uniqueness', 'userName: is in use'), 'r-1'))).toBe(
    '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"uniqueness","detail":"userName: is in use (request r-1)"}',
  );
  expect(errorBody(new ScimError(404, 'gone'), 'r-2')).not.toHaveProperty('scimType');
});

test('a cause is kept for the log and told to nobody', () => {
  const error = badRequest('invalidValue', 'a', new Error('secret'));
  expect(error.cause).toEqual(new Error('secret'));
  expect(JSON.stringify(errorBody(error, 'r'))).not.toContain('secret');
});
