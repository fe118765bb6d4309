import { DirectoryError } from '../directory/directory-error.ts';
import type { Change } from '../ldap/change.ts';
import { allOf, negate } from '../ldap/filter.ts';
import { RESULT } from '../ldap/result-code.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { ScimError } from '../scim/errors.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * What a client is told whose resource would have the name of an entry that others made and that isn't adopted (`adopt` in the mapping
 * file): it must not inherit the rights of a group because it is called like one.
 *
 * @param path the SCIM path of what is taken
 */
export function notAdopted({ target, adoption, resourceType: { name } }: ResourcePlan, path: string): ScimError {
  const allow = adoption.kind === 'never' ? `sets "adopt: listed" for ${target} in the mapping file and ` : '';
  const wayOut = `give one of the two another name; or an operator ${allow}hands it over with: scim-ldap-bridge adopt`;
  return new ScimError(409, `${path}: belongs to a ${name} that was not created here and is not adopted; ${wayOut}`, {
    scimType: 'uniqueness',
  });
}

/**
 * @param dn that an entry was to get
 * @throws ScimError 409 when the directory refused it because an entry has it that is hidden from clients
 */
export async function refuseUnadopted(
  { directory }: OperationContext,
  plan: ResourcePlan,
  change: Change,
  dn: string,
  error: unknown,
): Promise<void> {
  const { adoption } = plan;
  const isTaken = error instanceof DirectoryError && error.code === RESULT.entryAlreadyExists;
  if (!isTaken || adoption.kind === 'any' || (change.kind !== 'add' && change.kind !== 'rename')) return;
  const filter = allOf(adoption.filter, negate({ kind: 'equality', attribute: 'objectClass', value: adoption.mark }));
  const hidden = await directory.search({ base: dn, scope: 'base', filter, attributes: [] });
  if (hidden.length > 0) throw notAdopted(plan, pathBehind(plan));
}

/** What the client calls the name of an entry. */
function pathBehind({ rdn, lenses }: ResourcePlan): string {
  return lenses.find(({ ldap }) => ldap?.toLowerCase() === rdn.toLowerCase())?.path ?? rdn;
}
