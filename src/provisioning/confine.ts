import type { Directory, SearchRequest } from '../directory/directory.ts';
import type { Change } from '../ldap/change.ts';
import { isWithin } from '../ldap/dn.ts';
import { ScimError } from '../scim/errors.ts';

/**
 * The part of a directory at and below a DN: to whoever works with it nothing else exists, and nothing else is written. References to
 * what lies outside name nobody.
 */
export function confine(directory: Directory, base: string): Directory {
  /** The same search where both reach; undefined when there is no such place. */
  const narrow = (request: SearchRequest): SearchRequest | undefined => {
    if (isWithin(request.base, base)) return request;
    return request.scope === 'subtree' && isWithin(base, request.base) ? { ...request, base } : undefined;
  };
  return {
    facts: () => directory.facts(),
    async search(request) {
      const narrowed = narrow(request);
      return narrowed === undefined ? [] : directory.search(narrowed);
    },
    async searchFirst(request, limit) {
      const narrowed = narrow(request);
      return narrowed === undefined ? { entries: [], more: false } : directory.searchFirst(narrowed, limit);
    },
    async searchSorted(request, keys) {
      const narrowed = narrow(request);
      return narrowed === undefined ? [] : directory.searchSorted(narrowed, keys);
    },
    async *searchPages(request) {
      const narrowed = narrow(request);
      if (narrowed !== undefined) yield* directory.searchPages(narrowed);
    },
    async write(change, returning) {
      if (!placesOf(change).every((dn) => isWithin(dn, base))) {
        throw new ScimError(400, 'this would be outside of what the credential of this request may write', { scimType: 'mutability' });
      }
      return directory.write(change, returning);
    },
  };
}

function placesOf(change: Change): readonly string[] {
  return change.kind === 'rename' && change.newSuperior !== undefined ? [change.dn, change.newSuperior] : [change.dn];
}
