import type { ResourcePlan } from '../mapping/plan.ts';
import type { ReferenceTarget } from '../mapping/reference-table.ts';
import { ScimError } from '../scim/errors.ts';
import type { OperationContext } from './operation-context.ts';

export type Right = 'read' | 'create' | 'update' | 'delete';

/** What a credential may do. */
export interface Rights {
  readonly allow: ReadonlySet<Right>;
  readonly targets: ReadonlySet<ReferenceTarget>;
}

/**
 * Refuses what the credential of a request may not do.
 *
 * With 400 and not with 403: the client has proved who it is, and one resource too many in its scope must not stop all others
 * (entra-scim-client §12.3).
 *
 * @throws ScimError 400, of writes mutability
 */
export function authorize({ rights }: Pick<OperationContext, 'rights'>, right: Right, target: ReferenceTarget): void {
  if (rights.allow.has(right) && rights.targets.has(target)) return;
  const detail = `the credential of this request may not ${right} ${target}`;
  throw new ScimError(400, detail, right === 'read' ? {} : { scimType: 'mutability' });
}

/** Those of some plans that the credential may read. @throws ScimError 400 when there are none */
export function readable({ rights }: Pick<OperationContext, 'rights'>, plans: readonly ResourcePlan[]): readonly ResourcePlan[] {
  const allowed = rights.allow.has('read') ? plans.filter(({ target }) => rights.targets.has(target)) : [];
  if (allowed.length === 0) throw new ScimError(400, 'the credential of this request may not read anything here');
  return allowed;
}
