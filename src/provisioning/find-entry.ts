import type { Entry } from '../ldap/entry.ts';
import { EVERYTHING } from '../ldap/filter.ts';
import type { KindPlans, ResourcePlan } from '../mapping/plan.ts';
import { versionOf } from '../mapping/read-entry.ts';
import { matchId, searchFilter, storedId } from '../mapping/translate-filter.ts';
import { ScimError } from '../scim/errors.ts';
import { meetsCondition, type VersionCondition } from '../scim/version-condition.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import type { OperationContext } from './operation-context.ts';
import { lookUpInPlan, searchPlan } from './search-plan.ts';

/**
 * The entry behind a SCIM id, looked for below the configured base and filter: no id reaches an entry outside them.
 *
 * @param attributes with the one of the id
 * @throws ScimError 404
 */
export async function findEntry(context: OperationContext, plan: ResourcePlan, id: string, attributes: readonly string[]): Promise<Entry> {
  const value = storedId(plan, id);
  const [entry] = value === undefined ? [] : await lookUpInPlan(context, plan, { attribute: plan.id, values: [value] }, attributes);
  if (entry === undefined) throw noSuchResource(plan, id);
  return entry;
}

/**
 * Of the places where a resource may live the one that has it.
 *
 * LDAP: nothing where there is only one place, and what it holds is found out by the look for the entry; else one search for each.
 *
 * @throws ScimError 404 when none of several has it
 */
export async function locate(context: OperationContext, plans: KindPlans, id: string): Promise<ResourcePlan> {
  const [first, ...others] = plans;
  if (others.length === 0) return first;
  return translatingErrors(first, 'read', async () => {
    const found = await Promise.all(plans.map((plan) => searchPlan(context, plan, matchId(plan, id).filter, [])));
    const holder = plans.find((_plan, index) => (found[index] ?? []).length > 0);
    if (holder === undefined) throw noSuchResource(first, id);
    return holder;
  });
}

function noSuchResource({ resourceType }: ResourcePlan, id: string): ScimError {
  return new ScimError(404, `there is no ${resourceType.name} with id ${JSON.stringify(id)}`);
}

/** @throws ScimError 412 when the entry has another version than the client asks for */
export function refuseOtherVersion(plan: ResourcePlan, entry: Entry, ifMatch: VersionCondition | undefined): void {
  if (ifMatch !== undefined && !meetsCondition(ifMatch, versionOf(plan, entry))) {
    throw new ScimError(412, 'the resource has another version by now: read it again');
  }
}

/** An entry that was just written, by its name. @throws ScimError 404 when it is gone already, or isn't one of ours */
export async function readBack(context: OperationContext, plan: ResourcePlan, dn: string, attributes: readonly string[]): Promise<Entry> {
  const [entry] = await context.directory.search({ base: dn, scope: 'base', filter: searchFilter(plan, EVERYTHING), attributes });
  if (entry === undefined)
    throw new ScimError(404, `the ${plan.resourceType.name} was removed, or changed by others, while it was being written`);
  return entry;
}
