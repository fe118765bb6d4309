import type { Directory, DirectoryFacts, SearchRequest, SortKey } from '../directory/directory.ts';
import { unlessNoSuchObject } from '../directory/directory-error.ts';
import { resultError } from '../directory/result-codes.ts';
import { assertionOf, type WriteControls, writeControls } from '../directory/write-controls.ts';
import { ChangeRefused, carryOut, refuseClassViolation } from '../ldap/carry-out.ts';
import type { Change } from '../ldap/change.ts';
import { dnKey } from '../ldap/dn.ts';
import type { Entry } from '../ldap/entry.ts';
import { EVERYTHING } from '../ldap/filter.ts';
import { RESULT } from '../ldap/result-code.ts';
import { EntryStore } from './entry-store.ts';
import { noSuchObject } from './given-directory.ts';
import type { MadeUp } from './made-up.ts';
import { withOnly } from './select-entry.ts';

/** An LDAP operation that a request causes, and what came of it. */
export type RecordedOperation = RecordedSearch | RecordedWrite;

export interface RecordedSearch {
  readonly kind: 'search';
  readonly request: SearchRequest;
  /** The size limit; absent: none. */
  readonly limit?: number;
  readonly sort?: readonly SortKey[];
  /** DNs. */
  readonly found: readonly string[];
}

export interface RecordedWrite {
  readonly kind: 'write';
  readonly change: Change;
  readonly controls: WriteControls;
  /** The entry before and after; absent where there is none. */
  readonly before?: Entry;
  readonly after?: Entry;
  /** Why a directory wouldn't do it; absent: done. */
  readonly refused?: { readonly code: number; readonly reason: string };
}

/** A directory that looks as if it were written to. `operations` is what was asked of it, in order. */
export interface PlanningDirectory extends Directory {
  readonly operations: readonly RecordedOperation[];
  /** `operations` begins anew; what was written stays. */
  forgetOperations(): void;
}

/**
 * A directory for trying requests out: it reads from another one, keeps what is written to itself, and shows it from then on. Nothing is
 * ever written to the other one.
 */
export function planningDirectory(source: Directory, madeUp: MadeUp): PlanningDirectory {
  return new Planning(source, madeUp);
}

class Planning implements PlanningDirectory {
  readonly operations: RecordedOperation[] = [];
  readonly #source: Directory;
  readonly #madeUp: MadeUp;
  /** The keys of all entries that were touched, and under new names; what is left of them is in `#left`. */
  readonly #written = new Set<string>();
  #left: EntryStore | undefined;

  constructor(source: Directory, madeUp: MadeUp) {
    this.#source = source;
    this.#madeUp = madeUp;
  }

  forgetOperations(): void {
    this.operations.length = 0;
  }

  facts(): Promise<DirectoryFacts> {
    return this.#source.facts();
  }

  search(request: SearchRequest): Promise<readonly Entry[]> {
    return this.#search(request, {}, () => this.#source.search(request));
  }

  searchSorted(request: SearchRequest, sort: readonly SortKey[]): Promise<readonly Entry[]> {
    return this.#search(request, { sort }, () => this.#source.searchSorted(request, sort));
  }

  async searchFirst(request: SearchRequest, limit: number): Promise<{ readonly entries: readonly Entry[]; readonly more: boolean }> {
    let isCut = false;
    // As many more as may have to be left out again.
    const entries = await this.#search(request, { limit }, async () => {
      const first = await this.#source.searchFirst(request, limit + this.#written.size);
      isCut = first.more;
      return first.entries;
    });
    return { entries: entries.slice(0, limit), more: isCut || entries.length > limit };
  }

  async *searchPages(request: SearchRequest): AsyncGenerator<readonly Entry[], void, undefined> {
    yield await this.#search(request, {}, async () => {
      const entries: Entry[] = [];
      for await (const page of this.#source.searchPages(request)) entries.push(...page);
      return entries;
    });
  }

  async write(change: Change, returning: readonly string[] = []): Promise<Entry | undefined> {
    const facts = await this.facts();
    await this.#verifyAssertion(change, facts);
    const controls = writeControls(change, returning, facts);
    const before = await this.#read(change.dn);
    let after: Entry | undefined;
    try {
      after = carryOut(before, change, facts.schema);
      if (after !== undefined) refuseClassViolation(before, after, facts.schema);
      if (change.kind === 'rename' && after !== undefined) await this.#refuseTaken(change.dn, after.dn);
      if (change.kind === 'delete') await this.#refuseParent(change.dn);
    } catch (error) {
      if (!(error instanceof ChangeRefused)) throw error;
      const { code, message: reason } = error;
      this.operations.push({ kind: 'write', change, controls, refused: { code, reason } });
      throw resultError(change.kind, { code, serverText: reason }, change.dn);
    }
    const was = before === undefined ? {} : { before };
    const store = (this.#left ??= new EntryStore(facts.schema));
    this.#written.add(dnKey(change.dn));
    store.delete(change.dn);
    if (after === undefined) {
      this.operations.push({ kind: 'write', change, controls, ...was });
      return undefined;
    }
    const left = this.#madeUp.touch(change.kind === 'add' ? this.#madeUp.complete(after, isOfFile(change)) : after);
    this.operations.push({ kind: 'write', change, controls, ...was, after: left });
    this.#written.add(dnKey(left.dn));
    store.put(left);
    return controls.postRead === undefined ? undefined : withOnly(left, controls.postRead);
  }

  /** As the directory's own way without the assertion control: a look before the write. */
  async #verifyAssertion(change: Change, facts: DirectoryFacts): Promise<void> {
    const filter = assertionOf(change);
    if (filter === undefined || facts.supportsAssertion) return;
    await this.search({ base: change.dn, scope: 'base', filter, attributes: [] });
  }

  async #search(
    request: SearchRequest,
    recorded: Pick<RecordedSearch, 'limit' | 'sort'>,
    ask: () => Promise<readonly Entry[]>,
  ): Promise<readonly Entry[]> {
    let entries: readonly Entry[];
    try {
      entries = this.#overlay(request, await this.#unlessWritten(request, ask));
    } catch (error) {
      this.operations.push({ kind: 'search', request, ...recorded, found: [] });
      throw error;
    }
    this.operations.push({ kind: 'search', request, ...recorded, found: entries.map(({ dn }) => dn) });
    return entries;
  }

  /** A base that only the writes have made, or that they have taken away, is nothing to ask the other directory for. */
  async #unlessWritten(request: SearchRequest, ask: () => Promise<readonly Entry[]>): Promise<readonly Entry[]> {
    const key = dnKey(request.base);
    if (request.scope !== 'base' || !this.#written.has(key)) return ask();
    if (this.#left?.get(request.base) === undefined) throw noSuchObject('search', request.base);
    return [];
  }

  #overlay(request: SearchRequest, entries: readonly Entry[]): readonly Entry[] {
    if (this.#left === undefined) return entries;
    const untouched = entries.filter(({ dn }) => !this.#written.has(dnKey(dn)));
    return [...untouched, ...this.#left.select(request)];
  }

  /** All of an entry, without leaving a trace; undefined when there is none. */
  async #read(dn: string): Promise<Entry | undefined> {
    if (this.#written.has(dnKey(dn))) return this.#left?.get(dn);
    const search = { base: dn, scope: 'base', filter: EVERYTHING, attributes: ['*', '+'] } as const;
    const [entry] = await unlessNoSuchObject(this.#source.search(search), []);
    return entry;
  }

  async #refuseTaken(oldDn: string, newDn: string): Promise<void> {
    if (dnKey(oldDn) !== dnKey(newDn) && (await this.#read(newDn)) !== undefined)
      throw new ChangeRefused(RESULT.entryAlreadyExists, 'entry already exists');
  }

  async #refuseParent(dn: string): Promise<void> {
    const { entries } = await this.#source.searchFirst({ base: dn, scope: 'one', filter: EVERYTHING, attributes: [] }, 1);
    if (entries.length > 0) throw new ChangeRefused(RESULT.notAllowedOnNonLeaf, 'subordinate objects must be deleted first');
  }
}

/** Whether an entry is made as the mapping file says, and not on the way to that: then its classes have a line. */
function isOfFile({ attributes }: Extract<Change, { kind: 'add' }>): boolean {
  return attributes.some(({ name, source }) => name === 'objectClass' && source !== undefined);
}
