import { DirectoryError } from '../directory/directory-error.ts';
import { dnKey } from '../ldap/dn.ts';
import { equalityKey } from '../ldap/equality-key.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import { RESULT } from '../ldap/result-code.ts';
import { type EntryNames, nameBy } from '../mapping/entry-names.ts';
import type { ReferenceLens } from '../mapping/lenses/reference.ts';
import { isReferenceLens, isWritten, plansOf, type ResourcePlan, withUnmarked } from '../mapping/plan.ts';
import { isFenced } from './fence.ts';
import { modifyMembers } from './modify-members.ts';
import type { OperationContext } from './operation-context.ts';
import { searchPlanFirst } from './search-plan.ts';

/** How many of them are looked for at a time: fewer than any server's size limit, for a limit must not leave anybody behind. */
const HOLDERS_PER_SEARCH = 100;

/**
 * Lets the entries that refer to an entry follow its new name, or forget it when it is gone (ldap.md §6, §8).
 *
 * Servers with a referential integrity overlay do this themselves, a moment later, where the reference is a DN; then there is nothing
 * left to do, or both do the same. The entry itself has been written already: what fails here is logged with the names, and answers
 * nothing.
 *
 * @param after undefined when nobody is to refer to the entry any more
 * @returns why some could not; undefined when all have followed
 */
export async function followReferences(
  context: OperationContext,
  plan: ResourcePlan,
  before: EntryNames,
  after: EntryNames | undefined,
): Promise<DirectoryError | undefined> {
  context.names.changed(before.dn, after?.dn);
  const { schema } = await context.directory.facts();
  const keyOf = ({ ldap, by }: ReferenceLens, value: string): string =>
    by === undefined ? dnKey(value) : equalityKey(schema.attributeType(ldap), value);
  let failure: DirectoryError | undefined;
  // In groups that clients don't see too: a name that is free again may be given to somebody else.
  for (const holder of plansOf(context.plan).map(withUnmarked)) {
    for (const lens of holder.lenses.filter(isReferenceLens)) {
      if (!lens.refersTo.includes(plan.target) || !isWritten(lens)) continue;
      const [old, now] = [nameBy(before, lens.by), after === undefined ? undefined : nameBy(after, lens.by)];
      // A value that differs in letter case alone is there already: to put it in and take the old one out would take it out.
      if (old === undefined || (now !== undefined && keyOf(lens, old) === keyOf(lens, now))) continue;
      try {
        await followIn(context, holder, lens, old, now);
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        failure = error;
        context.log.error(
          { err: error, dn: before.dn, newDn: after?.dn, attribute: lens.ldap },
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
  old: string,
  now: string | undefined,
): Promise<void> {
  const refers: LdapFilter = { kind: 'equality', attribute: lens.ldap, value: old };
  const followed = new Set<string>();
  for (;;) {
    const { entries, more } = await searchPlanFirst(context, holder, refers, [], HOLDERS_PER_SEARCH);
    const waiting = entries.filter(({ dn }) => !followed.has(dn));
    let isAnyGone = false;
    for (const { dn } of waiting) {
      followed.add(dn);
      if (await isFenced(context, { dn, names: {} }))
        context.log.warn({ dn, attribute: lens.ldap, value: old }, 'a protected entry keeps a reference that points at nobody');
      else if ((await followOne(context, dn, lens, old, now)) === 'gone') isAnyGone = true;
    }
    // Who has followed is found no more, so the next search finds others; unless somebody lets them refer to the old name again. Who is
    // gone may have got another name since we looked.
    if (waiting.length === 0 || !(more || isAnyGone)) return;
  }
}

/**
 * Lets one entry follow.
 *
 * @returns `gone` when there is no entry of that name
 */
export async function followOne(
  context: OperationContext,
  dn: string,
  lens: ReferenceLens,
  old: string,
  now: string | undefined,
): Promise<'settled' | 'gone'> {
  const assertion: LdapFilter = { kind: 'equality', attribute: lens.ldap, value: old };
  const members = { lens, add: now === undefined ? [] : [now], remove: [old] };
  try {
    await modifyMembers(context, { kind: 'modify', dn, modifications: [], assertion }, members, []);
    return 'settled';
  } catch (error) {
    if (error instanceof DirectoryError && error.code === RESULT.noSuchObject) return 'gone';
    // Somebody was faster: the reference has followed already.
    if (error instanceof DirectoryError && error.code === RESULT.assertionFailed) return 'settled';
    throw error;
  }
}
