import type { SearchRequest } from '../directory/directory.ts';
import { attributeKey } from '../ldap/attribute-description.ts';
import { dnKey, isWithin, parseDn } from '../ldap/dn.ts';
import type { Entry, LdapValue } from '../ldap/entry.ts';
import { evaluateLdapFilter } from '../ldap/evaluate-ldap-filter.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import type { LdapSchema } from '../ldap/schema.ts';

/** What a search returns of an entry: nothing when it isn't meant. `*` and `+` stand for all that there is. */
export function selectEntry(entry: Entry, request: SearchRequest, schema: LdapSchema): readonly Entry[] {
  const { base, scope, filter, attributes, matchedValues } = request;
  const seen: Entry = {
    dn: entry.dn,
    attributes: new Map([...entry.attributes, ['entrydn', [entry.dn]], ['distinguishedname', [entry.dn]]]),
  };
  if (!isInScope(entry.dn, base, scope) || evaluateLdapFilter(filter, seen, schema) !== true) return [];
  const found = withOnly(seen, attributes);
  return [matchedValues === undefined ? found : withMatching(found, matchedValues, schema)];
}

/** Of all values those that match one of the filters (RFC 3876 §2). */
function withMatching({ dn, attributes }: Entry, filters: readonly LdapFilter[], schema: LdapSchema): Entry {
  const matches = (attribute: string, value: LdapValue): boolean =>
    filters.some((filter) => evaluateLdapFilter(filter, { dn, attributes: new Map([[attribute, [value]]]) }, schema) === true);
  const kept = [...attributes].map(([name, values]) => [name, values.filter((value) => matches(name, value))] as const);
  return { dn, attributes: new Map(kept.filter(([, values]) => values.length > 0)) };
}

function isInScope(dn: string, base: string, scope: SearchRequest['scope']): boolean {
  switch (scope) {
    case 'base':
      return dnKey(dn) === dnKey(base);
    case 'one':
      return dnKey(parseDn(dn).slice(1)) === dnKey(base);
    case 'subtree':
      return isWithin(dn, base);
    default:
      return scope satisfies never;
  }
}

/** The entry with no more than these attributes; one that is named without options comes with all of them (RFC 4512 §2.5.2). */
export function withOnly({ dn, attributes }: Entry, names: readonly string[]): Entry {
  if (names.includes('*')) return { dn, attributes };
  const keys = names.map(attributeKey);
  const isNamed = (attribute: string): boolean => keys.some((key) => attribute === key || attribute.startsWith(`${key};`));
  return { dn, attributes: new Map([...attributes].filter(([attribute]) => isNamed(attribute))) };
}
