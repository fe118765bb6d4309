import { type Entry, type LinePath, valuesOf } from '../../ldap/entry.ts';
import { BIT_AND, type LdapFilter } from '../../ldap/filter.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
import type { Place } from '../place.ts';
import { type SideEffects, type StateLens, stateFilters } from './state.ts';

export interface BitStateLensOptions {
  readonly path: string;
  readonly source: LinePath;
  readonly place: Place;
  readonly definition: AttributeDefinition;
  readonly ldap: string;
  /** The bit that means "off" when it is set; one bit only. */
  readonly bit: bigint;
  /** The number that an entry without one begins with, the bit aside. */
  readonly initial: bigint;
  readonly whenInactive: SideEffects | undefined;
}

/**
 * The account's state in one bit of a number, as Active Directory keeps it. The other bits stay as they are: the number that was read
 * is exchanged for the new one, so a change by others in between is noticed. An entry without a number is active.
 */
export function bitStateLens({ path, source, place, definition, ldap, bit, initial, whenInactive }: BitStateLensOptions): StateLens {
  const numberOf = (entry: Entry): bigint | undefined => {
    const [value] = valuesOf(entry, ldap);
    return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
  };
  const isInactive = (number: bigint | undefined): boolean => number !== undefined && (number & bit) !== 0n;
  const inactiveFilter: LdapFilter = {
    kind: 'extensible',
    attribute: ldap,
    matchingRule: BIT_AND,
    dnAttributes: false,
    value: String(bit),
  };
  return {
    kind: 'state',
    path,
    source,
    place,
    definition,
    ldap,
    whenInactive,
    liftedByPassword: false,
    get: (entry) => [!isInactive(numberOf(entry))],
    put([wanted], current) {
      const number = numberOf(current);
      // Nothing said: an entry stays as it is, a new one is active.
      const isActive = typeof wanted === 'boolean' ? wanted : !isInactive(number);
      const before = number ?? initial;
      const after = isActive ? before & ~bit : before | bit;
      return { values: [String(after)], style: 'values' };
    },
    ...stateFilters(ldap, inactiveFilter),
  };
}
