import { expect, test } from 'vitest';
import { DirectoryError } from '../../src/directory/directory-error.ts';
import { ALL_RIGHTS } from '../../src/http/credential.ts';
import { carryOutBulk } from '../../src/provisioning/bulk.ts';
import { type OperationContext, resourcePlans } from '../../src/provisioning/operation-context.ts';
import { readBulkRequest } from '../../src/scim/bulk.ts';
import { NO_AUDIT } from './support/no-audit.ts';
import { shippedPlan } from './support/shipped-plan.ts';

const BASE_URL = 'https://scim.example.org';

/** A tenant whose directory only throws, one of these for each search, and what it logs at level `error`. */
function failingTenant(errors: readonly Error[]): { readonly context: OperationContext; readonly logged: readonly object[] } {
  const logged: object[] = [];
  const error = (fields: object, message: string) => void logged.push({ ...fields, message });
  const log = { info: () => undefined, warn: () => undefined, error };
  const left = errors.values();
  const directory = {
    facts: () => Promise.resolve({}),
    search: () => Promise.reject(left.next().value ?? new Error('one search too many')),
  };
  return {
    context: { plan: shippedPlan(), directory, baseUrl: BASE_URL, log, audit: NO_AUDIT, rights: ALL_RIGHTS } as unknown as OperationContext,
    logged,
  };
}

test('a slip of ours fails one operation; a directory that goes away fails this one and the rest untried; the log says why', async () => {
  const slip = new TypeError('not for clients');
  const away = new DirectoryError('unavailable', 'away');
  const { context, logged } = failingTenant([slip, away]);
  const id = '7b0bd8c2-5a2e-4f0c-9b39-3c6c5b8f4e11';
  const resourceTypes = resourcePlans(context).map(({ resourceType }) => resourceType);
  const removal = { method: 'DELETE', path: `/Users/${id}` };
  const results = await carryOutBulk(context, readBulkRequest({ Operations: [removal, removal, removal] }, resourceTypes, 3));
  const location = `${BASE_URL}/Users/${id}`;
  expect(results).toMatchObject([
    { status: 500, location, error: { detail: 'internal error' } },
    { status: 503, location, error: { detail: 'the directory is not available' } },
    { status: 503, error: { detail: expect.stringContaining('not tried') } },
  ]);
  expect(logged).toEqual([
    { err: slip, message: 'a request failed, and nobody planned for it' },
    { err: away, message: 'a request failed' },
  ]);
});
