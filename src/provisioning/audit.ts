import { plansOf } from '../mapping/plan.ts';
import { type AuditedChange, describeChange, maskedAttributes } from './audited-change.ts';
import type { OperationContext } from './operation-context.ts';
import { toScimError } from './operation-failure.ts';
import { watchWrites } from './watch-writes.ts';

/** What the audit trail keeps of one SCIM operation that wrote or tried to write; who asked is added by whoever keeps it. */
export interface AuditRecord {
  readonly method: string;
  readonly path: string;
  /** The SCIM id; absent when a creation failed. */
  readonly id?: string;
  /** Of the entry that the operation was about; absent when it was refused before that was known. */
  readonly dn?: string;
  /** Everything that was sent to the directory, in this order, also to take back what an earlier step had done. */
  readonly changes: readonly AuditedChange[];
  readonly result: { readonly status: number; readonly scimType?: string; readonly detail?: string };
  readonly durationMs: number;
  /** Searches and writes. */
  readonly ldapOperations: number;
}

/** Where the records of one request go. */
export interface AuditTrail {
  /** Whether values are kept beside the names of attributes. */
  readonly keepsValues: boolean;
  /** Asked before an operation that may write. @throws ScimError 503 while nothing can be kept and nothing may go unrecorded */
  open(): AuditPlace;
}

/** The place of one operation's record. */
export interface AuditPlace {
  /** Asked before a change is sent, for its part of the record. @throws ScimError 503 when there is no place for so much more */
  widen(describe: () => AuditedChange): void;
  /** Once, at the end; before the client is answered. Never fails: what can't be kept in its place is kept in the log. */
  keep(record: AuditRecord): void | Promise<void>;
}

/** How an operation is called in the audit trail. */
export interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly id: string | undefined;
}

interface Written {
  readonly status: number;
  readonly id?: string | undefined;
}

/**
 * Carries out an operation that may write and leaves one record of it, whatever becomes of it.
 *
 * @param work is given the context to work with: what goes through its directory is what the record says
 */
export async function audited<Result extends Written>(
  context: OperationContext,
  attempt: Attempt,
  work: (context: OperationContext) => Promise<Result>,
): Promise<Result> {
  const { keepsValues } = context.audit;
  const place = context.audit.open();
  const started = performance.now();
  const masked = maskedAttributes(plansOf(context.plan));
  const watched = watchWrites(context.directory, (change) => {
    try {
      place.widen(() => describeChange(change, 'pending', masked, keepsValues));
    } catch (error) {
      // What has been begun is carried through, or taken back.
      if (watched.writes.length === 0) throw error;
    }
  });
  const keep = async (id: string | undefined, result: AuditRecord['result']): Promise<void> => {
    const dn = watched.writes[0]?.change.dn;
    await place.keep({
      method: attempt.method,
      path: attempt.path,
      ...(id === undefined ? {} : { id }),
      ...(dn === undefined ? {} : { dn }),
      changes: watched.writes.map(({ change, outcome }) => describeChange(change, outcome, masked, keepsValues)),
      result,
      durationMs: Math.round((performance.now() - started) * 10) / 10,
      ldapOperations: watched.operations(),
    });
  };
  try {
    const done = await work({ ...context, directory: watched.directory });
    await keep(done.id ?? attempt.id, { status: done.status });
    return done;
  } catch (thrown) {
    const { status, scimType, detail } = toScimError(thrown);
    await keep(attempt.id, { status, ...(scimType === undefined ? {} : { scimType }), detail });
    throw thrown;
  }
}
