import type { Plan } from '../mapping/plan.ts';
import type { ExplainedTenant } from './explain-request.ts';

/** A tenant of nobody, with the limits that a tenant has unless its section says otherwise. */
export function exampleTenant(plan: Plan): ExplainedTenant {
  return {
    name: 'example',
    path: '/scim/v2',
    publicUrl: 'https://scim.example.org',
    plan,
    limits: { bodyBytes: 1024 * 1024, listValues: 50_000, bulkOperations: 1000, requestsInFlight: 1 },
    paging: { defaultPageSize: 100, maxPageSize: 1000, cursorTimeout: 3_600_000, sortLimit: 20_000 },
  };
}
