import type { SettledWrite } from '../journal/journaled-write.ts';
import type { NamingAttribute } from '../journal/names.ts';
import { attributeKey } from '../ldap/attribute-description.ts';
import { attributesIn } from '../ldap/change.ts';
import { isWithin } from '../ldap/dn.ts';
import type { Entry } from '../ldap/entry.ts';
import { anyOf } from '../ldap/filter.ts';
import { isReferenceLens, occupiedBases, plansOf, type ResourcePlan } from '../mapping/plan.ts';
import { idOf } from '../mapping/read-entry.ts';
import { matchId } from '../mapping/translate-filter.ts';
import { maskedAttributes } from './audited-change.ts';
import { inChunks } from './in-chunks.ts';
import type { OperationContext } from './operation-context.ts';
import { restorableAttributes } from './read-whole.ts';

/** How many entries are asked for at a time. */
const IDS_PER_SEARCH = 50;

/** The plan that a write was made by, or is nearest to it: of several places where groups live the one that the entry is in. */
export function planOf(
  context: OperationContext,
  { target, after, before }: Pick<SettledWrite, 'target' | 'after' | 'before'>,
): ResourcePlan {
  const plans = plansOf(context.plan).filter((plan) => plan.target === target);
  const dn = after ?? before;
  const fitting = plans.find(({ searchBases }) => dn !== undefined && searchBases.some((base) => isWithin(dn, base)));
  return fitting ?? plans[0] ?? context.plan.users;
}

/** The attributes of the mapping file whose values name entries. */
export function namingAttributes(context: OperationContext): readonly NamingAttribute[] {
  const lenses = plansOf(context.plan).flatMap((plan) => plan.lenses.filter(isReferenceLens));
  return [...new Map(lenses.map(({ ldap, by }) => [attributeKey(ldap), { attribute: attributeKey(ldap), by }])).values()];
}

/** What stands where nobody is named: an overlay of the directory puts it also where the file doesn't. */
export function placeholdersOf({ plan }: OperationContext): readonly string[] {
  const lenses = plansOf(plan).flatMap((each) => each.lenses.filter(isReferenceLens));
  return [...new Set(lenses.flatMap(({ whenEmpty }) => whenEmpty ?? []))];
}

/**
 * The entries that some writes were about, as they are now, by SCIM id in lower case; those of deleted users that are kept, too. Nothing
 * secret is read.
 *
 * LDAP: one search of each base for each fifty of them.
 */
export async function readJournaledEntries(
  context: OperationContext,
  writes: readonly SettledWrite[],
): Promise<ReadonlyMap<string, Entry>> {
  const { schema } = await context.directory.facts();
  const bases = occupiedBases(plansOf(context.plan));
  const found = new Map<string, Entry>();
  for (const target of ['users', 'groups'] as const) {
    const own = writes.filter((write) => write.target === target);
    const ids = [...new Set(own.flatMap(({ id }) => id ?? []))];
    const plans = plansOf(context.plan).filter((plan) => plan.target === target);
    const [first] = plans;
    if (first === undefined || ids.length === 0) continue;
    const secrets = maskedAttributes(plansOf(context.plan));
    const names = [
      ...plans.flatMap((plan) => restorableAttributes(context.plan, plan, plan.objectClasses, schema)),
      ...new Set(own.flatMap(attributesOf)),
    ].filter((name) => !secrets.has(attributeKey(name)) && schema.attributeType(name) !== undefined);
    const attributes = [...new Map([...names, first.id].map((name) => [attributeKey(name), name])).values()];
    await inChunks(ids, IDS_PER_SEARCH, async (some) => {
      const filter = anyOf(...some.map((id) => matchId(first, id).filter));
      const searches = bases.map((base) => context.directory.search({ base, scope: 'subtree', filter, attributes }));
      for (const entry of (await Promise.all(searches)).flat()) {
        const id = idOf(first, entry);
        if (id !== undefined) found.set(id.toLowerCase(), withoutId(first, entry));
      }
      return [];
    });
  }
  return found;
}

function attributesOf({ change, undo }: SettledWrite): readonly string[] {
  return [...attributesIn(change), ...(undo === undefined ? [] : attributesIn(undo))];
}

function withoutId({ id }: ResourcePlan, { dn, attributes }: Entry): Entry {
  return { dn, attributes: new Map([...attributes].filter(([name]) => name !== attributeKey(id))) };
}
