import type { Directory, SearchRequest } from '../directory/directory.ts';
import type { Entry } from '../ldap/entry.ts';
import { formatLdapFilter } from '../ldap/format-ldap-filter.ts';
import { formatChanges } from '../ldap/format-ldif.ts';
import { type Mask, maskChange, maskFilter } from '../ldap/mask-change.ts';

/** Where operations are told. */
export interface DebugLog {
  debug(fields: object, message: string): void;
}

/**
 * The same directory; when an operation has ended, a line of the log says what it was: a search by what it asked for and how much it
 * found, a write as LDIF.
 */
export function tellOperations(directory: Directory, log: DebugLog, mask: Mask): Directory {
  const told = async <T>(operation: Promise<T>, message: string, fields: object, count: (answer: T) => object): Promise<T> => {
    const started = performance.now();
    const tell = (outcome: object) =>
      log.debug({ ...fields, ...outcome, durationMs: Math.round((performance.now() - started) * 10) / 10 }, message);
    try {
      const answer = await operation;
      tell(count(answer));
      return answer;
    } catch (error) {
      tell({ failed: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  };
  const asked = ({ base, scope, filter, attributes }: SearchRequest) => ({
    base,
    scope,
    filter: formatLdapFilter(maskFilter(filter, mask)),
    attributes,
  });
  return {
    facts: () => directory.facts(),
    search: (request) => told(directory.search(request), 'LDAP search', asked(request), (entries) => ({ entries: entries.length })),
    searchFirst: (request, limit) =>
      told(directory.searchFirst(request, limit), 'LDAP search', { ...asked(request), limit }, ({ entries, more }) => ({
        entries: entries.length,
        more,
      })),
    searchSorted: (request, keys) =>
      told(directory.searchSorted(request, keys), 'LDAP search', { ...asked(request), keys }, (entries) => ({ entries: entries.length })),
    async *searchPages(request) {
      const pages = directory.searchPages(request)[Symbol.asyncIterator]();
      const fields = asked(request);
      try {
        for (;;) {
          const count = ({ value, done }: IteratorResult<readonly Entry[], unknown>) => ({ entries: done === true ? 0 : value.length });
          const page = await told(pages.next(), 'LDAP search, a page', fields, count);
          if (page.done === true) return;
          yield page.value;
        }
      } finally {
        await pages.return?.();
      }
    },
    write: (change, returning) => {
      const ldif = formatChanges([maskChange(change, mask)], { secretAttributes: NOTHING_MORE });
      return told(directory.write(change, returning), 'LDAP write', { ldif }, () => ({}));
    },
  };
}

/** The mask has hidden what is to be hidden. */
const NOTHING_MORE: ReadonlySet<string> = new Set();
