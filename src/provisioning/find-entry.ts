import type { Entry } from '../ldap/entry.ts';
import { allOf, EVERYTHING, isNothing, type LdapFilter } from '../ldap/filter.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { versionOf } from '../mapping/read-entry.ts';
import { matchId } from '../mapping/translate-filter.ts';
import { ScimError } from '../scim/errors.ts';
import { meetsCondition, type VersionCondition } from '../scim/version-condition.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * The entry behind a SCIM id, looked for below the configured base and filter: no id reaches an entry outside them.
 *
 * @throws ScimError 404
 */
export async function findEntry(context: OperationContext, plan: ResourcePlan, id: string, attributes: readonly string[]): Promise<Entry> {
  const { filter } = matchId(plan, id);
  const entries = isNothing(filter) ? [] : await search(context, plan, plan.base, 'subtree', filter, attributes);
  const [entry] = entries;
  if (entry === undefined) throw new ScimError(404, `there is no ${plan.resourceType.name} with id ${JSON.stringify(id)}`);
  return entry;
}

/** @throws ScimError 412 when the entry has another version than the client asks for */
export function refuseOtherVersion(plan: ResourcePlan, entry: Entry, ifMatch: VersionCondition | undefined): void {
  if (ifMatch !== undefined && !meetsCondition(ifMatch, versionOf(plan, entry))) {
    throw new ScimError(412, 'the resource has another version by now: read it again');
  }
}

/** An entry that was just written, by its name. @throws ScimError 404 when it is gone already, or isn't one of ours */
export async function readBack(context: OperationContext, plan: ResourcePlan, dn: string, attributes: readonly string[]): Promise<Entry> {
  const [entry] = await search(context, plan, dn, 'base', EVERYTHING, attributes);
  if (entry === undefined)
    throw new ScimError(404, `the ${plan.resourceType.name} was removed, or changed by others, while it was being written`);
  return entry;
}

function search(
  context: OperationContext,
  plan: ResourcePlan,
  base: string,
  scope: 'base' | 'subtree',
  filter: LdapFilter,
  attributes: readonly string[],
): Promise<readonly Entry[]> {
  return context.directory.search({ base, scope, filter: allOf(plan.filter, filter), attributes });
}
