import { attributeKey } from '../ldap/attribute-description.ts';
import { leafRdn } from '../ldap/dn.ts';
import type { Entry } from '../ldap/entry.ts';
import { allOf, isNothing } from '../ldap/filter.ts';
import type { LensContext } from '../mapping/lens.ts';
import type { SuppliedValues } from '../mapping/needed-value.ts';
import { valuesAt, withoutValuesAt, withValuesAt } from '../mapping/place.ts';
import { type Departure, isStateLens, isWritten, type ResourcePlan } from '../mapping/plan.ts';
import { attributesToWrite, readEntry, storedReferences } from '../mapping/read-entry.ts';
import { planUpdate } from '../mapping/write-entry.ts';
import type { WritePlan } from '../mapping/write-plan.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { OperationContext } from './operation-context.ts';
import { makeLensContext } from './to-resources.ts';

/** Makes the operations that bring a departed entry back, as what a client creates. */
export type PlanReturn = (supplied?: SuppliedValues) => WritePlan;

/** Of several who ask at once, one revives an entry: the others find out by its version, and look again. */
export function mayRevive({ onDelete }: ResourcePlan): boolean {
  return onDelete.kind === 'move' && onDelete.reviveBy !== undefined;
}

/**
 * Whether a new resource is somebody who left and comes back, by the value of `reviveBy`.
 *
 * Who comes back gets the entry, and with it the id; but it is what the client sends now, in all that the file maps. Two who left
 * with one value are a matter for people: then the new one is new.
 *
 * LDAP: one search in the branch of the departed, where the file has one and the client sends the value.
 *
 * @param sent what the client sent, read against the schema
 * @param known the references of `sent`, resolved
 * @returns undefined for somebody new
 */
export async function findReturning(
  context: OperationContext,
  plan: ResourcePlan,
  sent: ScimObject,
  known: LensContext,
): Promise<PlanReturn | undefined> {
  const { onDelete } = plan;
  if (onDelete.kind !== 'move' || onDelete.reviveBy === undefined) return undefined;
  const { reviveBy, branch, set } = onDelete;
  const [value] = valuesAt(reviveBy.place, sent);
  if (typeof value !== 'string') return undefined;
  const { filter } = reviveBy.match('eq', value, known);
  if (isNothing(filter)) return undefined;
  const found = await context.directory.search({
    base: branch.base,
    scope: 'subtree',
    filter: allOf(plan.filter, filter),
    attributes: [...attributesToWrite(plan, plan.lenses), ...set.map(({ ldap }) => ldap)],
  });
  const [entry, ...others] = found.filter((each) => reviveBy.get(each, known).includes(value));
  if (entry === undefined) return undefined;
  if (others.length > 0) {
    context.log.warn(
      { base: branch.base, entries: others.length + 1 },
      'several who left fit somebody who is being created: nobody is revived',
    );
    return undefined;
  }
  return planReturnOf(context, plan, entry, onDelete, sent, known);
}

async function planReturnOf(
  context: OperationContext,
  plan: ResourcePlan,
  entry: Entry,
  { set }: Departure,
  sent: ScimObject,
  known: LensContext,
): Promise<PlanReturn> {
  const lenses = plan.lenses.filter(isWritten);
  const own = await makeLensContext(context, { stored: storedReferences(lenses, entry) });
  const lensContext: LensContext = {
    ...known,
    references: {
      ...known.references,
      resourceOf: (stored, among, by) => known.references.resourceOf(stored, among, by) ?? own.references.resourceOf(stored, among, by),
      resourceWithId: (id, among) => known.references.resourceWithId(id, among) ?? own.references.resourceWithId(id, among),
    },
  };
  const immutable = lenses.filter(({ definition }) => definition.mutability === 'immutable');
  // An immutable value holds for as long as somebody is there.
  const before = immutable.reduce(
    (resource, { place }) => withoutValuesAt(place, resource, () => true),
    readEntry(plan, lenses, entry, '', lensContext),
  );
  const state = lenses.find(isStateLens);
  const isSilent = state !== undefined && valuesAt(state.place, sent).length === 0;
  const after = isSilent ? withValuesAt(state.place, sent, [true]) : sent;
  const nameless = withoutName(plan, entry);
  const mapped = new Set(lenses.flatMap(({ ldap }) => (ldap === undefined ? [] : attributeKey(ldap))));
  // What was written when they left is nothing of theirs; what a line maps is what the client says.
  const forgotten = set.map(({ ldap }) => ldap).filter((ldap) => !mapped.has(attributeKey(ldap)));
  return (supplied) =>
    planUpdate(
      plan,
      lenses,
      nameless,
      before,
      after,
      supplied === undefined ? lensContext : { ...lensContext, supplied },
      (lens) => valuesAt(lens.place, sent).length > 0,
      forgotten,
    );
}

/** Without the name of one who left, which nobody wants to keep: a generated one is made anew. */
function withoutName({ rdn }: ResourcePlan, { dn, attributes }: Entry): Entry {
  const isNamed = leafRdn(dn)?.some(({ type }) => attributeKey(type) === attributeKey(rdn)) === true;
  return { dn, attributes: isNamed ? new Map([...attributes].filter(([name]) => name !== attributeKey(rdn))) : attributes };
}
