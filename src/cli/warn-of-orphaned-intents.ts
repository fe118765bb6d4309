import type { Logger } from 'pino';
import type { IntentJournal } from '../state/intent-journal.ts';

/** Says which interrupted writes belong to tenants that are not configured any more: they are settled by nobody, and wait. */
export function warnOfOrphanedIntents(intents: IntentJournal, tenants: Iterable<string>, log: Logger): void {
  for (const { intent, file } of intents.listOrphaned(new Set(tenants))) {
    const { tenant, at: begun, steps } = intent;
    const message =
      'a write was interrupted, and its tenant is not configured any more: configure it again to have the write settled, or compare the entry with what the file says and remove the file';
    log.warn({ tenant, dn: steps[0]?.change.dn, steps: steps.map(({ change }) => change.kind), begun, file }, message);
  }
}
