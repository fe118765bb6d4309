import type { Directory, SearchRequest } from '../directory/directory.ts';
import { resultError } from '../directory/result-codes.ts';
import { attributeKey } from '../ldap/attribute-description.ts';
import { dnKey, isWithin, parseDn } from '../ldap/dn.ts';
import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';
import { evaluateLdapFilter } from '../ldap/evaluate-ldap-filter.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import { RESULT } from '../ldap/result-code.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { type AssumedFacts, type AssumedServer, assumeFacts } from './assumed-directory.ts';

/**
 * A directory of just these entries, to be read only. Bases are taken to be there. memberOf follows from the groups, where an entry
 * doesn't state it.
 */
export interface GivenDirectory extends Directory {
  /** What was looked up in the schema so far, and isn't in it. */
  readonly unknownNames: AssumedFacts['unknownNames'];
}

export function givenDirectory(given: readonly Entry[], server: AssumedServer): GivenDirectory {
  const facts = assumeFacts(server);
  const entries = given.map((entry) => withMemberOf(entry, given));
  const search = (request: SearchRequest): Promise<readonly Entry[]> => {
    const found = entries.flatMap((entry) => selectEntry(entry, request, facts.schema));
    const isMissing = request.scope === 'base' && !entries.some(({ dn }) => dnKey(dn) === dnKey(request.base));
    return isMissing ? Promise.reject(noSuchObject('search', request.base)) : Promise.resolve(found);
  };
  return {
    unknownNames: facts.unknownNames,
    facts: () => Promise.resolve(facts),
    search,
    searchSorted: search,
    async searchFirst(request, limit) {
      const found = await search(request);
      return { entries: found.slice(0, limit), more: found.length > limit };
    },
    async *searchPages(request) {
      yield await search(request);
    },
    write: ({ kind, dn }) =>
      Promise.reject(resultError(kind, { code: RESULT.unwillingToPerform, serverText: 'entries that are given stay as they are' }, dn)),
  };
}

export function noSuchObject(operation: string, dn: string): Error {
  return resultError(operation, { code: RESULT.noSuchObject, serverText: '' }, dn);
}

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

function withMemberOf(entry: Entry, all: readonly Entry[]): Entry {
  if (valuesOf(entry, 'memberOf').length > 0) return entry;
  const key = dnKey(entry.dn);
  const names = (value: LdapValue): boolean => typeof value === 'string' && dnKey(value) === key;
  const groups = all.filter((each) => [...valuesOf(each, 'member'), ...valuesOf(each, 'uniqueMember')].some(names)).map(({ dn }) => dn);
  return groups.length === 0 ? entry : { dn: entry.dn, attributes: new Map([...entry.attributes, ['memberof', groups]]) };
}
