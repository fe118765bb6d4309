import type { Directory, Lookup, SearchRequest } from '../directory/directory.ts';
import { octetKey } from '../ldap/diff.ts';
import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';
import { allOf, anyOf, type LdapFilter } from '../ldap/filter.ts';
import { octetsOf } from '../ldap/octets.ts';

/** Terms of an OR that slapd still tests quickly (ldap.md §5). */
const MOST_VALUES = 100;

/**
 * The same directory, with the look-ups of one turn of the event loop put together: those that differ only in the values that they look
 * for become one search, and each caller gets what it asked for. Nothing is remembered: a search is sent after all that it answers.
 *
 * When the search fails, it fails for all of them. An answer that does not tell who is meant is asked for again, one by one; so is an
 * answer of nobody that a replica may give.
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
      const waiting = { request, values: keyed(lookup), resolve, reject };
      if (open.get(key)?.take(waiting) === true) return;
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
  /** By what a value shares with other spellings of it. */
  readonly values: ReadonlyMap<string, LdapValue>;
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
    this.#values = new Map(first.values);
    this.#lookup = lookup;
  }

  /** @returns whether there is room for it; two spellings of a value may be two values to the directory */
  take(waiting: Waiting): boolean {
    const { values } = waiting;
    if (this.#values.size + values.size > MOST_VALUES) return false;
    for (const [key, value] of values) if (octetKey(this.#values.get(key) ?? value) !== octetKey(value)) return false;
    this.#waiting.push(waiting);
    for (const [key, value] of values) this.#values.set(key, value);
    return true;
  }

  async send(directory: Directory): Promise<void> {
    const [first, ...others] = this.#waiting;
    if (first === undefined) return;
    try {
      const entries = await directory.search(others.length === 0 ? first.request : this.#merge(first.request));
      if (others.length === 0) first.resolve(entries);
      else await this.#handOut(directory, entries);
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

  async #handOut(directory: Directory, entries: readonly Entry[]): Promise<void> {
    const { attribute } = this.#lookup;
    const found = entries.map((entry) => ({ entry, keys: [...keyed({ ...this.#lookup, values: valuesOf(entry, attribute) }).keys()] }));
    const isClear = found.every(({ keys }) => keys.some((key) => this.#values.has(key)));
    const each = this.#waiting.map(async ({ request, values, resolve, reject }) => {
      const own = found.filter(({ keys }) => keys.some((key) => values.has(key))).map(({ entry }) => entry);
      const isKnown = isClear && (own.length > 0 || request.mayLag !== true);
      if (isKnown) resolve(own);
      else await directory.search(request).then(resolve, reject);
    });
    await Promise.all(each);
  }
}

/** Values by what they share with their other spellings: ids are compared without case where they are text. */
function keyed({ attribute, values }: Pick<Lookup, 'attribute' | 'values'>): ReadonlyMap<string, LdapValue> {
  const isOctets = OCTETS.has(attribute.toLowerCase());
  return new Map(values.map((value) => [isOctets ? octetsOf(value).toString('latin1') : String(value).toLowerCase(), value]));
}

/** Ids that are octets, which come as text where they happen to be UTF-8. */
const OCTETS: ReadonlySet<string> = new Set(['objectguid']);
