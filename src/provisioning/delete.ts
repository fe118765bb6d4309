import type { ResourcePlan } from '../mapping/plan.ts';
import { planDelete } from '../mapping/plan-delete.ts';
import { attributesToDelete } from '../mapping/read-entry.ts';
import { NO_REFERENCES } from '../mapping/reference-table.ts';
import type { VersionCondition } from '../scim/version-condition.ts';
import { applyChanges } from './apply-changes.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import { findEntry, refuseOtherVersion } from './find-entry.ts';
import type { OperationContext } from './operation-context.ts';
import { readWhole, restorableAttributes } from './read-whole.ts';
import { retryingConflicts } from './retry-conflicts.ts';

/**
 * Deletes a resource (RFC 7644 §3.6); groups and managers that refer to it forget it. What becomes of its entry says `onDelete`.
 *
 * LDAP: one search, one delete guarded by the id, one search per kind of reference; of an entry that is kept, a rename and a modify
 * instead of the delete.
 *
 * @param ifMatch the version that the resource must have; decided by the directory together with the delete
 * @throws ScimError 412, 404 when it is gone already, 409 when its entry has others below it, 503
 */
export function deleteResource(context: OperationContext, plan: ResourcePlan, id: string, ifMatch?: VersionCondition): Promise<void> {
  return translatingErrors(plan, 'delete', () =>
    retryingConflicts(async () => {
      const { schema } = await context.directory.facts();
      const isKept = context.journal !== undefined && plan.onDelete.kind === 'remove';
      const restorable = isKept ? restorableAttributes(context.plan, plan, plan.objectClasses, schema) : [];
      const entry = await findEntry(context, plan, id, [...new Set([...attributesToDelete(plan), ...restorable])]);
      refuseOtherVersion(plan, entry, ifMatch);
      const writePlan = planDelete(plan, entry, { schema, references: NO_REFERENCES }, isKept || ifMatch !== undefined);
      await applyChanges(context, plan, isKept ? { ...writePlan, whole: await readWhole(context, plan, entry) } : writePlan, []);
    }),
  );
}
