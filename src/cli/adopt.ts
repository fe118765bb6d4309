import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { formatDiagnostics } from '../config/format-diagnostics.ts';
import { ALL_RIGHTS } from '../http/credential.ts';
import { adoptEntries } from '../provisioning/adopt.ts';
import { freshContext } from '../provisioning/fresh-context.ts';
import type { OperationContext } from '../provisioning/operation-context.ts';
import { ScimError } from '../scim/errors.ts';
import { NO_INTENT_JOURNAL } from '../state/intent-journal.ts';
import { openAuditTrail } from './audit-trail.ts';
import { chooseTenant } from './choose-tenant.ts';
import { CommandFailure, orFail } from './command-failure.ts';
import { sectionOf } from './connected-directory.ts';
import { EXIT } from './exit-codes.ts';
import { checkService } from './load-service.ts';
import { onLiveDirectory } from './on-live-directory.ts';
import { readInput } from './read-input.ts';
import { openWriteJournal } from './write-journal.ts';

export interface AdoptOptions {
  /** DNs, one a line, or what `rehearse --json` printed; `-` is standard input. */
  readonly file: string;
  readonly tenant?: string;
  /** Only says what would become of them. */
  readonly dryRun: boolean;
}

/**
 * Hands entries that others made over to the bridge, by the class that marks its own, and says a line for each.
 *
 * @returns 1 when one could not be handed over, 69 when the directory can't be reached, 78 for an invalid configuration, otherwise 0
 */
export function adopt(configPath: string, { file, tenant: wanted, dryRun }: AdoptOptions): Promise<number> {
  return orFail(async () => {
    const dns = readDns(readInput('adopt', file), file);
    const checked = checkService(configPath);
    if (!checked.ok) throw new CommandFailure(EXIT.configuration, formatDiagnostics(checked.diagnostics));
    const { name, section, plan } = chooseTenant('adopt', checked, wanted);
    return await onLiveDirectory('adopt', configPath, name, async (directory, { bridge }) => {
      const directorySection = sectionOf(bridge, section.directory);
      const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));
      const trail = openAuditTrail(bridge.audit, log, undefined, () => undefined);
      const journal = await openWriteJournal(bridge, log, undefined);
      const asker = { requestId: randomUUID(), tenant: name, credential: 'operator', address: 'local' };
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
        log,
      };
      try {
        return await handOver(context, dns, dryRun);
      } finally {
        trail.file?.close();
        journal?.file.close();
      }
    });
  });
}

async function handOver(context: OperationContext, dns: readonly string[], dryRun: boolean): Promise<number> {
  let code: number = EXIT.ok;
  try {
    for await (const { dn, outcome, reason, members } of adoptEntries(context, dns, dryRun)) {
      const beside = members === undefined ? '' : ` (${members} members already)`;
      process.stdout.write(`${outcome}: ${dn}${beside}${reason === undefined ? '' : `: ${reason}`}\n`);
      if (!['marked', 'would be marked', 'marked already'].includes(outcome)) code = EXIT.failure;
    }
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    throw new CommandFailure(EXIT.failure, `adopt: ${error.detail}`);
  }
  return code;
}

/** @throws CommandFailure EXIT.usage */
function readDns(text: string, file: string): readonly string[] {
  if (!text.trimStart().startsWith('{')) return text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  try {
    const { adoptable } = JSON.parse(text) as { readonly adoptable?: unknown };
    if (Array.isArray(adoptable))
      return adoptable.flatMap((each: { readonly dn?: unknown }) => (typeof each.dn === 'string' ? each.dn : []));
  } catch {
    // Told below, as what isn't a rehearsal.
  }
  throw new CommandFailure(EXIT.usage, `adopt: ${file} is neither a list of DNs, one a line, nor what rehearse --json prints`);
}
