import type { ResourcePlan } from '../mapping/plan.ts';
import { attributesToRead, lensesFor } from '../mapping/read-entry.ts';
import { type Projection, project } from '../scim/projection.ts';
import type { ScimObject } from '../scim/resource.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import { findEntry } from './find-entry.ts';
import { mayLag } from './may-lag.ts';
import type { OperationContext } from './operation-context.ts';
import { toResources } from './to-resources.ts';

/**
 * One resource by id (RFC 7644 §3.4.1).
 *
 * LDAP: one search; one more for each batch of references, when the answer shows any.
 *
 * @throws ScimError 404, 503
 */
export function retrieveResource(context: OperationContext, plan: ResourcePlan, id: string, projection: Projection): Promise<ScimObject> {
  return translatingErrors(plan, 'read', async () => {
    const lenses = lensesFor(plan, projection);
    const entry = await findEntry(mayLag(context), plan, id, attributesToRead(plan, lenses));
    const [resource] = await toResources(mayLag(context), plan, lenses, [entry]);
    return project(resource ?? {}, projection, plan.resourceType);
  });
}
