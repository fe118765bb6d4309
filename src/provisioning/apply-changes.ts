import { DirectoryError } from '../directory/directory-error.ts';
import type { Entry } from '../ldap/entry.ts';
import type { PlannedChange, WritePlan } from '../mapping/write-entry.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * Carries out the steps of a write in their order. When a step is refused, the steps before it are taken back, last one first, so
 * that the request changes everything or nothing; what can't be taken back is said loudly in the log.
 *
 * @param returning attributes of the entry to read with the last write
 * @returns the entry after the last step, where the directory says it in the same operation; otherwise read it
 */
export async function applyChanges(
  context: OperationContext,
  { changes }: WritePlan,
  returning: readonly string[],
): Promise<Entry | undefined> {
  const done: PlannedChange[] = [];
  let entry: Entry | undefined;
  for (const planned of changes) {
    try {
      entry = await context.directory.write(planned.change, planned === changes.at(-1) ? returning : []);
    } catch (error) {
      await takeBack(context, done, error);
      throw error;
    }
    done.push(planned);
  }
  return entry;
}

async function takeBack(context: OperationContext, done: readonly PlannedChange[], reason: unknown): Promise<void> {
  if (done.length === 0) return;
  const isUnknown = reason instanceof DirectoryError && reason.kind === 'unknownOutcome';
  if (isUnknown) {
    // The failed step may have been done after all: undoing what came before it could make things worse.
    context.log.error(
      { dn: done.at(-1)?.change.dn, done: done.map(({ change }) => change.kind) },
      'a write stopped half-way, its outcome is unknown',
    );
    return;
  }
  for (const { change, undo } of done.toReversed()) {
    try {
      if (undo !== undefined) await context.directory.write(undo);
    } catch (error) {
      context.log.error({ err: error, dn: change.dn, step: change.kind }, 'a write failed half-way and could not be taken back');
      return;
    }
  }
}
