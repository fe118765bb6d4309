import type { Holder } from '../journal/journaled-write.ts';
import { anyOf, type LdapFilter } from '../ldap/filter.ts';
import { type EntryNames, nameBy } from '../mapping/entry-names.ts';
import type { ReferenceLens } from '../mapping/lenses/reference.ts';
import { isReferenceLens, isWritten, plansOf, type ResourcePlan, withUnmarked } from '../mapping/plan.ts';
import type { OperationContext } from './operation-context.ts';
import { searchPlanPages } from './search-plan.ts';

/**
 * The entries that name an entry, and in which attribute: what would have to name it again if it came back. Also those that clients don't
 * see: an overlay of the directory makes them forget it too.
 *
 * LDAP: one search for each place where resources live whose lines refer to such entries; one more for each line where there are
 * several.
 */
export async function findHolders(context: OperationContext, { target }: ResourcePlan, names: EntryNames): Promise<readonly Holder[]> {
  const found = plansOf(context.plan)
    .map(withUnmarked)
    .map(async (holder): Promise<readonly Holder[]> => {
      const lenses = holder.lenses.filter(isReferenceLens).filter((lens) => isWritten(lens) && lens.refersTo.includes(target));
      const terms = lenses.flatMap((lens) => termFor(lens, names));
      const [only, ...others] = terms;
      if (only === undefined) return [];
      if (others.length === 0) return holdersBy(context, holder, only);
      const any = anyOf(...terms.map(({ filter }) => filter));
      for await (const page of searchPlanPages(context, holder, any, [])) {
        if (page.length > 0) return (await Promise.all(terms.map((term) => holdersBy(context, holder, term)))).flat();
      }
      return [];
    });
  return (await Promise.all(found)).flat();
}

interface Term {
  readonly attribute: string;
  readonly value: string;
  readonly filter: LdapFilter;
}

function termFor({ ldap: attribute, by }: ReferenceLens, names: EntryNames): readonly Term[] {
  const value = nameBy(names, by);
  return value === undefined ? [] : [{ attribute, value, filter: { kind: 'equality', attribute, value } }];
}

async function holdersBy(context: OperationContext, holder: ResourcePlan, { attribute, value, filter }: Term): Promise<readonly Holder[]> {
  const holders: Holder[] = [];
  for await (const page of searchPlanPages(context, holder, filter, [])) {
    for (const { dn } of page) holders.push({ target: holder.target, dn, attribute, value });
  }
  return holders;
}
