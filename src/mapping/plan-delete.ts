import type { Entry } from '../ldap/entry.ts';
import type { ResourcePlan } from './plan.ts';
import { identify, isEntry, isUnchanged, type WritePlan } from './write-plan.ts';

/**
 * The operations that delete a resource, and let nobody refer to it any more.
 *
 * @param onlyUnchanged whether the entry has to be as it was read, and not just the same entry
 */
export function planDelete(plan: ResourcePlan, entry: Entry, onlyUnchanged: boolean): WritePlan {
  const assertion = onlyUnchanged ? isUnchanged(plan, entry) : isEntry(plan, entry);
  const identity = identify(plan, entry);
  return {
    dn: entry.dn,
    names: identity.names,
    entry: identity,
    changes: [{ change: { kind: 'delete', dn: entry.dn, assertion } }],
    references: 'forget',
  };
}
