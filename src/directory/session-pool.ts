import { BackOff } from './back-off.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryLog } from './directory-log.ts';
import type { LdapSession } from './ldap-session.ts';
import type { SessionOptions } from './open-session.ts';
import { openSession } from './open-session.ts';
import type { ServerAddress } from './server-address.ts';
import { ServerPreference } from './server-preference.ts';

/** slapd closes a connection with more than 1,000 requests waiting; more than this many gain nothing. */
const MOST_IN_FLIGHT = 32;
/** While a server is used that isn't the preferred one: how often the preferred one is tried. */
const PREFERENCE_CHECK_MS = 30_000;

export interface PoolOptions extends SessionOptions {
  /** How many sessions are kept at most. */
  readonly sessions: number;
  /** The time limit of everything: an attempt to connect to all servers, a request's wait for a session. */
  readonly timeoutMs: number;
}

/** What a session is lent for. Only one paged search may run on a session: slapd keeps one cookie per connection. */
export type Purpose = 'operation' | 'pagedSearch';

/** A session in use. Give it back with `release`, once, however the request ended. */
export interface Loan {
  readonly session: LdapSession;
  readonly server: ServerAddress;
  release(): void;
}

interface PooledSession {
  readonly session: LdapSession;
  readonly server: ServerAddress;
  inFlight: number;
  hasPagedSearch: boolean;
}

interface Waiter {
  readonly timer: NodeJS.Timeout;
  readonly resolve: (loan: Loan) => void;
  readonly reject: (reason: DirectoryError) => void;
}

/**
 * The bound sessions with one directory, all of them with the same server.
 *
 * The first is opened at once and whenever none is left; more come when all are busy, up to the limit, and stay. Requests share
 * sessions and wait for a free place. When the directory goes away they wait for its return too, within their time limit. Once it
 * has been away for longer than that, or refuses our bind, or was never reached at all, they fail at once and only the pool goes
 * on trying.
 */
export class SessionPool {
  readonly #options: PoolOptions;
  readonly #log: DirectoryLog;
  readonly #onConnected: () => void;
  readonly #servers: ServerPreference;
  readonly #sessions = new Set<PooledSession>();
  readonly #waiting: Readonly<Record<Purpose, Set<Waiter>>> = { operation: new Set(), pagedSearch: new Set() };
  readonly #backOff = new BackOff();
  readonly #closed = new AbortController();
  #opening: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #preferenceCheckedAt = 0;
  #wasConnected = false;
  /** Why the last attempt failed, while no session is open, and since when there has been none. */
  #outage: { readonly error: DirectoryError; readonly since: number } | undefined;

  /** @param onConnected called when a first session is there: at the start, after an outage, after a change of server */
  constructor(servers: readonly ServerAddress[], options: PoolOptions, log: DirectoryLog, onConnected: () => void) {
    this.#servers = new ServerPreference(servers);
    this.#options = options;
    this.#log = log;
    this.#onConnected = onConnected;
    this.#grow();
  }

  health(): { ready: boolean; reason?: string } {
    if (this.#sessions.size > 0) return { ready: true };
    return { ready: false, reason: this.#outage?.error.message ?? 'no connection yet' };
  }

  /**
   * @param deadline of `performance.now()`
   * @throws DirectoryError `unavailable` or `credentials`
   */
  async borrow(purpose: Purpose, deadline: number): Promise<Loan> {
    if (this.#closed.signal.aborted) throw new DirectoryError('unavailable', 'the directory was closed');
    const free = this.#findFree(purpose);
    if (free === undefined || free.inFlight > 0 || this.#isPreferenceCheckDue()) this.#grow();
    if (free !== undefined) return this.#lend(free, purpose);
    if (this.#outage !== undefined && this.#opening === undefined && this.#isLasting(this.#outage)) throw this.#outage.error;

    return new Promise((resolve, reject) => {
      const expire = () => {
        this.#waiting[purpose].delete(waiter);
        reject(this.#outage?.error ?? new DirectoryError('unavailable', 'no connection to the directory was free in time'));
      };
      const waiter = { timer: setTimeout(expire, deadline - performance.now()), resolve, reject };
      this.#waiting[purpose].add(waiter);
    });
  }

  /**
   * Turns to another server, because this one takes no writes or is shutting down; requests on it are left to finish.
   *
   * @returns false when there is no other, or it was the last resort already
   */
  avoid(server: ServerAddress): boolean {
    if (!this.#servers.demote(server)) return false;
    for (const pooled of this.#sessions) if (pooled.server === server) this.#retire(pooled);
    this.#grow();
    return true;
  }

  /** Ends all sessions and attempts. Requests that wait for a session fail. */
  async close(): Promise<void> {
    this.#closed.abort();
    clearTimeout(this.#retry);
    this.#rejectWaiters(new DirectoryError('unavailable', 'the directory was closed'));
    for (const pooled of this.#sessions) {
      this.#sessions.delete(pooled);
      pooled.session.end();
    }
    await this.#opening;
  }

  /** The least busy session with a free place. */
  #findFree(purpose: Purpose): PooledSession | undefined {
    let best: PooledSession | undefined;
    for (const pooled of this.#sessions) {
      if (pooled.inFlight >= MOST_IN_FLIGHT || (purpose === 'pagedSearch' && pooled.hasPagedSearch)) continue;
      if (best === undefined || pooled.inFlight < best.inFlight) best = pooled;
    }
    return best;
  }

  #lend(pooled: PooledSession, purpose: Purpose): Loan {
    pooled.inFlight += 1;
    if (purpose === 'pagedSearch') pooled.hasPagedSearch = true;
    const release = () => {
      pooled.inFlight -= 1;
      if (purpose === 'pagedSearch') pooled.hasPagedSearch = false;
      if (this.#sessions.has(pooled)) this.#serveWaiters();
      else if (pooled.inFlight === 0) pooled.session.end();
    };
    return { session: pooled.session, server: pooled.server, release };
  }

  #serveWaiters(): void {
    for (const purpose of ['pagedSearch', 'operation'] as const) {
      for (const waiter of this.#waiting[purpose]) {
        const free = this.#findFree(purpose);
        if (free === undefined) break;
        this.#waiting[purpose].delete(waiter);
        clearTimeout(waiter.timer);
        waiter.resolve(this.#lend(free, purpose));
      }
    }
    if (this.#waiting.operation.size + this.#waiting.pagedSearch.size > 0) this.#grow();
  }

  #rejectWaiters(reason: DirectoryError): void {
    for (const waiters of [this.#waiting.operation, this.#waiting.pagedSearch]) {
      for (const waiter of waiters) {
        clearTimeout(waiter.timer);
        waiter.reject(reason);
      }
      waiters.clear();
    }
  }

  /** Opens one more session, now or when the back-off allows it; unless there are enough, or one is being opened. */
  #grow(): void {
    if (this.#closed.signal.aborted || this.#opening !== undefined) return;
    const candidates = this.#candidates();
    if (candidates.length === 0) return;
    const pause = this.#backOff.remainingMs;
    if (pause > 0) {
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.#grow();
      }, pause).unref();
      return;
    }
    this.#preferenceCheckedAt = performance.now();
    this.#opening = this.#open(candidates)
      .then(
        (pooled) => this.#opened(pooled),
        (error: DirectoryError) => this.#failed(error),
      )
      .finally(() => {
        this.#opening = undefined;
        this.#serveWaiters();
        if (this.#sessions.size === 0) this.#grow();
      });
  }

  /** The servers to try: all of them without a session; else the one in use and, now and then, those preferred to it. */
  #candidates(): readonly ServerAddress[] {
    const [current] = this.#sessions;
    if (current === undefined) return this.#servers.ordered();
    const preferred = this.#isPreferenceCheckDue() ? this.#servers.before(current.server) : [];
    return this.#sessions.size < this.#options.sessions ? [...preferred, current.server] : preferred;
  }

  #isPreferenceCheckDue(): boolean {
    const [current] = this.#sessions;
    if (current === undefined || performance.now() - this.#preferenceCheckedAt < PREFERENCE_CHECK_MS) return false;
    return this.#servers.before(current.server).length > 0;
  }

  async #open(candidates: readonly ServerAddress[]): Promise<PooledSession> {
    const timeoutMs = Math.ceil(this.#options.timeoutMs / candidates.length);
    let lastError: DirectoryError | undefined;
    for (const server of candidates) {
      try {
        const session = await openSession(server, this.#options, timeoutMs, this.#closed.signal);
        return { session, server, inFlight: 0, hasPagedSearch: false };
      } catch (error) {
        if (!(error instanceof DirectoryError) || this.#closed.signal.aborted) throw error;
        lastError = error;
      }
    }
    throw lastError ?? new DirectoryError('unavailable', 'no LDAP server is configured');
  }

  #opened(pooled: PooledSession): void {
    if (this.#closed.signal.aborted) return pooled.session.end();
    this.#backOff.succeeded();
    this.#outage = undefined;
    this.#wasConnected = true;
    for (const other of this.#sessions) if (other.server !== pooled.server) this.#retire(other);
    const isFirst = this.#sessions.size === 0;
    this.#sessions.add(pooled);
    pooled.session.whenLost((reason) => this.#forget(pooled, reason));
    if (!isFirst) return;
    this.#log.info({ server: pooled.server.url }, 'connected to the directory');
    this.#onConnected();
  }

  #failed(error: DirectoryError): void {
    if (this.#closed.signal.aborted) return;
    this.#backOff.failed({ hopeless: error.kind === 'credentials' });
    if (this.#sessions.size > 0) {
      this.#log.warn({ reason: error.message }, 'cannot open another connection to the directory');
      return;
    }
    if (this.#outage?.error.message !== error.message) {
      this.#log.error({ reason: error.message, serverText: error.serverText }, 'cannot connect to the directory');
    }
    this.#outage = { error, since: this.#outage?.since ?? performance.now() };
    if (this.#isLasting(this.#outage)) this.#rejectWaiters(error);
  }

  #isLasting(outage: { readonly error: DirectoryError; readonly since: number }): boolean {
    if (!this.#wasConnected) return true;
    return outage.error.kind !== 'unavailable' || performance.now() - outage.since >= this.#options.timeoutMs;
  }

  #forget(pooled: PooledSession, reason: Error): void {
    if (!this.#sessions.delete(pooled) || this.#sessions.size > 0) return;
    this.#log.warn({ server: pooled.server.url, reason: reason.message }, 'lost the connection to the directory');
    this.#grow();
  }

  /** Takes a session out of use; its requests may finish. */
  #retire(pooled: PooledSession): void {
    this.#sessions.delete(pooled);
    if (pooled.inFlight === 0) pooled.session.end();
  }
}
