import type { LinePath } from '../../ldap/entry.ts';
import { EVERYTHING, NOTHING } from '../../ldap/filter.ts';
import { matchesElement } from '../../scim/evaluate-filter.ts';
import { newObject, type ScimValue } from '../../scim/resource.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
import type { Lens } from '../lens.ts';
import type { Place } from '../place.ts';

export interface ConstantLensOptions {
  readonly path: string;
  readonly source: LinePath;
  readonly place: Place;
  readonly definition: AttributeDefinition;
  readonly constant: ScimValue;
}

export interface ConstantLens extends Lens {
  readonly kind: 'constant';
  readonly constant: ScimValue;
}

/** A value that is shown and stored nowhere. Inside an element it is shown only with an element that has something else. */
export function constantLens({ path, source, place, definition, constant }: ConstantLensOptions): ConstantLens {
  const holder = newObject([[definition.name, constant]]);
  const leaf = { schema: place.path.schema, isExtension: false, attribute: definition };
  return {
    kind: 'constant',
    path,
    source,
    place,
    definition,
    constant,
    ldap: undefined,
    get: () => [constant],
    put: () => undefined,
    match(operator, value) {
      const holds = matchesElement({ kind: 'compare', path: leaf, operator, value }, holder);
      return { filter: holds ? EVERYTHING : NOTHING, exact: true };
    },
    matchPresent: () => ({ filter: EVERYTHING, exact: true }),
  };
}
