import { DirectoryError, isUnknownOutcome } from '../directory/directory-error.ts';
import type { JournaledReferences } from '../journal/journaled-write.ts';
import type { Change } from '../ldap/change.ts';
import { leafRdn } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { EVERYTHING } from '../ldap/filter.ts';
import { RESULT } from '../ldap/result-code.ts';
import { costOf } from '../mapping/cost.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import type { PlannedChange, WritePlan } from '../mapping/write-plan.ts';
import { ScimError } from '../scim/errors.ts';
import type { Intent, ReferenceChange } from '../state/intent.ts';
import type { OpenIntent } from '../state/intent-journal.ts';
import { changeReferences } from './change-references.ts';
import { fenceOff, refuseEntering, refuseFenced } from './fence.ts';
import { findHolders } from './find-holders.ts';
import { type JournalDetails, journaling } from './journaling.ts';
import { makeIntent } from './make-intent.ts';
import type { OperationContext } from './operation-context.ts';
import { refuseUnadopted } from './refuse-unadopted.ts';

/** Carries out one step in a context that notes what is written; see `Directory.write`. */
type Write = (context: OperationContext, change: Change, returning: readonly string[]) => Promise<Entry | undefined>;

/**
 * Carries out the steps of a write in their order, and lets the references to the entry follow. When a step is refused, the steps
 * before it are taken back, last one first, so that the request changes everything or nothing. A write of several operations is noted
 * in the journal first: what can't be taken back now is settled later, also after the end of this process.
 *
 * @param returning attributes of the entry to read with the last write
 * @param write how a step is carried out, where the directory alone can't
 * @returns the entry after the last step, where the directory says it in the same operation; otherwise read it
 * @throws ScimError mutability for an entry behind the fence; 503 when the journal can't be written or a brake holds; nothing has been done then
 */
export async function applyChanges(
  context: OperationContext,
  plan: ResourcePlan,
  writePlan: WritePlan,
  returning: readonly string[],
  write: Write = ({ directory }, change, attributes) => directory.write(change, attributes),
): Promise<Entry | undefined> {
  const { dn, names = {}, entry: identity } = writePlan;
  if (writePlan.changes.length > 0) {
    await refuseFenced(context, plan, ...(identity === undefined ? [] : [identity]), { dn, names });
    await refuseEntering(
      context,
      plan,
      writePlan.changes.map(({ change }) => change),
    );
  }
  const cost = costOf(plan, writePlan);
  await context.brakes?.take(cost);
  const changes = writePlan.changes.map((planned) => ({ ...planned, change: fencedOff(context, planned.change) }));
  const intent = makeIntent(context, plan, { ...writePlan, changes });
  const references = await withHolders(context, plan, intent?.references);
  const noted = intent === undefined ? undefined : await note(context, intent);
  const done: PlannedChange[] = [];
  let step: PlannedChange | undefined;
  const journaled = journaling(context, plan, () => detailsOf(writePlan, changes, step, references));
  let entry: Entry | undefined;
  for (const planned of changes) {
    try {
      const next = changes[done.length + 1];
      step = planned;
      entry = await write(journaled, planned.change, next === undefined ? returning : noted === undefined ? [] : [plan.meta.version]);
      done.push(planned);
      const [version] = entry === undefined ? [] : valuesOf(entry, plan.meta.version);
      noted?.reached({ done: done.length, ...(typeof version === 'string' ? { version } : {}) }, next?.change.kind === 'password');
    } catch (error) {
      step = undefined;
      const isTakenBack = changes.length === 1 ? !isUnknownOutcome(error) : await takeBack(journaled, done, error);
      await (isTakenBack ? noted?.end() : noted?.leave());
      if (isTakenBack) context.brakes?.giveBack(cost);
      await refuseUnadopted(context, plan, planned.change, dn, error);
      if (await isParentMissing(context, planned.change, error)) throw missingParent(planned.change, error);
      throw isNameTooLong(planned.change, error) ? namingViolation(error) : error;
    }
  }
  const failure = intent?.references === undefined ? undefined : await changeReferences(context, plan, intent.references);
  await (failure === undefined ? noted?.end() : noted?.leave());
  return entry;
}

/** Who names an entry that is to be forgotten: that has to be known before it is. Nothing where no journal is kept. */
async function withHolders(
  context: OperationContext,
  plan: ResourcePlan,
  references: ReferenceChange | undefined,
): Promise<JournaledReferences | undefined> {
  if (references === undefined || context.journal === undefined) return undefined;
  return { ...references, holders: references.kind === 'forget' ? await findHolders(context, plan, references.before) : [] };
}

/** @param step that is carried out; undefined: one is taken back */
function detailsOf(
  { entry, whole }: WritePlan,
  steps: readonly PlannedChange[],
  step: PlannedChange | undefined,
  references: JournaledReferences | undefined,
): JournalDetails {
  const id = entry?.id;
  if (step === undefined) return { id };
  const entryAsAdd: Change | undefined = whole && {
    kind: 'add',
    dn: whole.dn,
    attributes: Array.from(whole.attributes, ([name, values]) => ({ name, values })),
  };
  const naming = steps.find(({ change }) => change.kind === 'rename' || change.kind === 'delete') ?? steps.at(-1);
  return { id, known: step.undo ?? entryAsAdd, references: step === naming ? references : undefined };
}

/** A change that carries a condition also demands that the entry is outside the fence. */
function fencedOff(context: OperationContext, change: Change): Change {
  if (change.kind === 'add' || change.kind === 'password' || change.assertion === undefined) return change;
  return { ...change, assertion: fenceOff(context, change.assertion) };
}

/** Seconds until a client may try again what the state directory has no room for. */
const RETRY_AFTER = 60;

async function note(context: OperationContext, intent: Intent): Promise<OpenIntent> {
  try {
    return await context.intents.begin(intent);
  } catch (cause) {
    throw new ScimError(503, 'the change needs several steps, and the state directory cannot be written', {
      cause,
      retryAfter: RETRY_AFTER,
    });
  }
}

/** @returns whether it is certain that nothing of the steps is left */
async function takeBack(context: OperationContext, done: readonly PlannedChange[], reason: unknown): Promise<boolean> {
  if (isUnknownOutcome(reason) || done.some(({ undo }) => undo === undefined)) {
    // The failed step may have been done after all, or a password has been set: undoing what came before could make things worse.
    context.log.error({ err: reason, done: done.map(({ change }) => change.kind) }, 'a write stopped half-way');
    return false;
  }
  for (const { change, undo } of done.toReversed()) {
    try {
      if (undo !== undefined) await context.directory.write(undo);
    } catch (error) {
      context.log.error({ err: error, dn: change.dn, step: change.kind }, 'a write failed half-way and could not be taken back');
      return false;
    }
  }
  return true;
}

/** `noSuchObject` of a move speaks of the entry or of the branch that it is to go to. A branch that isn't there must not look like a user who isn't. */
async function isParentMissing({ directory }: OperationContext, change: Change, error: unknown): Promise<boolean> {
  if (!(error instanceof DirectoryError) || error.code !== RESULT.noSuchObject) return false;
  if (change.kind !== 'rename' || change.newSuperior === undefined) return false;
  const search = { base: change.newSuperior, scope: 'base', filter: EVERYTHING, attributes: [] } as const;
  return (await directory.search(search).catch(() => [])).length === 0;
}

/** Without a result code: it is nothing that the client did, and trying again at once won't help. */
function missingParent(change: Change, cause: unknown): DirectoryError {
  const dn = change.kind === 'rename' ? change.newSuperior : undefined;
  return new DirectoryError('refused', `there is no entry ${dn} to move entries to`, { cause });
}

/** Octets of a naming value that no server refuses for its length. */
const SAFE_NAME_LENGTH = 200;

/**
 * slapd's mdb keeps an RDN twice in 511 octets, and refuses a longer one with `other` (80) and not a word. That is neither a fault
 * of the server nor one of its configuration: the name is too long.
 */
function isNameTooLong(change: Change, error: unknown): error is DirectoryError {
  if (!(error instanceof DirectoryError) || error.code !== RESULT.other) return false;
  const rdn = change.kind === 'add' ? leafRdn(change.dn) : change.kind === 'rename' ? leafRdn(change.newRdn) : [];
  return (rdn ?? []).some(({ value }) => Buffer.byteLength(value) > SAFE_NAME_LENGTH);
}

function namingViolation(cause: DirectoryError): DirectoryError {
  const { serverText, dn } = cause;
  const details = { code: RESULT.namingViolation, serverText, cause, ...(dn === undefined ? {} : { dn }) };
  return new DirectoryError('refused', 'the directory does not take so long a name', details);
}
