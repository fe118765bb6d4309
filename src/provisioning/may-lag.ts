import type { Directory } from '../directory/directory.ts';

/** The same context for what is only read and shown: its searches may be answered by a replica, as far as it holds what was written through us. */
export function mayLag<Context extends { readonly directory: Directory }>(context: Context): Context {
  const { directory } = context;
  return {
    ...context,
    directory: {
      facts: () => directory.facts(),
      search: (request) => directory.search({ ...request, mayLag: true }),
      searchFirst: (request, limit) => directory.searchFirst({ ...request, mayLag: true }, limit),
      searchSorted: (request, keys) => directory.searchSorted(request, keys),
      searchPages: (request) => directory.searchPages(request),
      write: (change, returning) => directory.write(change, returning),
    },
  };
}
