import { DirectoryError } from '../directory/directory-error.ts';
import type { Change } from '../ldap/change.ts';
import { leafRdn } from '../ldap/dn.ts';
import type { Entry } from '../ldap/entry.ts';
import type { PlannedChange, WritePlan } from '../mapping/write-entry.ts';
import type { OperationContext } from './operation-context.ts';

/** Carries out one step; see `Directory.write`. */
type Write = (change: Change, returning: readonly string[]) => Promise<Entry | undefined>;

/**
 * Carries out the steps of a write in their order. When a step is refused, the steps before it are taken back, last one first, so
 * that the request changes everything or nothing; what can't be taken back is said loudly in the log.
 *
 * @param returning attributes of the entry to read with the last write
 * @param write how a step is carried out, where the directory alone can't
 * @returns the entry after the last step, where the directory says it in the same operation; otherwise read it
 */
export async function applyChanges(
  context: OperationContext,
  { changes }: Pick<WritePlan, 'changes'>,
  returning: readonly string[],
  write: Write = (change, attributes) => context.directory.write(change, attributes),
): Promise<Entry | undefined> {
  const done: PlannedChange[] = [];
  let entry: Entry | undefined;
  for (const planned of changes) {
    try {
      entry = await write(planned.change, planned === changes.at(-1) ? returning : []);
    } catch (error) {
      await takeBack(context, done, error);
      throw isNameTooLong(planned.change, error) ? namingViolation(error) : error;
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

const OTHER = 80;
const NAMING_VIOLATION = 64;

/** Octets of a naming value that no server refuses for its length. */
const SAFE_NAME_LENGTH = 200;

/**
 * slapd's mdb keeps an RDN twice in 511 octets, and refuses a longer one with `other` (80) and not a word. That is neither a fault
 * of the server nor one of its configuration: the name is too long.
 */
function isNameTooLong(change: Change, error: unknown): error is DirectoryError {
  if (!(error instanceof DirectoryError) || error.code !== OTHER) return false;
  const rdn = change.kind === 'add' ? leafRdn(change.dn) : change.kind === 'rename' ? leafRdn(change.newRdn) : [];
  return (rdn ?? []).some(({ value }) => Buffer.byteLength(value) > SAFE_NAME_LENGTH);
}

function namingViolation(cause: DirectoryError): DirectoryError {
  const { serverText, dn } = cause;
  const details = { code: NAMING_VIOLATION, serverText, cause, ...(dn === undefined ? {} : { dn }) };
  return new DirectoryError('refused', 'the directory does not take so long a name', details);
}
