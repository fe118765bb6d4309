import { DirectoryError, unlessNoSuchObject } from '../directory/directory-error.ts';
import { isWithin } from '../ldap/dn.ts';
import { type Entry, hasClass, valuesOf } from '../ldap/entry.ts';
import { EVERYTHING } from '../ldap/filter.ts';
import { entryNames } from '../mapping/entry-names.ts';
import { listLensOf, markOf, type Plan, plansOf, type ResourcePlan, withUnmarked } from '../mapping/plan.ts';
import { idOf } from '../mapping/read-entry.ts';
import { searchFilter } from '../mapping/translate-filter.ts';
import { isEntry } from '../mapping/write-plan.ts';
import { audited } from './audit.ts';
import { fenceOff, isFenced } from './fence.ts';
import { journaling } from './journaling.ts';
import { locationOf, type OperationContext } from './operation-context.ts';

/** What became of an entry that an operator hands over. */
export interface Adopted {
  readonly dn: string;
  readonly outcome: 'marked' | 'would be marked' | 'marked already' | 'not in the mapping file' | 'not allowed' | 'protected' | 'refused';
  /** Why it was refused, or isn't allowed. */
  readonly reason?: string;
  /** Of a group: how many are in it already. Clients take out just those whom they put in. */
  readonly members?: number;
}

/**
 * Marks entries that others made as our own, so that clients see them (`adopt: listed`) and may write them (`protected: { owned: true }`).
 * What is behind the fence stays there. Each is audited, and noted in the journal.
 *
 * LDAP: for each one search and one modify, and what the fence asks.
 *
 * @param dryRun only says what would become of them
 * @throws DirectoryError when the directory is away or refuses our account; ScimError 503 when the fence or the audit trail can't be had
 */
export async function* adoptEntries(
  context: OperationContext,
  dns: readonly string[],
  dryRun: boolean,
): AsyncGenerator<Adopted, void, undefined> {
  for (const dn of dns) yield { dn, ...(await adoptEntry(context, dn, dryRun)) };
}

async function adoptEntry(context: OperationContext, dn: string, dryRun: boolean): Promise<Omit<Adopted, 'dn'>> {
  const found = await findMapped(context, dn);
  if (found === undefined) return { outcome: 'not in the mapping file' };
  const { plan, entry } = found;
  const { target, adoption } = plan;
  const mark = markOf(context.plan, plan);
  if (mark === undefined) return { outcome: 'not allowed', reason: `all ${target} are adopted as they are (adopt: any)` };
  const members = countMembers(plan, entry);
  if (hasClass(entry, mark)) return { outcome: 'marked already', ...members };
  if (adoption.kind === 'never') {
    return { outcome: 'not allowed', reason: `the mapping file says adopt: never of ${target}, not adopt: listed`, ...members };
  }
  // What isn't marked is behind the fence for that alone: this rule, and no other, is the operator's to lift.
  const lifted = { ...context, plan: withoutOwned(context.plan) };
  if (await isFenced(lifted, entryNames(plan, entry))) return { outcome: 'protected', ...members };
  if (dryRun) return { outcome: 'would be marked', ...members };
  try {
    await markEntry(lifted, plan, entry, mark);
    return { outcome: 'marked', ...members };
  } catch (error) {
    if (!(error instanceof DirectoryError) || error.kind !== 'refused') throw error;
    return { outcome: 'refused', reason: error.serverText || error.message, ...members };
  }
}

/** An entry that the mapping file means, whether it is marked or not. */
async function findMapped(
  context: OperationContext,
  dn: string,
): Promise<{ readonly plan: ResourcePlan; readonly entry: Entry } | undefined> {
  for (const plan of plansOf(context.plan)) {
    if (!plan.searchBases.some((base) => isWithin(dn, base))) continue;
    const attributes = [plan.id, 'objectClass', ...plan.namedBy, listLensOf(plan)?.ldap ?? []].flat();
    const search = { base: dn, scope: 'base', filter: searchFilter(withUnmarked(plan), EVERYTHING), attributes } as const;
    const [entry] = await unlessNoSuchObject(context.directory.search(search), []);
    if (entry !== undefined) return { plan, entry };
  }
  return undefined;
}

function countMembers(plan: ResourcePlan, entry: Entry): Pick<Adopted, 'members'> {
  const lens = listLensOf(plan);
  if (lens === undefined) return {};
  const placeholder = lens.whenEmpty === undefined ? undefined : lens.keyOf(lens.whenEmpty);
  return { members: valuesOf(entry, lens.ldap).filter((value) => lens.keyOf(String(value)) !== placeholder).length };
}

function withoutOwned(plan: Plan): Plan {
  return { ...plan, protection: { ...plan.protection, owned: undefined } };
}

async function markEntry(context: OperationContext, plan: ResourcePlan, entry: Entry, mark: string): Promise<void> {
  const id = idOf(plan, entry) ?? '';
  await audited(context, { method: 'ADOPT', path: new URL(locationOf(context, plan.target, id)).pathname, id }, async (recorded) => {
    const modifications = [{ operation: 'add', attribute: 'objectClass', values: [mark] } as const];
    const { directory } = journaling(recorded, plan, () => ({ id }));
    await directory.write({ kind: 'modify', dn: entry.dn, modifications, assertion: fenceOff(context, isEntry(plan, entry)) });
    return { status: 204 };
  });
}
