import { isDeepStrictEqual } from 'node:util';
import type { Directory } from '../directory/directory.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import type { Modification, ModifyChange } from '../ldap/change.ts';
import { octetKey } from '../ldap/diff.ts';
import type { LdapValue } from '../ldap/entry.ts';
import { allOf, type LdapFilter } from '../ldap/filter.ts';
import type { Turns } from './turns.ts';
import { withWrite } from './with-write.ts';

/** The most values in one modify: larger requests come near limits of servers (ldap.md §1, §6). */
const MOST_VALUES = 5_000;

/**
 * The same directory, with the changes of one list sent together: while one modify of a group is under way, the next ones to it are
 * collected and sent as one. slapd rewrites a whole entry for each modify, so that is four to five times as fast (ldap.md §6).
 *
 * Each caller gets the answer to its own change. When the directory refuses what was put together, every change is sent by itself, in
 * the order in which they came: one bad value never spoils a neighbour. When it can't be asked at all, all of them fail alike.
 *
 * @param turns of the resources: what changes a group as a whole waits for its turn as these do
 */
export function coalesceLists(directory: Directory, turns: Turns): Directory {
  const batches = new Map<string, Batch>();

  const join = (change: ModifyChange, id: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const waiting = { change, resolve, reject };
      const open = batches.get(id);
      if (open?.take(waiting) === true) return;
      const batch = new Batch(directory, waiting);
      batches.set(id, batch);
      void turns.take(id, async () => {
        // From here on nobody can join: later changes wait for the next turn.
        if (batches.get(id) === batch) batches.delete(id);
        await batch.send();
      });
    });

  return withWrite(directory, async (change, returning = []) => {
    const id = change.kind === 'modify' && returning.length === 0 ? change.listOf?.toLowerCase() : undefined;
    if (change.kind !== 'modify' || id === undefined) return directory.write(change, returning);
    await join(change, id);
    return undefined;
  });
}

interface Waiting {
  readonly change: ModifyChange;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Changes of one list that are sent as one. */
class Batch {
  readonly #directory: Directory;
  readonly #waiting: Waiting[];
  readonly #values: Set<string>;

  constructor(directory: Directory, first: Waiting) {
    this.#directory = directory;
    this.#waiting = [first];
    this.#values = new Set(keysOf(first.change));
  }

  /**
   * @returns whether the change goes with the others: it is about the same entry, and there is room. One that the directory is to refuse
   *          when its values are there already, or aren't, says something of what was there before: it doesn't join another one of the
   *          same values
   */
  take(waiting: Waiting): boolean {
    const { change } = waiting;
    const [first] = this.#waiting;
    const keys = keysOf(change);
    if (first?.change.dn !== change.dn || this.#values.size + keys.length > MOST_VALUES) return false;
    if (change.permissive !== true && keys.some((key) => this.#values.has(key))) return false;
    this.#waiting.push(waiting);
    for (const key of keys) this.#values.add(key);
    return true;
  }

  async send(): Promise<void> {
    const [first, ...others] = this.#waiting;
    if (first === undefined) return;
    try {
      const changes = this.#waiting.map(({ change }) => change);
      await this.#directory.write(others.length === 0 ? first.change : mergeChanges(changes));
    } catch (error) {
      const isRefused = error instanceof DirectoryError && (error.kind === 'refused' || error.kind === 'tooLarge');
      if (others.length > 0 && isRefused) return this.#sendEach();
      for (const { reject } of this.#waiting) reject(error);
      return;
    }
    for (const { resolve } of this.#waiting) resolve();
  }

  async #sendEach(): Promise<void> {
    for (const { change, resolve, reject } of this.#waiting) {
      try {
        await this.#directory.write(change);
        resolve();
      } catch (error) {
        reject(error);
      }
    }
  }
}

function keysOf({ modifications }: ModifyChange): readonly string[] {
  return modifications.flatMap(({ attribute, values }) => values.map((value) => valueKey(attribute, value)));
}

function valueKey(attribute: string, value: LdapValue): string {
  return `${attribute.toLowerCase()} ${octetKey(value)}`;
}

/**
 * One modify that does what these do one after the other: of several changes of one value the last counts. It demands all that
 * any of them demands.
 */
export function mergeChanges(changes: readonly [ModifyChange, ...ModifyChange[]] | readonly ModifyChange[]): ModifyChange {
  const last = new Map<string, { readonly operation: Modification['operation']; readonly attribute: string; readonly value: LdapValue }>();
  for (const { operation, attribute, values } of changes.flatMap(({ modifications }) => modifications)) {
    for (const value of values) last.set(valueKey(attribute, value), { operation, attribute, value });
  }
  const modifications = Map.groupBy(last.values(), ({ operation, attribute }) => `${operation === 'add' ? 0 : 1} ${attribute}`);
  const assertions: LdapFilter[] = [];
  for (const { assertion } of changes) {
    if (assertion !== undefined && !assertions.some((each) => isDeepStrictEqual(each, assertion))) assertions.push(assertion);
  }
  const [{ dn } = { dn: '' }] = changes;
  return {
    kind: 'modify',
    dn,
    // The new ones first, as in each of them: there is no moment without a member.
    modifications: [...modifications.keys()].toSorted().flatMap((key): readonly Modification[] => {
      const values = modifications.get(key) ?? [];
      const [{ operation, attribute } = { operation: 'add' as const, attribute: '' }] = values;
      return [{ operation, attribute, values: values.map(({ value }) => value) }];
    }),
    ...(assertions.length === 0 ? {} : { assertion: allOf(...assertions) }),
    ...(changes.some(({ permissive }) => permissive === true) ? { permissive: true } : {}),
  };
}
