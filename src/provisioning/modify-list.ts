import { DirectoryError, isUnknownOutcome } from '../directory/directory-error.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import type { ReferenceLens } from '../mapping/lenses/reference.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { idOf } from '../mapping/read-entry.ts';
import { matchId, searchFilter } from '../mapping/translate-filter.ts';
import type { ListDelta } from '../scim/list-delta.ts';
import { fenceOff, refuseFenced } from './fence.ts';
import { findEntry } from './find-entry.ts';
import { followOne } from './follow-references.ts';
import { journaling } from './journaling.ts';
import { modifyMembers, resolveDelta } from './modify-members.ts';
import type { OperationContext } from './operation-context.ts';
import { makeLensContext } from './to-resources.ts';

/** A list and what is to become of it, without knowing it. */
export interface ListChange {
  readonly lens: ReferenceLens;
  readonly delta: ListDelta;
}

/**
 * Adds members to a group and takes members out of it, whatever the size of the group: nothing of it is read.
 *
 * LDAP: one modify, and one search for each hundred of the ids named. Where the group is, is remembered from earlier and guarded by
 * the assertion on its id.
 *
 * @returns the DN of the group
 * @throws ScimError 400 for an id that names nobody, 404, 503 when a brake holds
 */
export async function modifyList(context: OperationContext, plan: ResourcePlan, id: string, { lens, delta }: ListChange): Promise<string> {
  const then = context.names.now();
  const known = context.names.targetOf(plan, id);
  const ids = [...delta.add, ...delta.remove];
  const [dn, lensContext] = await Promise.all([
    known ?? locateTarget(context, plan, id),
    makeLensContext(context, { ids, targets: lens.refersTo }),
  ]);
  const members = resolveDelta(lens, delta, lensContext, dn);
  if (members.add.length === 0 && members.remove.length === 0) {
    // Nothing is written that would tell whether the group is still there.
    if (known !== undefined) await locateTarget(context, plan, id);
    return dn;
  }
  await refuseFenced(context, plan, { dn, names: {} });
  const assertion = fenceOff(context, guardOf(plan, id));
  const cost = members.remove.length === 0 ? { updates: 1 } : { memberRemovals: members.remove.length };
  await context.brakes?.take(cost);
  try {
    await modifyMembers(
      journaling(context, plan, () => ({ id })),
      { kind: 'modify', dn, modifications: [], assertion, listOf: id },
      members,
      [],
    );
  } catch (error) {
    if (error instanceof DirectoryError) context.names.forgetTarget(plan, id);
    if (!isUnknownOutcome(error)) context.brakes?.giveBack(cost);
    throw error;
  }
  await catchUp(
    journaling(context, plan, () => ({ id, follows: true })),
    lens,
    dn,
    members.add,
    then,
  );
  return dn;
}

/** Holds for the entry with the id, while it is one of the plan's. */
function guardOf(plan: ResourcePlan, id: string): LdapFilter {
  return searchFilter(plan, matchId(plan, id).filter);
}

async function locateTarget(context: OperationContext, plan: ResourcePlan, id: string): Promise<string> {
  const entry = await findEntry(context, plan, id, [plan.id]);
  context.names.rememberTarget(plan, idOf(plan, entry) ?? id, entry.dn);
  return entry.dn;
}

/**
 * Who was renamed or deleted through this process between the look-up of the id and the write came into the list under a name that
 * is no longer anybody's: whoever let references follow came too early for this one.
 */
async function catchUp(context: OperationContext, lens: ReferenceLens, dn: string, added: readonly string[], then: number): Promise<void> {
  if (lens.by !== undefined) return;
  for (const { oldDn, newDn } of context.names.changedSince(then, added)) await followOne(context, dn, lens, oldDn, newDn);
}
