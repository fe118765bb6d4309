import { caseIgnoreKey } from '../ldap/case-ignore.ts';
import { type Entry, hasClass } from '../ldap/entry.ts';
import { anyOf } from '../ldap/filter.ts';
import type { Lens, LensContext } from '../mapping/lens.ts';
import { valuesAt } from '../mapping/place.ts';
import { isTextLens, isWritten, type ResourcePlan, withUnmarked } from '../mapping/plan.ts';
import { idOf } from '../mapping/read-entry.ts';
import { ScimError } from '../scim/errors.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { OperationContext } from './operation-context.ts';
import { notAdopted } from './refuse-unadopted.ts';
import { searchPlan } from './search-plan.ts';

/** A write that may take values which only one resource can have. */
export interface UniqueWrite {
  /** As it is; absent while it is being created. */
  readonly before?: ScimObject;
  readonly after: ScimObject;
  readonly entry?: Entry;
}

/**
 * Carries out a write when nobody else has the values that it takes, of attributes whose `uniqueness` is `server` (RFC 7643 §2.2).
 *
 * The directory itself keeps names apart below one parent, and more with an overlay (slapo-unique). For the rest we look, in all
 * branches, and let those of this process who want one value have their turn. Between two daemons a race remains where no overlay
 * decides.
 *
 * LDAP: one search, where such a value is new.
 *
 * @throws ScimError 409 uniqueness; nothing has been written then
 */
export async function keepingUnique<T>(
  context: OperationContext,
  plan: ResourcePlan,
  { before, after, entry }: UniqueWrite,
  lensContext: LensContext,
  work: () => Promise<T>,
): Promise<T> {
  const claims = claimsOf(plan, before, after);
  if (claims.length === 0) return work();
  const checked = async (): Promise<T> => {
    await refuseTaken(context, plan, claims, entry === undefined ? undefined : idOf(plan, entry), lensContext);
    return work();
  };
  const keys = claims.map(({ lens, value }) => JSON.stringify(['unique', plan.target, lens.path, caseIgnoreKey(value)])).toSorted();
  // In one order everywhere, so that no two wait for each other.
  return keys.reduceRight<() => Promise<T>>((inner, key) => () => context.turns.take(key, inner), checked)();
}

interface Claim {
  readonly lens: Lens;
  readonly value: string;
}

function claimsOf({ lenses }: ResourcePlan, before: ScimObject | undefined, after: ScimObject): readonly Claim[] {
  const unique = lenses.filter((lens) => isTextLens(lens) && isWritten(lens) && lens.definition.uniqueness === 'server');
  return unique.flatMap((lens) => {
    const old = before === undefined ? [] : valuesAt(lens.place, before);
    return valuesAt(lens.place, after).flatMap((value) => (typeof value === 'string' && !old.includes(value) ? [{ lens, value }] : []));
  });
}

async function refuseTaken(
  context: OperationContext,
  plan: ResourcePlan,
  claims: readonly Claim[],
  ownId: string | undefined,
  lensContext: LensContext,
): Promise<void> {
  const filter = anyOf(...claims.map(({ lens, value }) => lens.match('eq', value, lensContext).filter));
  const mark = plan.adoption.kind === 'any' ? undefined : plan.adoption.mark;
  const attributes = [plan.id, ...claims.flatMap(({ lens }) => lens.ldap ?? []), ...(mark === undefined ? [] : ['objectClass'])];
  const entries = await searchPlan(context, withUnmarked(plan), filter, attributes);
  const others = entries.filter((entry) => idOf(plan, entry) !== ownId);
  for (const claim of claims) {
    const holder = others.find((entry) => holds(entry, claim, lensContext));
    if (holder === undefined) continue;
    if (mark !== undefined && !hasClass(holder, mark)) throw notAdopted(plan, claim.lens.path);
    throw new ScimError(409, `${claim.lens.path}: is in use already`, { scimType: 'uniqueness' });
  }
}

function holds(entry: Entry, { lens, value }: Claim, lensContext: LensContext): boolean {
  const isSame = (other: unknown): boolean =>
    other === value || (typeof other === 'string' && !lens.definition.caseExact && caseIgnoreKey(other) === caseIgnoreKey(value));
  return lens.get(entry, lensContext).some(isSame);
}
