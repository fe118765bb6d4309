import { type ContextCsn, hasCaughtUp, readContextCsn } from './context-csn.ts';
import { DirectoryError, type DirectoryErrorKind } from './directory-error.ts';
import type { DirectoryLog } from './directory-log.ts';
import type { DirectoryObserver } from './directory-observer.ts';
import { NoAnswer } from './ldap-session.ts';
import type { ProviderChoice } from './provider-choice.ts';
import { RequestSender } from './request-sender.ts';
import { Searches } from './searches.ts';
import type { SessionPool } from './session-pool.ts';

/** How often replicas that lag are asked how far they have come. */
const ASK_AGAIN_MS = 50;
/** The part of the time limit that a replica gets: the provider is there when it doesn't answer. */
const SHARE = 1 / 4;

const NOT_SENT: ReadonlySet<DirectoryErrorKind> = new Set(['unavailable', 'credentials']);

interface Replica {
  readonly pool: SessionPool;
  readonly searches: Searches;
  /** How many writes had been made through us when it was seen to hold all of them; undefined: not seen yet. */
  holds: number | undefined;
}

/**
 * Servers that are read from and never written to. One may answer only when it holds everything that was written through us, as its
 * contextCSN tells: whoever reads what he wrote finds it. While they lag the provider answers; so it does when a replica finds nothing,
 * for that may be about what others have written.
 */
export class Replicas {
  readonly #provider: ProviderChoice;
  readonly #timeoutMs: number;
  readonly #log: DirectoryLog;
  readonly #replicas: readonly Replica[];
  /** Writes through us. One that is under way counts when it ends: what was compared before that is out of date then. */
  #writes = 0;
  #turn = 0;
  #askedAt = 0;
  #asking: Promise<void> | undefined;
  #hasRemarked = false;

  constructor(pools: readonly SessionPool[], provider: ProviderChoice, timeoutMs: number, log: DirectoryLog, observer: DirectoryObserver) {
    this.#provider = provider;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
    this.#replicas = pools.map((pool) => {
      const borrow: ProviderChoice['borrow'] = (purpose, _isWrite, deadline, signal) => pool.borrow(purpose, deadline, signal);
      const sender = new RequestSender({ server: pool.server, borrow, standAside: () => false }, observer);
      pool.wake();
      return { pool, searches: new Searches(sender, timeoutMs * SHARE, log), holds: undefined };
    });
  }

  /** Learns from how a write ends. One that was not sent leaves the replicas as good as they were. */
  async watch<T>(write: Promise<T>): Promise<T> {
    let wasSent = true;
    try {
      return await write;
    } catch (error) {
      wasSent = !(error instanceof DirectoryError && NOT_SENT.has(error.kind));
      throw error;
    } finally {
      if (wasSent) this.#writes += 1;
    }
  }

  /**
   * Asks a replica, and the provider where no replica can be asked, doesn't answer, or finds nothing.
   *
   * @param isNothing whether an answer says that nothing was found
   */
  async ask<Answer>(
    search: (searches: Pick<Searches, 'search' | 'searchFirst'>) => Promise<Answer>,
    isNothing: (answer: Answer) => boolean,
    provider: Searches,
  ): Promise<Answer> {
    const replica = this.#choose();
    if (replica !== undefined) {
      try {
        const answer = await search(replica.searches);
        if (!isNothing(answer)) return answer;
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
      }
    }
    return search(provider);
  }

  #choose(): Replica | undefined {
    const current = this.#replicas.filter(({ pool, holds }) => pool.isConnected && holds === this.#writes);
    if (current.length < this.#replicas.length) this.#askHowFar();
    this.#turn += 1;
    return current[this.#turn % Math.max(1, current.length)];
  }

  #askHowFar(): void {
    if (this.#asking !== undefined || performance.now() - this.#askedAt < ASK_AGAIN_MS) return;
    this.#askedAt = performance.now();
    this.#asking = this.#compare()
      .catch((error: unknown) => {
        // those that could not be asked are not used; the provider is
        if (!(error instanceof DirectoryError || error instanceof NoAnswer)) throw error;
      })
      .finally(() => {
        this.#asking = undefined;
      });
  }

  async #compare(): Promise<void> {
    const writes = this.#writes;
    const all = await this.#contextCsn(this.#provider.current);
    await Promise.all(
      this.#replicas.map(async (replica) => {
        if (!replica.pool.isConnected) return;
        const held = await this.#contextCsn(replica.pool);
        if (all !== undefined && held !== undefined && hasCaughtUp(held, all)) replica.holds = writes;
        else if (all === undefined || held === undefined) this.#remark(replica.pool.server.url);
      }),
    );
  }

  async #contextCsn(pool: SessionPool): Promise<ContextCsn | undefined> {
    const loan = await pool.borrow('operation', performance.now() + this.#timeoutMs);
    try {
      return await readContextCsn(loan.session, this.#timeoutMs);
    } finally {
      loan.release();
    }
  }

  #remark(server: string): void {
    if (this.#hasRemarked) return;
    this.#hasRemarked = true;
    this.#log.warn({ server }, 'a replica is not used: it or the provider does not say how far its replication is (contextCSN)');
  }
}
