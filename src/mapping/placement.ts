import { isWithin } from '../ldap/dn.ts';
import type { Entry } from '../ldap/entry.ts';
import { allOf, type LdapFilter, negate } from '../ldap/filter.ts';
import { evaluateFilter } from '../scim/evaluate-filter.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { Branch, KindPlans, ResourcePlan } from './plan.ts';

/** The plan that a new resource belongs to: the first whose `when` it matches. The last one takes all. */
export function planFor(plans: KindPlans, resource: ScimObject): ResourcePlan {
  return plans.find(({ when }) => fits(when, resource)) ?? plans[0];
}

/** The branch below which the entry of a resource belongs. */
export function branchFor(branches: readonly Branch[], resource: ScimObject): Branch | undefined {
  return branches.find(({ when }) => fits(when, resource));
}

/**
 * The branch to which an entry has to move when its resource changes; undefined when it stays. One that others put elsewhere, also
 * further down, stays where it is until something changes that decides where it belongs; one that stands in none of the branches has
 * been deleted and comes back.
 */
export function newBranchFor(branches: readonly Branch[], { dn }: Entry, before: ScimObject, after: ScimObject): Branch | undefined {
  const branch = branchFor(branches, after);
  const current = branchOf(branches, dn);
  if (current === undefined) return branch;
  return branch === branchFor(branches, before) || branch === current ? undefined : branch;
}

/** The innermost branch that holds an entry. */
function branchOf(branches: readonly Branch[], dn: string): Branch | undefined {
  return branches.filter(({ base }) => isWithin(dn, base)).toSorted((a, b) => b.dn.length - a.dn.length)[0];
}

function fits(when: Branch['when'], resource: ScimObject): boolean {
  return when === undefined || evaluateFilter(when, resource);
}

/** The branches that lie in no other: a search of each finds every entry once. */
export function outermost(branches: readonly Branch[]): readonly string[] {
  const others = (branch: Branch, index: number) =>
    branches.filter((each, at) => at !== index && isWithin(branch.dn, each.dn) && !(at > index && isWithin(each.dn, branch.dn)));
  return branches.filter((branch, index) => others(branch, index).length === 0).map(({ base }) => base);
}

/**
 * The filter of a location without the entries that an earlier one sees: each entry is one resource, whatever else it fits.
 *
 * @param earlier the locations before it in the file
 */
export function withoutEarlier(own: Pick<ResourcePlan, 'filter' | 'branches'>, earlier: readonly ResourcePlan[]): LdapFilter {
  const seen = earlier.filter((each) => overlap(each.branches, own.branches)).map(({ filter }) => negate(filter));
  return allOf(own.filter, ...seen);
}

function overlap(some: readonly Branch[], others: readonly Branch[]): boolean {
  return some.some(({ dn }) => others.some((other) => isWithin(dn, other.dn) || isWithin(other.dn, dn)));
}
