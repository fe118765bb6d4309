import { BackOff } from './back-off.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryLog } from './directory-log.ts';
import type { DirectoryObserver } from './directory-observer.ts';
import type { LdapSession } from './ldap-session.ts';
import type { SessionOptions } from './open-session.ts';
import { openSession } from './open-session.ts';
import { probeSession } from './probe-session.ts';
import type { ServerAddress } from './server-address.ts';
import { WaitingLine } from './waiting-line.ts';

/** slapd closes a connection with more than 1,000 requests waiting; more than this many gain nothing. */
const MOST_IN_FLIGHT = 32;
/**
 * Requests of one moment share a session, and its packet, up to so many. slapd lets one connection have half of its threads, 8 of 16;
 * it puts the next request off until one has ended, and says so in its log each time ("deferring operation: too many executing").
 */
const MOST_IN_ONE_PACKET = 8;
/** A probe that isn't answered in this time says that the peer is gone without a word. */
const PROBE_TIMEOUT_MS = 5000;

export type PoolOptions = SessionOptions & {
  /** How many sessions are kept at most. */
  readonly sessions: number;
  /** The time limit of everything: an attempt to connect, a request's wait for a session. */
  readonly timeoutMs: number;
  /** How many requests may wait for a place at a time; the next one is refused at once. */
  readonly mostWaiting: number;
  /** A session over which nothing has come for so long is asked for a sign of life; that also keeps firewalls from forgetting it. */
  readonly probeAfterMs: number;
};

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
  inFlight: number;
  hasPagedSearch: boolean;
}

/**
 * The bound sessions with one server.
 *
 * While it is awake the first is opened at once and whenever none is left; more come when all are busy, up to the limit, and stay.
 * Requests share sessions and wait for a free place. When the server goes away they wait for its return too, within their time limit.
 * Once it has been away for longer than that, or refuses our bind, or was never reached at all, they fail at once and only the pool
 * goes on trying.
 */
export class SessionPool {
  readonly server: ServerAddress;
  readonly #options: PoolOptions;
  readonly #log: DirectoryLog;
  readonly #observer: DirectoryObserver;
  readonly #onConnected: (pool: SessionPool) => void;
  readonly #sessions = new Set<PooledSession>();
  readonly #line: WaitingLine;
  readonly #backOff = new BackOff();
  readonly #closed = new AbortController();
  #isAwake = false;
  #opening: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #probing: NodeJS.Timeout | undefined;
  #wasConnected = false;
  #awaySince = 0;
  /** Why the last attempt failed, while no session is open. */
  #reason: DirectoryError | undefined;

  /** @param onConnected called when a first session is there: at the start, after an outage */
  constructor(
    server: ServerAddress,
    options: PoolOptions,
    log: DirectoryLog,
    observer: DirectoryObserver,
    onConnected: (pool: SessionPool) => void,
  ) {
    this.server = server;
    this.#options = options;
    this.#log = log;
    this.#observer = observer;
    this.#onConnected = onConnected;
    this.#line = new WaitingLine(options.mostWaiting, observer);
  }

  get isConnected(): boolean {
    return this.#sessions.size > 0;
  }

  /** For how long it has been looked for in vain, in milliseconds; 0 while it is connected or asleep. */
  get awayMs(): number {
    return this.isConnected || !this.#isAwake ? 0 : performance.now() - this.#awaySince;
  }

  /** Why there is no connection. */
  get reason(): string {
    return this.#reason?.message ?? 'no connection yet';
  }

  count(): { readonly connections: number; readonly inFlight: number; readonly waiting: number } {
    const inFlight = [...this.#sessions].reduce((sum, session) => sum + session.inFlight, 0);
    return { connections: this.#sessions.size, inFlight, waiting: this.#line.length };
  }

  /** Connects, and does so again after every outage. */
  wake(): void {
    if (this.#isAwake || this.#closed.signal.aborted) return;
    this.#isAwake = true;
    this.#awaySince = performance.now();
    this.#probing = setInterval(() => this.#probeIdle(), Math.max(10, this.#options.probeAfterMs / 2)).unref();
    this.#grow();
  }

  /** Ends the sessions once their requests have finished, and doesn't connect any more. Who waits for a place is sent away. */
  rest(): void {
    this.#isAwake = false;
    this.#wasConnected = false;
    this.#reason = undefined;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    clearInterval(this.#probing);
    for (const pooled of this.#sessions) this.#retire(pooled);
    this.#line.reject(new DirectoryError('unavailable', 'another server is in charge'));
  }

  /**
   * @param deadline of `performance.now()`
   * @param signal ends the wait
   * @throws DirectoryError `unavailable` or `credentials`
   */
  async borrow(purpose: Purpose, deadline: number, signal?: AbortSignal): Promise<Loan> {
    if (this.#closed.signal.aborted) throw new DirectoryError('unavailable', 'the directory was closed');
    if (signal?.aborted === true) throw new DirectoryError('unavailable', 'nobody waits for the answer any longer');
    this.wake();
    const free = this.#findFree(purpose);
    if (free === undefined || free.inFlight > 0) this.#grow();
    if (free !== undefined) return this.#lend(free, purpose);
    if (this.#reason !== undefined && this.#opening === undefined && this.#isLasting(this.#reason)) throw this.#reason;
    const expired = () => this.#reason ?? new DirectoryError('unavailable', 'no connection to the directory was free in time');
    return this.#line.join(purpose, deadline, signal, expired);
  }

  /** Ends all sessions and attempts. Requests that wait for a session fail. */
  async close(): Promise<void> {
    this.#closed.abort();
    clearTimeout(this.#retry);
    clearInterval(this.#probing);
    this.#line.reject(new DirectoryError('unavailable', 'the directory was closed'));
    for (const pooled of this.#sessions) {
      this.#sessions.delete(pooled);
      pooled.session.end();
    }
    await this.#opening;
  }

  /** The session that sends requests anyway at the end of this turn, or else the least busy one, if there is a free place. */
  #findFree(purpose: Purpose): PooledSession | undefined {
    let best: PooledSession | undefined;
    for (const pooled of this.#sessions) {
      if (pooled.inFlight >= MOST_IN_FLIGHT || (purpose === 'pagedSearch' && pooled.hasPagedSearch)) continue;
      if (pooled.session.hasUnsent && pooled.inFlight < MOST_IN_ONE_PACKET) return pooled;
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
    return { session: pooled.session, server: this.server, release };
  }

  #serveWaiters(): void {
    this.#line.serve((purpose) => {
      const free = this.#findFree(purpose);
      return free === undefined ? undefined : this.#lend(free, purpose);
    });
    if (this.#line.length > 0) this.#grow();
  }

  /** Opens one more session, now or when the back-off allows it; unless there are enough, or one is being opened. */
  #grow(): void {
    if (!this.#isAwake || this.#closed.signal.aborted || this.#opening !== undefined) return;
    if (this.#sessions.size >= this.#options.sessions) return;
    const pause = this.#backOff.remainingMs;
    if (pause > 0) {
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.#grow();
      }, pause).unref();
      return;
    }
    this.#opening = openSession(this.server, this.#options, this.#options.timeoutMs, this.#closed.signal)
      .then(
        (session) => this.#opened(session),
        (error: DirectoryError) => this.#failed(error),
      )
      .finally(() => {
        this.#opening = undefined;
        this.#serveWaiters();
        if (this.#sessions.size === 0) this.#grow();
      });
  }

  #opened(session: LdapSession): void {
    if (this.#closed.signal.aborted || !this.#isAwake) return session.end();
    this.#backOff.succeeded();
    this.#reason = undefined;
    this.#wasConnected = true;
    const isFirst = this.#sessions.size === 0;
    const pooled: PooledSession = { session, inFlight: 0, hasPagedSearch: false };
    this.#sessions.add(pooled);
    this.#observer.connection('opened', this.server.url);
    session.whenLost((reason) => this.#forget(pooled, reason));
    if (!isFirst) return;
    this.#log.info({ server: this.server.url }, 'connected to the directory');
    this.#onConnected(this);
  }

  #failed(error: DirectoryError): void {
    if (this.#closed.signal.aborted) return;
    this.#observer.connection('refused', this.server.url);
    if (error.kind === 'credentials') this.#refused(error);
    else this.#backOff.failed();
    if (this.#sessions.size > 0) {
      this.#log.warn({ reason: error.message }, 'cannot open another connection to the directory');
      return;
    }
    if (this.#reason?.message !== error.message) {
      this.#log.error({ reason: error.message, serverText: error.serverText }, 'cannot connect to the directory');
    }
    this.#reason = error;
    if (this.#isLasting(error)) this.#line.reject(error);
  }

  #refused({ message: reason, serverText }: DirectoryError): void {
    this.#backOff.refused();
    if (!this.#backOff.isHopeless) return;
    const message = 'the directory refuses the account of the bridge again and again: it is tried once a minute only, lest it be locked';
    this.#log.error({ server: this.server.url, reason, serverText }, message);
  }

  #isLasting(error: DirectoryError): boolean {
    return !this.#wasConnected || error.kind !== 'unavailable' || this.awayMs >= this.#options.timeoutMs;
  }

  #forget(pooled: PooledSession, reason: Error): void {
    if (!this.#sessions.delete(pooled)) return;
    this.#observer.connection('lost', this.server.url);
    if (this.#sessions.size > 0) return;
    this.#awaySince = performance.now();
    this.#log.warn({ server: this.server.url, reason: reason.message }, 'lost the connection to the directory');
    this.#grow();
  }

  /** Takes a session out of use; its requests may finish. */
  #retire(pooled: PooledSession): void {
    this.#sessions.delete(pooled);
    if (pooled.inFlight === 0) pooled.session.end();
  }

  #probeIdle(): void {
    for (const { session, inFlight } of this.#sessions) {
      if (inFlight === 0 && session.silentMs >= this.#options.probeAfterMs) {
        probeSession(session, Math.min(PROBE_TIMEOUT_MS, this.#options.timeoutMs));
      }
    }
  }
}
