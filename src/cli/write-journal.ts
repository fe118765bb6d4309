import { join } from 'node:path';
import type { Logger } from 'pino';
import type { BridgeFile } from '../config/bridge-file.ts';
import type { Asker, OpenJournal } from '../http/app.ts';
import { ScimError } from '../scim/errors.ts';
import { openUndoJournal, type UndoJournal } from '../state/undo-journal.ts';

/** Seconds until a client tries again what could not be noted. */
const RETRY_AFTER = 60;

/** The journal of a running service: what an undo needs of each LDAP write. */
export interface ServiceJournal {
  readonly folder: string;
  readonly retention: number;
  readonly file: UndoJournal;
  readonly openFor: OpenJournal;
}

/** Where the journal of a service is; undefined when it keeps none. */
export function journalFolder({ stateDirectory, journal }: BridgeFile): string | undefined {
  return stateDirectory === undefined || journal.retention === 'none' ? undefined : join(stateDirectory, 'journal');
}

/**
 * @param before whose files are gone on with when they are the same
 * @returns undefined where the configuration wants none
 * @throws Error of the system, when the folder can't be made
 */
export async function openWriteJournal(
  bridge: BridgeFile,
  log: Logger,
  before: ServiceJournal | undefined,
): Promise<ServiceJournal | undefined> {
  const folder = journalFolder(bridge);
  const { retention, required } = bridge.journal;
  if (folder === undefined || retention === 'none') return undefined;
  const isSame = before?.folder === folder && before.retention === retention;
  const file = isSame ? before.file : await openUndoJournal(folder, { retentionMs: retention });
  const directoryOf = ({ tenant }: Asker): string => bridge.tenants.get(tenant)?.directory ?? '';
  return {
    folder,
    retention,
    file,
    openFor: (asker) => ({
      async begin(write) {
        const { requestId: request, tenant } = asker;
        const refuseOrWarn = (err: unknown): void => {
          const fields = { err, folder, requestId: request, tenant };
          if (!required) {
            log.error(fields, 'a write may be missing in the journal, which cannot be written: it cannot be undone by it');
            return;
          }
          log.error(fields, 'nothing is written to the directory until the journal can be');
          throw new ScimError(503, 'nothing can be changed while the journal cannot be written', { cause: err, retryAfter: RETRY_AFTER });
        };
        try {
          const noted = await file.begin({ request, tenant, directory: directoryOf(asker), ...write });
          const onDisk = noted.onDisk.catch(refuseOrWarn);
          // Where it needn't be there before the write is sent, the disk and the directory work at the same time.
          if (required) await onDisk;
          return async (outcome, id) => {
            noted.end(outcome, id);
            await onDisk;
          };
        } catch (error) {
          if (error instanceof ScimError) throw error;
          refuseOrWarn(error);
          return () => Promise.resolve();
        }
      },
    }),
  };
}
