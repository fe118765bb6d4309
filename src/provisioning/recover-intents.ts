import { DirectoryError } from '../directory/directory-error.ts';
import type { Change } from '../ldap/change.ts';
import { makeEntry, valuesOf } from '../ldap/entry.ts';
import { EVERYTHING, type LdapFilter } from '../ldap/filter.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { idOf } from '../mapping/read-entry.ts';
import type { Intent, IntentStep } from '../state/intent.ts';
import type { LeftIntent } from '../state/intent-journal.ts';
import { changeReferences } from './change-references.ts';
import { countDoneSteps, readEntryAt } from './count-done-steps.ts';
import { journaling } from './journaling.ts';
import { type OperationContext, resourcePlans } from './operation-context.ts';

/** What became of a write that had been interrupted. */
type Settlement = { readonly kind: 'notBegun' | 'finished' | 'undone' } | Unsettled;

/** It can be neither finished nor undone. */
interface Unsettled {
  readonly kind: 'unsettled';
  readonly reason: string;
  readonly cause?: unknown;
}

/**
 * Finishes or undoes the writes of a tenant that were interrupted between their steps, by the end of a process or of a connection, and
 * says so in the log. How far each came is read from the directory.
 *
 * A write is finished where all that is missing is known. A password is never noted: where one is missing, what has been done is
 * undone. What allows neither is set aside with a loud word: somebody else has changed the entry since.
 *
 * @param context with a directory that doesn't wait for this
 * @throws DirectoryError when the directory is away; what is not settled by then waits on
 */
export async function recoverIntents(context: OperationContext): Promise<void> {
  const left = [...context.intents.takeLeft(context.tenant)];
  try {
    for (let next = left[0]; next !== undefined; next = left[0]) {
      await recover(context, next);
      left.shift();
    }
  } finally {
    for (const each of left) context.intents.putBack(each);
  }
}

async function recover(context: OperationContext, left: LeftIntent): Promise<void> {
  const { intent } = left;
  const steps = intent.steps.map(({ change }) => change.kind);
  const fields = { dn: intent.steps[0]?.change.dn, steps, begun: intent.at };
  const plan = resourcePlans(context).find(({ target }) => target === intent.target);
  const settlement: Settlement =
    plan === undefined ? { kind: 'unsettled', reason: `there are no ${intent.target} any more` } : await settle(context, plan, left);
  if (settlement.kind !== 'unsettled') {
    await left.end();
    context.log.warn({ ...fields, settlement: settlement.kind }, 'a write that had been interrupted is settled');
    return;
  }
  const { reason, cause } = settlement;
  const file = await left.setAside();
  const message = 'a write was interrupted and can be neither finished nor undone: compare the entry with what the file says';
  context.log.error({ ...fields, reason, file, ...(cause === undefined ? {} : { err: cause }) }, message);
}

async function settle(context: OperationContext, plan: ResourcePlan, left: LeftIntent): Promise<Settlement> {
  const { intent, progress } = left;
  const { steps, references } = intent;
  const done = await countDoneSteps(context.directory, intent, progress);
  if (done === undefined) return { kind: 'unsettled', reason: 'the entry was renamed, moved or removed by others since' };
  if (done === 0) return { kind: 'notBegun' };
  const missing = steps.slice(done);
  if (!missing.every(({ repeatable }) => repeatable)) return undo(context, plan, left, steps.slice(0, done));
  const { done: more, refusal } = await carryOut(context, plan, intent, missing);
  if (refusal !== undefined) return undo(context, plan, left, steps.slice(0, done + more), refusal);
  const failure = references === undefined ? undefined : await changeReferences(context, plan, references);
  if (failure === undefined) return { kind: 'finished' };
  if (failure.kind !== 'refused') throw failure;
  return { kind: 'unsettled', reason: 'its steps are done, but values that name the entry could not follow', cause: failure };
}

/** @param refusal why it can't be finished, where that has been tried */
async function undo(
  context: OperationContext,
  plan: ResourcePlan,
  left: LeftIntent,
  done: readonly IntentStep[],
  refusal?: DirectoryError,
): Promise<Settlement> {
  const undos: Pick<IntentStep, 'change'>[] = [];
  for (const step of done.toReversed()) {
    const change = await guardedUndo(context, left, step);
    if (change === undefined)
      return { kind: 'unsettled', reason: 'its last steps are refused, and its first cannot be undone', cause: refusal };
    undos.push({ change });
  }
  const { refusal: cause } = await carryOut(context, plan, left.intent, undos);
  return cause === undefined ? { kind: 'undone' } : { kind: 'unsettled', reason: 'what has been done cannot be undone', cause };
}

/** The change that takes a step back, and only from the entry that was changed; an entry that was made has to be as it was made. */
async function guardedUndo(context: OperationContext, left: LeftIntent, { change, undo: undone }: IntentStep): Promise<Change | undefined> {
  if (undone === undefined || undone.kind === 'add' || undone.kind === 'password') return undone;
  const assertion = left.intent.isEntry ?? (await isAsMade(context, change.dn, left));
  return { ...undone, assertion };
}

async function isAsMade({ directory }: OperationContext, dn: string, { intent, progress }: LeftIntent): Promise<LdapFilter> {
  const entry = await readEntryAt(directory, dn, intent);
  const [value = progress.version] = entry === undefined ? [] : valuesOf(entry, intent.versionAttribute);
  if (value === undefined) return EVERYTHING;
  return { kind: 'equality', attribute: intent.versionAttribute, value: progress.version ?? value };
}

/** @throws DirectoryError when the directory is away */
async function carryOut(
  context: OperationContext,
  plan: ResourcePlan,
  { isEntry }: Intent,
  steps: readonly Pick<IntentStep, 'change' | 'undo'>[],
): Promise<{ readonly done: number; readonly refusal?: DirectoryError }> {
  const id = isEntry?.kind === 'equality' ? idOf(plan, makeEntry('', [{ name: plan.id, values: [isEntry.value] }])) : undefined;
  for (const [done, { change, undo: known }] of steps.entries()) {
    try {
      await journaling(context, plan, () => ({ id, known })).directory.write(change);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { done, refusal: error };
    }
  }
  return { done: steps.length };
}

function isRefusal(error: unknown): error is DirectoryError {
  return error instanceof DirectoryError && error.kind === 'refused';
}
