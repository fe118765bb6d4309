import type { DirectoryError } from '../directory/directory-error.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import type { ReferenceChange } from '../state/intent.ts';
import { followReferences } from './follow-references.ts';
import { journaling } from './journaling.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * Lets what refers to an entry follow its new name, or forget it. The entry is not looked at.
 *
 * An entry that is to be forgotten may live on elsewhere, and slapo-refint lets references follow it there, a moment later. It exchanges
 * a value in one modify, so once nobody refers to the old name, the new name gets no more of them.
 *
 * @returns why some could not; undefined when that is done everywhere
 */
export async function changeReferences(
  operation: OperationContext,
  plan: ResourcePlan,
  { kind, before, after }: ReferenceChange,
): Promise<DirectoryError | undefined> {
  const context = journaling(operation, plan, () => ({ follows: true }));
  if (kind === 'follow') return followReferences(context, plan, before, after);
  const failure = await followReferences(context, plan, before, undefined);
  return after.dn === before.dn ? failure : (failure ?? (await followReferences(context, plan, after, undefined)));
}
