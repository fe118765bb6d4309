import type { Directory } from '../directory/directory.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import type { Change } from '../ldap/change.ts';

/** What became of a change. `unknown`: it was sent, and nobody knows; `pending`: there is no answer yet. */
export type WriteOutcome = 'done' | 'refused' | 'unknown' | 'pending';

export interface WatchedWrite {
  readonly change: Change;
  readonly outcome: WriteOutcome;
}

/** A directory that remembers what went through it. */
export interface WatchedDirectory {
  readonly directory: Directory;
  /** In the order in which they were sent. */
  readonly writes: readonly WatchedWrite[];
  /** Searches and writes so far; a search in pages counts once. */
  operations(): number;
}

/**
 * The same directory; every change that is sent to it is remembered, with what became of it.
 *
 * @param before is told of each change before it is sent, and may throw: then it isn't
 */
export function watchWrites(directory: Directory, before: (change: Change) => void = () => undefined): WatchedDirectory {
  const writes: { readonly change: Change; outcome: WriteOutcome }[] = [];
  let operations = 0;
  const counted = <T>(result: T): T => {
    operations += 1;
    return result;
  };
  return {
    writes,
    operations: () => operations,
    directory: {
      facts: () => directory.facts(),
      search: (request) => counted(directory.search(request)),
      searchFirst: (request, limit) => counted(directory.searchFirst(request, limit)),
      searchSorted: (request, keys) => counted(directory.searchSorted(request, keys)),
      searchPages: (request) => counted(directory.searchPages(request)),
      async write(change, returning) {
        before(change);
        const write = { change, outcome: 'pending' as WriteOutcome };
        writes.push(write);
        try {
          const entry = await counted(directory.write(change, returning));
          write.outcome = 'done';
          return entry;
        } catch (error) {
          const isRefused = error instanceof DirectoryError && error.kind !== 'unknownOutcome';
          write.outcome = isRefused ? 'refused' : 'unknown';
          throw error;
        }
      },
    },
  };
}
