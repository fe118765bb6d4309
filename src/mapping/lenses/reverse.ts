import { EVERYTHING } from '../../ldap/filter.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
import type { FilterMatch, Lens } from '../lens.ts';
import type { Place } from '../place.ts';
import { show } from './reference.ts';

export interface ReverseLensOptions {
  readonly path: string;
  readonly source: Lens['source'];
  readonly place: Place;
  readonly definition: AttributeDefinition;
  /** Whether groups count that hold the entry by way of another group. */
  readonly indirect: boolean;
}

export interface ReverseLens extends Lens {
  readonly kind: 'reverse';
  readonly indirect: boolean;
}

/**
 * The groups of a user where no attribute of the user says so: found by a search among the groups, read-only.
 *
 * A filter can't be translated: nothing in the entry tells. Candidates that the rest of the filter leaves are checked one by one.
 */
export function reverseLens({ path, source, place, definition, indirect }: ReverseLensOptions): ReverseLens {
  const anybody: FilterMatch = { filter: EVERYTHING, exact: false };
  return {
    kind: 'reverse',
    path,
    source,
    place,
    definition,
    ldap: undefined,
    indirect,
    get: (entry, { references }) =>
      references
        .membershipsOf(entry)
        .filter(({ direct }) => direct || indirect)
        .map(({ holder, direct }) => show(holder, definition, direct)),
    put: () => undefined,
    match: () => anybody,
    matchPresent: () => anybody,
  };
}
