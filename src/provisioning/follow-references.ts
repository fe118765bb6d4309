import { DirectoryError } from '../directory/directory-error.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import type { ReferenceLens } from '../mapping/lenses/reference.ts';
import { isReferenceLens, isWritten, plansOf, type ResourcePlan } from '../mapping/plan.ts';
import { modifyMembers } from './modify-members.ts';
import type { OperationContext } from './operation-context.ts';
import { searchPlanFirst } from './search-plan.ts';

/** How many of them are looked for at a time: fewer than any server's size limit, for a limit must not leave anybody behind. */
const HOLDERS_PER_SEARCH = 100;

/**
 * Lets the entries that refer to an entry follow its new name, or forget it when it is gone (ldap.md §6, §8).
 *
 * Servers with a referential integrity overlay do this themselves, a moment later; then there is nothing left to do, or both do
 * the same. The entry itself has been written already: what fails here is logged with the names, and answers nothing.
 *
 * @param newDn undefined when nobody is to refer to the entry any more
 * @returns why some could not; undefined when all have followed
 */
export async function followReferences(
  context: OperationContext,
  plan: ResourcePlan,
  oldDn: string,
  newDn: string | undefined,
): Promise<DirectoryError | undefined> {
  let failure: DirectoryError | undefined;
  for (const holder of plansOf(context.plan)) {
    for (const lens of holder.lenses.filter(isReferenceLens)) {
      if (!lens.refersTo.includes(plan.target) || !isWritten(lens)) continue;
      try {
        await followIn(context, holder, lens, oldDn, newDn);
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        failure = error;
        context.log.error(
          { err: error, dn: oldDn, newDn, attribute: lens.ldap },
          'references to an entry could not follow it and point at nobody now',
        );
      }
    }
  }
  return failure;
}

async function followIn(
  context: OperationContext,
  holder: ResourcePlan,
  lens: ReferenceLens,
  oldDn: string,
  newDn: string | undefined,
): Promise<void> {
  const refers: LdapFilter = { kind: 'equality', attribute: lens.ldap, value: oldDn };
  const followed = new Set<string>();
  for (;;) {
    const { entries, more } = await searchPlanFirst(context, holder, refers, [], HOLDERS_PER_SEARCH);
    const waiting = entries.filter(({ dn }) => !followed.has(dn));
    for (const { dn } of waiting) {
      const members = { lens, add: newDn === undefined ? [] : [newDn], remove: [oldDn] };
      await modifyMembers(context, { kind: 'modify', dn, modifications: [], assertion: refers }, members, []).catch(ignoreSettled);
      followed.add(dn);
    }
    // Who has followed is found no more, so the next search finds others; unless somebody lets them refer to the old name again.
    if (!more || waiting.length === 0) return;
  }
}

const NO_SUCH_OBJECT = 32;
const ASSERTION_FAILED = 122;

/** Somebody was faster: the reference has followed already, or whoever referred is gone. */
function ignoreSettled(error: unknown): undefined {
  if (error instanceof DirectoryError && (error.code === ASSERTION_FAILED || error.code === NO_SUCH_OBJECT)) return undefined;
  throw error;
}
