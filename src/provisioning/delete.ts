import type { ResourcePlan } from '../mapping/plan.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import { findEntry } from './find-entry.ts';
import { followReferences } from './follow-references.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * Deletes a resource (RFC 7644 §3.6); groups and managers that refer to it forget it.
 *
 * LDAP: one search, one delete guarded by the id, one search per kind of reference.
 *
 * @throws ScimError 404 when it is gone already, 409 when its entry has others below it, 503
 */
export function deleteResource(context: OperationContext, plan: ResourcePlan, id: string): Promise<void> {
  return translatingErrors(plan, 'delete', async () => {
    const { dn } = await findEntry(context, plan, id, [plan.id]);
    await context.directory.write({ kind: 'delete', dn, assertion: { kind: 'equality', attribute: plan.id, value: id } });
    await followReferences(context, plan, dn, undefined);
  });
}
