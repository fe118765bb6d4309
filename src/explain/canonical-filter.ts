import { attributeKey } from '../ldap/attribute-description.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import { formatLdapFilter } from '../ldap/format-ldap-filter.ts';

/** A filter in a spelling that two filters share when they say the same in another order or another case of attribute names. */
export function canonicalFilter(filter: LdapFilter): LdapFilter {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const parts = new Map(filter.filters.map(canonicalFilter).map((part) => [formatLdapFilter(part), part]));
      return { kind: filter.kind, filters: [...parts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part) };
    }
    case 'not':
      return { kind: 'not', filter: canonicalFilter(filter.filter) };
    case 'extensible':
      return filter.attribute === undefined ? filter : { ...filter, attribute: attributeKey(filter.attribute) };
    default:
      return { ...filter, attribute: attributeKey(filter.attribute) };
  }
}
