import { randomBytes } from 'node:crypto';
import { DirectoryError } from '../directory/directory-error.ts';
import { RESULT } from '../ldap/result-code.ts';
import type { NeededValue, SuppliedValues } from '../mapping/needed-value.ts';
import type { GeneratedAttribute, ResourcePlan } from '../mapping/plan.ts';
import type { WritePlan } from '../mapping/write-plan.ts';
import { findFreeText } from './find-free-text.ts';
import type { OperationContext } from './operation-context.ts';
import { takeNumber } from './take-number.ts';

/** Makes the plan of a write from what is known, and from what was supplied to its generated lines. */
type MakePlan = (supplied: SuppliedValues) => WritePlan;

/**
 * The plan of a write, with all that its generated lines need from outside: random values, numbers from a counter, texts that are free.
 *
 * LDAP: nothing where no line needs anything; see `takeNumber` and `findFreeText` for those that do.
 *
 * @param supplied what lines have got already; what they get is put there
 * @throws ScimError 409 uniqueness: no text is free; 503: no number is left
 */
export async function supplyValues(
  context: OperationContext,
  plan: ResourcePlan,
  makePlan: MakePlan,
  supplied = new Map<GeneratedAttribute, string>(),
): Promise<WritePlan> {
  for (;;) {
    const writePlan = makePlan(supplied);
    if (writePlan.needs === undefined) return writePlan;
    supplied.set(writePlan.needs.line, await supply(context, plan, writePlan.needs));
  }
}

function supply(context: OperationContext, plan: ResourcePlan, needed: NeededValue): Promise<string> {
  switch (needed.kind) {
    case 'random':
      return Promise.resolve(randomBytes(needed.line.length).toString('base64url').slice(0, needed.line.length));
    case 'number':
      return takeNumber(context, needed.line);
    case 'unique':
      return findFreeText(context, plan, needed.line, needed.text);
    default:
      return needed satisfies never;
  }
}

/** As often as other daemons may take a name that was free a moment ago. */
const ATTEMPTS = 20;

/**
 * Plans and carries out a write. When somebody else has just taken a name that was found free, the next one is: the directory decides,
 * by the name of the entry, or by its own uniqueness overlay. Within this process those who want the same name queue up.
 *
 * @param draft the plan from what is known
 */
export function writeSupplied<T>(
  context: OperationContext,
  plan: ResourcePlan,
  draft: WritePlan,
  makePlan: MakePlan,
  write: (writePlan: WritePlan) => Promise<T>,
): Promise<T> {
  const { needs } = draft;
  if (needs === undefined) return write(draft);
  const work = () => retryingNames(context, plan, makePlan, write);
  if (!plan.generated.some(isUnique)) return work();
  const name = needs.kind === 'unique' ? [needs.text.before, needs.text.stem, needs.text.after] : [];
  return context.turns.take(JSON.stringify(['name', ...plan.source, ...name]), work);
}

async function retryingNames<T>(
  context: OperationContext,
  plan: ResourcePlan,
  makePlan: MakePlan,
  write: (writePlan: WritePlan) => Promise<T>,
): Promise<T> {
  const supplied = new Map<GeneratedAttribute, string>();
  let taken: { readonly names: string; readonly error: DirectoryError } | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const writePlan = await supplyValues(context, plan, makePlan, supplied);
    const names = JSON.stringify([...supplied].filter(([line]) => isUnique(line)).map(([, name]) => name));
    // Still free, as far as we can see: what was refused is something else.
    if (taken?.names === names) throw taken.error;
    try {
      return await write(writePlan);
    } catch (error) {
      if (attempt === ATTEMPTS || !isTaken(error)) throw error;
      taken = { names, error };
      for (const line of [...supplied.keys()].filter(isUnique)) supplied.delete(line);
    }
  }
}

function isUnique(line: GeneratedAttribute): boolean {
  return line.kind === 'template' && line.unique;
}

function isTaken(error: unknown): error is DirectoryError {
  return error instanceof DirectoryError && (error.code === RESULT.entryAlreadyExists || error.code === RESULT.constraintViolation);
}
