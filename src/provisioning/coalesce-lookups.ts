import type { Directory, Lookup, SearchRequest } from '../directory/directory.ts';
import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';
import { allOf, anyOf, type LdapFilter } from '../ldap/filter.ts';
import { octetsOf } from '../ldap/octets.ts';

/** Terms of an OR that slapd still tests quickly (ldap.md §5). */
const MOST_VALUES = 100;

/**
 * The same directory, with the look-ups of one turn of the event loop put together: those that differ only in the values that they look
 * for become one search, and each caller gets what it asked for. Nothing is remembered: a search is sent after all that it answers.
 *
 * When the search fails, it fails for all of them.
 */
export function coalesceLookups(directory: Directory): Directory {
  const open = new Map<string, Batch>();
  const numbers = new WeakMap<LdapFilter, number>();
  let last = 0;
  const numberOf = (filter: LdapFilter): number => {
    const number = numbers.get(filter) ?? ++last;
    numbers.set(filter, number);
    return number;
  };

  const join = (request: SearchRequest, lookup: Lookup): Promise<readonly Entry[]> => {
    const { base, scope, attributes, mayLag = false } = request;
    const key = `${numberOf(lookup.within)} ${scope} ${mayLag} ${lookup.attribute} ${attributes.join(' ')} ${base}`;
    return new Promise((resolve, reject) => {
      const waiting = { request, keys: lookup.values.map(keyOf), resolve, reject };
      if (open.get(key)?.take(waiting, lookup) === true) return;
      const batch = new Batch(waiting, lookup);
      open.set(key, batch);
      setImmediate(() => {
        if (open.get(key) === batch) open.delete(key);
        void batch.send(directory);
      });
    });
  };

  return {
    facts: () => directory.facts(),
    search: (request) => (request.lookup === undefined ? directory.search(request) : join(request, request.lookup)),
    searchFirst: (request, limit) => directory.searchFirst(request, limit),
    searchSorted: (request, keys) => directory.searchSorted(request, keys),
    searchPages: (request) => directory.searchPages(request),
    write: (change, returning) => directory.write(change, returning),
  };
}

interface Waiting {
  readonly request: SearchRequest;
  readonly keys: readonly string[];
  readonly resolve: (entries: readonly Entry[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** Look-ups that are sent as one. */
class Batch {
  readonly #waiting: Waiting[];
  readonly #values: Map<string, LdapValue>;
  readonly #lookup: Lookup;

  constructor(first: Waiting, lookup: Lookup) {
    this.#waiting = [first];
    this.#values = new Map(lookup.values.map((value) => [keyOf(value), value]));
    this.#lookup = lookup;
  }

  /** @returns whether there is room for it */
  take(waiting: Waiting, { values }: Lookup): boolean {
    if (this.#values.size + values.length > MOST_VALUES) return false;
    this.#waiting.push(waiting);
    for (const value of values) this.#values.set(keyOf(value), value);
    return true;
  }

  async send(directory: Directory): Promise<void> {
    const [first, ...others] = this.#waiting;
    if (first === undefined) return;
    try {
      const entries = await directory.search(others.length === 0 ? first.request : this.#merge(first.request));
      if (others.length === 0) first.resolve(entries);
      else this.#handOut(entries);
    } catch (error) {
      for (const { reject } of this.#waiting) reject(error);
    }
  }

  /** Abandoned by nobody: others wait for it too. */
  #merge(request: SearchRequest): SearchRequest {
    const { within, attribute } = this.#lookup;
    const { signal: _signal, lookup: _lookup, ...shared } = request;
    const terms = Array.from(this.#values.values(), (value): LdapFilter => ({ kind: 'equality', attribute, value }));
    return { ...shared, filter: allOf(within, anyOf(...terms)) };
  }

  /** An entry that shows none of the values is for whoever knows better: everybody gets it. */
  #handOut(entries: readonly Entry[]): void {
    const found = entries.map((entry) => ({ entry, keys: valuesOf(entry, this.#lookup.attribute).map(keyOf) }));
    for (const { keys: wanted, resolve } of this.#waiting) {
      const isFor = ({ keys }: { readonly keys: readonly string[] }): boolean =>
        keys.some((key) => wanted.includes(key)) || !keys.some((key) => this.#values.has(key));
      resolve(found.filter(isFor).map(({ entry }) => entry));
    }
  }
}

/** Text without case, as ids are compared; octets may have come as text. */
function keyOf(value: LdapValue): string {
  return octetsOf(value).toString('latin1').toLowerCase();
}
