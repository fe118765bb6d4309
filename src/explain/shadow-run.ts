import { freshContext } from '../provisioning/fresh-context.ts';
import type { ShadowRun } from '../provisioning/operating-mode.ts';
import type { OperationContext } from '../provisioning/operation-context.ts';
import { NO_INTENT_JOURNAL } from '../state/intent-journal.ts';
import { MadeUp } from './made-up.ts';
import { planningDirectory } from './planning-directory.ts';

/** A context that reads what an operation's own context reads, and keeps all that it writes to itself: nothing of it is remembered, counted or noted. */
export async function beginShadowRun(context: OperationContext): Promise<ShadowRun> {
  const { server } = await context.directory.facts();
  const directory = planningDirectory(context.directory, new MadeUp(server));
  const { mode: _mode, brakes: _brakes, journal: _journal, ...rest } = context;
  return {
    context: { ...rest, ...freshContext({ ...rest, directory, intents: NO_INTENT_JOURNAL }) },
    writes: () => directory.operations.flatMap((each) => (each.kind === 'write' && each.refused === undefined ? [each] : [])),
  };
}
