import type { Directory, SearchRequest } from '../directory/directory.ts';
import { resultError } from '../directory/result-codes.ts';
import { dnKey } from '../ldap/dn.ts';
import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';
import { RESULT } from '../ldap/result-code.ts';
import { type AssumedFacts, type AssumedServer, assumeFacts } from './assumed-directory.ts';
import { selectEntry } from './select-entry.ts';

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

function withMemberOf(entry: Entry, all: readonly Entry[]): Entry {
  if (valuesOf(entry, 'memberOf').length > 0) return entry;
  const key = dnKey(entry.dn);
  const names = (value: LdapValue): boolean => typeof value === 'string' && dnKey(value) === key;
  const groups = all.filter((each) => [...valuesOf(each, 'member'), ...valuesOf(each, 'uniqueMember')].some(names)).map(({ dn }) => dn);
  return groups.length === 0 ? entry : { dn: entry.dn, attributes: new Map([...entry.attributes, ['memberof', groups]]) };
}
