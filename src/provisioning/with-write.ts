import type { Directory } from '../directory/directory.ts';

/** The same directory with another way of writing. */
export function withWrite(directory: Directory, write: Directory['write']): Directory {
  return {
    facts: () => directory.facts(),
    search: (request) => directory.search(request),
    searchFirst: (request, limit) => directory.searchFirst(request, limit),
    searchSorted: (request, keys) => directory.searchSorted(request, keys),
    searchPages: (request) => directory.searchPages(request),
    write,
  };
}
