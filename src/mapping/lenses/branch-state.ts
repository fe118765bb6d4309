import { type Dn, isWithin } from '../../ldap/dn.ts';
import type { LinePath } from '../../ldap/entry.ts';
import { EVERYTHING, NOTHING } from '../../ldap/filter.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
import type { Place } from '../place.ts';
import type { SideEffects, StateLens } from './state.ts';

export interface BranchStateLensOptions {
  readonly path: string;
  readonly source: LinePath;
  readonly place: Place;
  readonly definition: AttributeDefinition;
  /** Inactive entries stand below it, and only they. */
  readonly inactiveBase: Dn;
  readonly whenInactive: SideEffects | undefined;
}

/**
 * The account's state in where its entry stands. The line writes no attribute: the entry is moved (`compile-state.ts` makes a branch of it). No filter can ask
 * for a branch of the tree, so the candidates are checked one by one.
 */
export function branchStateLens({ path, source, place, definition, inactiveBase, whenInactive }: BranchStateLensOptions): StateLens {
  return {
    kind: 'state',
    path,
    source,
    place,
    definition,
    ldap: undefined,
    whenInactive,
    liftedByPassword: false,
    get: ({ dn }) => [!isWithin(dn, inactiveBase)],
    put: () => undefined,
    match: (operator, value) =>
      operator === 'eq' && typeof value !== 'boolean' ? { filter: NOTHING, exact: true } : { filter: EVERYTHING, exact: false },
    matchPresent: () => ({ filter: EVERYTHING, exact: true }),
  };
}
