import type { Logger } from 'pino';
import type { AuditSection } from '../config/bridge-file.ts';
import type { Asker, OpenAuditTrail } from '../http/app.ts';
import type { AuditPlace, AuditRecord, AuditTrail } from '../provisioning/audit.ts';
import { ScimError } from '../scim/errors.ts';
import type { AuditFailure } from '../telemetry/metrics.ts';
import { AuditFile } from './audit-file.ts';

/** Seconds until a client tries again what could not be recorded. */
const RETRY_AFTER = 60;

/** Of a line without its changes: what is in it of a request's path is bounded by the size of its header. */
const LINE_BYTES = 20_000;

/** The audit trail of a running service: in a file of its own, or among the lines of the log. */
export interface ServiceAuditTrail {
  readonly file: AuditFile | undefined;
  readonly openFor: OpenAuditTrail;
  /** Goes on in a new file after the old one has been moved away (logrotate). */
  reopen(): void;
}

/**
 * @param failed is told of every record that could not be kept in its place
 * @param before whose file is taken over when it is the same
 * @throws Error of the system, when the file can't be opened
 */
export function openAuditTrail(
  { file: path, values, required }: AuditSection,
  log: Logger,
  before: ServiceAuditTrail | undefined,
  failed: (reason: AuditFailure) => void,
): ServiceAuditTrail {
  const known = before?.file?.path === path ? before?.file : undefined;
  const file = path === undefined ? undefined : (known ?? new AuditFile(path));
  // In the log they are there at every level: they are no matter of how much somebody wants to know.
  const lines = log.child({}, { level: 'info' });
  const keep = async (asker: Asker, record: AuditRecord): Promise<void> => {
    if (file === undefined) {
      lines.info({ ...asker, ...record }, 'audit');
      lines.flush(); // before the client gets its answer
      return;
    }
    try {
      await file.append(JSON.stringify({ time: new Date().toISOString(), ...asker, ...record }));
    } catch (error) {
      failed('write');
      lines.error({ err: error, ...asker, ...record }, 'audit: could not be written to its file');
    }
  };
  const full = (): never => {
    failed('full');
    lines.error({ file: path }, 'the audit trail has no place on the disk: nothing is written to the directory until it has');
    throw new ScimError(503, 'nothing can be changed while the audit trail cannot be written', { retryAfter: RETRY_AFTER });
  };
  const open = (asker: Asker): AuditPlace => {
    if (!required || file === undefined) return { widen: () => undefined, keep: (record) => keep(asker, record) };
    let promised = 0;
    const promise = (bytes: number): void => {
      if (!file.promise(bytes)) full();
      promised += bytes;
    };
    if (file.isFull()) full();
    promise(LINE_BYTES);
    return {
      widen: (describe) => promise(Buffer.byteLength(JSON.stringify(describe()))),
      async keep(record) {
        await keep(asker, record);
        file.giveBack(promised);
      },
    };
  };
  return {
    file,
    openFor: (asker): AuditTrail => ({ keepsValues: values === 'all', open: () => open(asker) }),
    reopen() {
      try {
        file?.reopen();
      } catch (error) {
        failed('reopen');
        log.error({ err: error, file: path }, 'the audit trail could not be reopened and goes on in the old file');
      }
    },
  };
}
