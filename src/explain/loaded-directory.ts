import type { Directory, SearchRequest } from '../directory/directory.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import { resultError } from '../directory/result-codes.ts';
import { attributeKey } from '../ldap/attribute-description.ts';
import { dnKey, isWithin } from '../ldap/dn.ts';
import type { Entry } from '../ldap/entry.ts';
import { ANY_ENTRY } from '../ldap/filter.ts';
import { PASSWORD_ATTRIBUTES } from '../ldap/format-ldif.ts';
import { RESULT } from '../ldap/result-code.ts';
import { EntryStore } from './entry-store.ts';
import { noSuchObject } from './given-directory.ts';

/**
 * A directory of which some parts of the tree are read once, a page at a time, and are then answered for from memory: for more questions
 * than one would like to ask it. What lies elsewhere it is asked for as ever. To be read only.
 *
 * @param operational attributes to read beside those that users write
 * @throws DirectoryError when it can't be read
 */
export async function loadDirectory(live: Directory, bases: readonly string[], operational: readonly string[]): Promise<Directory> {
  const { schema } = await live.facts();
  const store = new EntryStore(schema);
  const loaded = bases.filter(
    (base, index) => !bases.some((other, at) => at !== index && isWithin(base, other) && !(at > index && isWithin(other, base))),
  );
  const missing = new Set<string>();
  for (const base of loaded) {
    try {
      const search = { base, scope: 'subtree', filter: ANY_ENTRY, attributes: ['*', ...operational] } as const;
      for await (const page of live.searchPages(search)) for (const entry of page) store.put(withoutPasswords(entry));
    } catch (error) {
      if (!(error instanceof DirectoryError) || error.code !== RESULT.noSuchObject) throw error;
      missing.add(dnKey(base));
    }
  }
  const isLoaded = ({ base }: SearchRequest): boolean => loaded.some((each) => isWithin(base, each));
  const select = (request: SearchRequest): readonly Entry[] => {
    if (request.scope === 'base' ? store.get(request.base) === undefined : missing.has(dnKey(request.base)))
      throw noSuchObject('search', request.base);
    return store.select(request);
  };
  return {
    facts: () => live.facts(),
    search: async (request) => (isLoaded(request) ? select(request) : live.search(request)),
    searchSorted: (request, keys) => live.searchSorted(request, keys),
    async searchFirst(request, limit) {
      if (!isLoaded(request)) return live.searchFirst(request, limit);
      const found = select(request);
      return { entries: found.slice(0, limit), more: found.length > limit };
    },
    async *searchPages(request) {
      if (isLoaded(request)) yield select(request);
      else yield* live.searchPages(request);
    },
    write: ({ kind, dn }) =>
      Promise.reject(resultError(kind, { code: RESULT.unwillingToPerform, serverText: 'what is read once stays as it is' }, dn)),
  };
}

/** Not even hashes are kept. */
function withoutPasswords({ dn, attributes }: Entry): Entry {
  return { dn, attributes: new Map([...attributes].filter(([name]) => !PASSWORD_ATTRIBUTES.has(attributeKey(name)))) };
}
