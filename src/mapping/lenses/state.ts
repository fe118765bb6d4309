import { caseIgnoreKey } from '../../ldap/case-ignore.ts';
import { type Attribute, type Entry, type LinePath, valuesOf } from '../../ldap/entry.ts';
import { EVERYTHING, type LdapFilter, NOTHING, negate } from '../../ldap/filter.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
import type { Lens } from '../lens.ts';
import type { Place } from '../place.ts';

export interface StateLensOptions {
  readonly path: string;
  readonly source: LinePath;
  readonly place: Place;
  readonly definition: AttributeDefinition;
  readonly ldap: string;
  /** The LDAP value that means "off", compared without case. */
  readonly inactive: string;
  /** Written when switched on; undefined: the attribute is removed then. */
  readonly active: string | undefined;
  readonly whenInactive: SideEffects | undefined;
}

/** Whether an account is active: the line of `active`. */
export interface StateLens extends Lens {
  readonly kind: 'state';
  readonly whenInactive: SideEffects | undefined;
  /** Servers may switch an account on when its password is set (decisions 5). */
  readonly liftedByPassword: boolean;
}

/** What else is written when an account is switched off. */
export interface SideEffects {
  /** They go again when it is switched on. */
  readonly set: readonly Attribute[];
  /** LDAP attributes that lose their values for good. */
  readonly clear: readonly string[];
}

/**
 * The account's state in one attribute value. An entry without that value is active, also one that has another value:
 * a temporary lock after failed logins is not a decision of the client.
 */
export function stateLens({ path, source, place, definition, ldap, inactive, active, whenInactive }: StateLensOptions): StateLens {
  const isInactive = (entry: Entry): boolean =>
    valuesOf(entry, ldap).some((value) => typeof value === 'string' && caseIgnoreKey(value) === caseIgnoreKey(inactive));
  const inactiveFilter: LdapFilter = { kind: 'equality', attribute: ldap, value: inactive };
  return {
    kind: 'state',
    path,
    source,
    place,
    definition,
    ldap,
    whenInactive,
    liftedByPassword: true,
    get: (entry) => [!isInactive(entry)],
    put([wanted], current) {
      // Nothing said: an entry stays as it is, a new one is active.
      const state = typeof wanted === 'boolean' ? wanted : !isInactive(current);
      if (!state) return { values: isInactive(current) ? valuesOf(current, ldap) : [inactive], style: 'replace' };
      // A removal by value: slapo-ppolicy removes the lock itself when the same modify sets a password, unless it sees a `delete` of it.
      if (isInactive(current)) return active === undefined ? { values: [], style: 'values' } : { values: [active], style: 'replace' };
      const stays = valuesOf(current, ldap).length > 0 || active === undefined;
      return { values: stays ? valuesOf(current, ldap) : [active], style: 'replace' };
    },
    ...stateFilters(ldap, inactiveFilter),
  };
}

/**
 * How accounts are found by their state, where a filter selects the inactive ones: `match` and `matchPresent` of a lens.
 *
 * @param ldap the attribute that the filter asks for
 */
export function stateFilters(ldap: string, inactiveFilter: LdapFilter): Pick<Lens, 'match' | 'matchPresent'> {
  return {
    match(operator, value, { schema }) {
      if (operator !== 'eq') return { filter: EVERYTHING, exact: false };
      if (typeof value !== 'boolean') return { filter: NOTHING, exact: true };
      // Without the attribute in the schema, its negation would be undefined instead of true (RFC 4511 §4.5.1.7): nobody is inactive then.
      const inactives = schema.attributeType(ldap) === undefined ? NOTHING : inactiveFilter;
      return { filter: value ? negate(inactives) : inactives, exact: true };
    },
    matchPresent: () => ({ filter: EVERYTHING, exact: true }),
  };
}
