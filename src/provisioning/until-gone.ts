import type { Directory, SearchRequest } from '../directory/directory.ts';
import { DirectoryError } from '../directory/directory-error.ts';

/**
 * The same directory for one request: when its client has gone away, its searches are abandoned and it begins no write. Once a write
 * has begun the request is carried through, whoever still waits for it: nothing stays half-done. Enumerations are carried through too:
 * others may wait for the same one.
 *
 * @param gone aborted when the client has gone away
 */
export function untilGone(directory: Directory, gone: AbortSignal): Directory {
  let hasWritten = false;
  const withSignal = (request: SearchRequest): SearchRequest => (hasWritten ? request : { ...request, signal: gone });
  return {
    facts: () => directory.facts(),
    search: (request) => directory.search(withSignal(request)),
    searchFirst: (request, limit) => directory.searchFirst(withSignal(request), limit),
    searchSorted: (request, keys) => directory.searchSorted(request, keys),
    searchPages: (request) => directory.searchPages(request),
    async write(change, returning) {
      if (!hasWritten && gone.aborted) throw new DirectoryError('unavailable', 'the client has gone away before anything was written');
      hasWritten = true;
      return directory.write(change, returning);
    },
  };
}
