import { join } from 'node:path';
import { pino } from 'pino';
import { formatDiagnostics } from '../config/format-diagnostics.ts';
import { ALL_RIGHTS } from '../http/credential.ts';
import { Brakes } from '../provisioning/brakes.ts';
import { countEntries } from '../provisioning/count-entries.ts';
import { freshContext } from '../provisioning/fresh-context.ts';
import type { OperationContext } from '../provisioning/operation-context.ts';
import { ScimError } from '../scim/errors.ts';
import { openBrakeCounter } from '../state/brake-counter.ts';
import { NO_INTENT_JOURNAL } from '../state/intent-journal.ts';
import { openAuditTrail } from './audit-trail.ts';
import { chooseTenant } from './choose-tenant.ts';
import { CommandFailure, orFail } from './command-failure.ts';
import { sectionOf } from './connected-directory.ts';
import { EXIT } from './exit-codes.ts';
import { checkService } from './load-service.ts';
import { onLiveDirectory } from './on-live-directory.ts';
import { journalFolder, openWriteJournal } from './write-journal.ts';

/** What a command of an operator works with. */
export interface OperatorWork {
  /** Writes as a request does: under the fence and the brakes, audited, noted in the journal. */
  readonly context: OperationContext;
  /** Where the journal of the service is; undefined when it keeps none. */
  readonly journal: string | undefined;
  readonly stateDirectory: string | undefined;
}

/**
 * Carries out an operator's command on the live directory of a tenant, beside the daemon or without it. What the brakes have counted by
 * then counts; the log goes to standard error.
 *
 * @param requestId how the audit trail and the journal call it
 * @returns what `work` returns; 1 when it is held back, 64 for no telling which tenant, 69 when the directory can't be reached, 78 for an
 *          invalid configuration
 */
export function asOperator(
  command: string,
  configPath: string,
  wanted: string | undefined,
  requestId: string,
  work: (work: OperatorWork) => Promise<number>,
): Promise<number> {
  return orFail(async () => {
    const checked = checkService(configPath);
    if (!checked.ok) throw new CommandFailure(EXIT.configuration, formatDiagnostics(checked.diagnostics));
    const { name, section, plan } = chooseTenant(command, checked, wanted);
    return await onLiveDirectory(command, configPath, name, async (directory, { bridge }) => {
      const directorySection = sectionOf(bridge, section.directory);
      const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime, level: 'warn' }, pino.destination({ dest: 2, sync: true }));
      const trail = openAuditTrail(bridge.audit, log, undefined, () => undefined);
      const journal = await openWriteJournal(bridge, log, undefined);
      const asker = { requestId, tenant: name, credential: 'operator', address: 'local' };
      const { stateDirectory } = bridge;
      const context: OperationContext = {
        ...freshContext({
          tenant: name,
          plan,
          directory,
          ownDn: 'bindDn' in directorySection ? directorySection.bindDn : undefined,
          intents: NO_INTENT_JOURNAL,
          paging: section.paging,
          baseUrl: `${bridge.publicUrl}${section.path}`,
        }),
        rights: ALL_RIGHTS,
        audit: trail.openFor(asker),
        ...(journal === undefined ? {} : { journal: journal.openFor(asker) }),
        ...(plan.brakes === undefined
          ? {}
          : {
              brakes: new Brakes({
                budgets: plan.brakes,
                counter: openBrakeCounter(stateDirectory === undefined ? undefined : join(stateDirectory, 'brakes'), name),
                population: () => countEntries(directory, plan.users),
                log,
                now: Date.now,
                heldBack: () => undefined,
              }),
            }),
        log,
      };
      try {
        return await work({ context, journal: journalFolder(bridge), stateDirectory });
      } catch (error) {
        if (!(error instanceof ScimError)) throw error;
        throw new CommandFailure(EXIT.failure, `${command}: ${error.detail}`);
      } finally {
        journal?.file.close();
        trail.file?.close();
      }
    });
  });
}

/** The journal's folder. @throws CommandFailure EXIT.configuration when none is kept */
export function neededJournal(command: string, { journal }: OperatorWork): string {
  if (journal !== undefined) return journal;
  throw new CommandFailure(EXIT.configuration, `${command}: no journal is kept: it needs stateDirectory, and no "retention: none"`);
}
