import type { Directory } from '../directory/directory.ts';
import type { IdList } from './id-list.ts';
import { withWrite } from './with-write.ts';

/** The most ids that are kept, of all snapshots together: 34 MB. */
const MAX_IDS = 2_000_000;
/** What the rest of a snapshot counts for, in ids. */
const OVERHEAD = 32;
/** How long a snapshot may be used: what others write into the directory shows after this time at the latest. */
const MAX_AGE_MS = 60_000;

/**
 * How old a list of ids may be.
 *
 * - `new`: from now
 * - `current`: nothing was written through this process since
 * - `any`: within its time
 */
export type Freshness = 'new' | 'current' | 'any';

interface Snapshot {
  readonly list: Promise<IdList>;
  /** How often had been written when the enumeration began. */
  readonly writes: number;
  /** Undefined while it is being made. */
  madeAt?: number;
  size: number;
}

export interface IdSnapshotsOptions {
  readonly maxIds?: number;
  readonly maxAgeMs?: number;
}

/**
 * The ids behind the latest queries of a directory, so that a page costs the same wherever it is: enumerating 100,000 ids takes half a
 * second, fetching a page by its ids a few milliseconds (ldap.md §5). Only a cache: every answer can be given without it.
 */
export class IdSnapshots {
  readonly #maxIds: number;
  readonly #maxAgeMs: number;
  /** By query, the least recently used one first. */
  readonly #snapshots = new Map<string, Snapshot>();
  #size = 0;
  #writes = 0;

  constructor({ maxIds = MAX_IDS, maxAgeMs = MAX_AGE_MS }: IdSnapshotsOptions = {}) {
    this.#maxIds = maxIds;
    this.#maxAgeMs = maxAgeMs;
  }

  /** The same directory; what is written to it outdates the snapshots, also when the outcome is not known. */
  watch(directory: Directory): Directory {
    return withWrite(directory, async (change, returning) => {
      try {
        return await directory.write(change, returning);
      } finally {
        this.#writes += 1;
      }
    });
  }

  /**
   * The ids that a query finds. Who asks while they are being enumerated waits for that enumeration, unless something was written
   * since it began.
   *
   * @param query everything that decides which ids these are and in which order; short, for it is kept
   */
  find(query: string, freshness: Freshness, enumerate: () => Promise<IdList>): Promise<IdList> {
    const known = this.#snapshots.get(query);
    if (known === undefined || !this.#serves(known, freshness)) return this.#make(query, enumerate);
    this.#snapshots.delete(query);
    this.#snapshots.set(query, known);
    return known.list;
  }

  #serves({ madeAt, writes }: Snapshot, freshness: Freshness): boolean {
    if (madeAt !== undefined && this.#isOver(madeAt)) return false;
    switch (freshness) {
      case 'new':
        return madeAt === undefined && writes === this.#writes;
      case 'current':
        return writes === this.#writes;
      case 'any':
        return true;
      default:
        return freshness satisfies never;
    }
  }

  async #make(query: string, enumerate: () => Promise<IdList>): Promise<IdList> {
    const snapshot: Snapshot = { list: enumerate(), writes: this.#writes, size: 0 };
    this.#forget(query);
    this.#snapshots.set(query, snapshot);
    try {
      const list = await snapshot.list;
      if (this.#snapshots.get(query) === snapshot) this.#keep(snapshot, list);
      return list;
    } catch (error) {
      if (this.#snapshots.get(query) === snapshot) this.#forget(query);
      throw error;
    }
  }

  #keep(snapshot: Snapshot, list: IdList): void {
    snapshot.madeAt = performance.now();
    snapshot.size = list.length + OVERHEAD;
    this.#size += snapshot.size;
    for (const [query, { madeAt }] of this.#snapshots) {
      if (this.#size > this.#maxIds || (madeAt !== undefined && this.#isOver(madeAt))) this.#forget(query);
    }
  }

  #isOver(madeAt: number): boolean {
    return performance.now() - madeAt > this.#maxAgeMs;
  }

  #forget(query: string): void {
    this.#size -= this.#snapshots.get(query)?.size ?? 0;
    this.#snapshots.delete(query);
  }
}
