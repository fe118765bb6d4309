import { EVERYTHING, NOTHING } from '../../ldap/filter.ts';
import type { ScimValue } from '../../scim/resource.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
import type { Lens } from '../lens.ts';
import type { Place } from '../place.ts';

export interface ConstantLensOptions {
  readonly path: string;
  readonly place: Place;
  readonly definition: AttributeDefinition;
  readonly constant: ScimValue;
}

/** A value that is shown and stored nowhere. Inside an element it is shown only with an element that has something else. */
export function constantLens({ path, place, definition, constant }: ConstantLensOptions): Lens {
  const equals = (value: ScimValue | null): boolean =>
    typeof value === 'string' && typeof constant === 'string' && !definition.caseExact
      ? value.toLowerCase() === constant.toLowerCase()
      : value === constant;
  return {
    kind: 'constant',
    path,
    place,
    definition,
    ldap: undefined,
    get: () => [constant],
    put: () => undefined,
    match(operator, value) {
      if (operator !== 'eq') return { filter: EVERYTHING, exact: false };
      return { filter: equals(value) ? EVERYTHING : NOTHING, exact: true };
    },
    matchPresent: () => ({ filter: EVERYTHING, exact: true }),
  };
}
