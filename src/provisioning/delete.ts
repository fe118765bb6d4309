import type { ResourcePlan } from '../mapping/plan.ts';
import { planDelete } from '../mapping/plan-delete.ts';
import type { VersionCondition } from '../scim/version-condition.ts';
import { applyChanges } from './apply-changes.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import { findEntry, refuseOtherVersion } from './find-entry.ts';
import type { OperationContext } from './operation-context.ts';
import { retryingConflicts } from './retry-conflicts.ts';

/**
 * Deletes a resource (RFC 7644 §3.6); groups and managers that refer to it forget it.
 *
 * LDAP: one search, one delete guarded by the id, one search per kind of reference.
 *
 * @param ifMatch the version that the resource must have; decided by the directory together with the delete
 * @throws ScimError 412, 404 when it is gone already, 409 when its entry has others below it, 503
 */
export function deleteResource(context: OperationContext, plan: ResourcePlan, id: string, ifMatch?: VersionCondition): Promise<void> {
  return translatingErrors(plan, 'delete', () =>
    retryingConflicts(async () => {
      const entry = await findEntry(context, plan, id, [plan.id, plan.meta.version, ...plan.namedBy]);
      refuseOtherVersion(plan, entry, ifMatch);
      await applyChanges(context, plan, planDelete(plan, entry, ifMatch !== undefined), []);
    }),
  );
}
