import { setTimeout as sleep } from 'node:timers/promises';
import { type ContextCsn, hasCaughtUp, readContextCsn } from './context-csn.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryLog } from './directory-log.ts';
import type { DirectoryObserver } from './directory-observer.ts';
import { NoAnswer } from './ldap-session.ts';
import type { Servers } from './request-sender.ts';
import type { ServerAddress } from './server-address.ts';
import type { Loan, Purpose, SessionPool } from './session-pool.ts';

/** How long a server that takes no writes stays behind the others. */
const ASIDE_MS = 60_000;
/** How long the writes are held, at the most, for the preferred server to get the last of them. */
const HOLD_MS = 1000;
/** How often a server is asked whether it has caught up. */
const ASK_AGAIN_MS = 20;

export interface ProviderChoiceOptions {
  /** How long the server in charge must have been away before another one takes the writes; Infinity: none ever does. */
  readonly writeFailoverMs: number;
  /** How often is looked whether a server that comes before the one in charge is back. */
  readonly returnCheckMs: number;
  /** The time limit of one question to a server. */
  readonly timeoutMs: number;
}

/**
 * Which of several providers is in charge. Reads and writes go to the same one, for what was written to one can't be read from
 * another at once; and writes to two of them at a time are reconciled by "the last one wins", which loses members of groups.
 *
 * So the first of the list is in charge. Another one takes over when it has been away for `writeFailoverMs`, and gives back when the
 * first holds everything that was written meanwhile: by its contextCSN, compared while no write is under way. A server that doesn't
 * tell its contextCSN is never given back to; a reload of the configuration begins with the first again.
 */
export class ProviderChoice implements Servers {
  readonly #pools: readonly SessionPool[];
  readonly #options: ProviderChoiceOptions;
  readonly #log: DirectoryLog;
  readonly #observer: DirectoryObserver;
  readonly #onMoved: () => void;
  readonly #closed = new AbortController();
  readonly #asideUntil = new Map<SessionPool, number>();
  #current: SessionPool;
  #writesInFlight = 0;
  /** Pending while the writes are held. */
  #hold: Promise<void> | undefined;
  #watching: Promise<void> | undefined;
  /** What keeps the preferred server from being given back to; said once each time it changes. */
  #obstacle = '';

  /** @param onMoved called when another server is in charge: it may know other controls */
  constructor(
    pools: readonly [SessionPool, ...SessionPool[]],
    options: ProviderChoiceOptions,
    log: DirectoryLog,
    observer: DirectoryObserver,
    onMoved: () => void,
  ) {
    this.#pools = pools;
    this.#options = options;
    this.#log = log;
    this.#observer = observer;
    this.#onMoved = onMoved;
    this.#current = pools[0];
    this.#current.wake();
    if (pools.length > 1) this.#watching = this.#watch();
  }

  get server(): ServerAddress {
    return this.#current.server;
  }

  /** The pool of the server in charge. */
  get current(): SessionPool {
    return this.#current;
  }

  /** A place on a connection to the server in charge; see `SessionPool.borrow`. A write also waits while the writes are held. */
  async borrow(purpose: Purpose, isWrite: boolean, deadline: number, signal?: AbortSignal): Promise<Loan> {
    for (;;) {
      if (isWrite) await this.#hold;
      const pool = this.#current;
      let loan: Loan;
      try {
        loan = await pool.borrow(purpose, deadline, signal);
      } catch (error) {
        // who waited for a server that is no longer in charge asks the one that is
        if (pool === this.#current || performance.now() >= deadline || signal?.aborted === true) throw error;
        continue;
      }
      if (pool === this.#current && (!isWrite || this.#hold === undefined)) return isWrite ? this.#counted(loan) : loan;
      loan.release();
    }
  }

  /**
   * Turns to another server, because the one in charge takes no writes. It hasn't taken this one either, so that nothing has to be waited for.
   *
   * @param named the servers that it refers to (RFC 4511 §4.1.10), as URLs; only configured ones are followed, these first
   * @returns false when all others have said the same
   */
  standAside(server: ServerAddress, named: readonly string[]): boolean {
    const pool = this.#current;
    if (server !== pool.server) return true;
    this.#asideUntil.set(pool, performance.now() + ASIDE_MS);
    const others = this.#pools.filter((other) => !this.#isAside(other));
    const next = others.find(({ server: { url } }) => named.some((referral) => isOn(referral, url))) ?? others[0];
    if (next === undefined) return false;
    this.#moveTo(next, 'takesNoWrites');
    return true;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#watching;
  }

  #counted(loan: Loan): Loan {
    this.#writesInFlight += 1;
    const release = () => {
      this.#writesInFlight -= 1;
      loan.release();
    };
    return { ...loan, release };
  }

  #isAside(pool: SessionPool): boolean {
    return (this.#asideUntil.get(pool) ?? 0) > performance.now();
  }

  #moveTo(next: SessionPool, reason: 'away' | 'takesNoWrites' | 'preferredIsBack'): void {
    const last = this.#current;
    const [from, to] = [last.server.url, next.server.url];
    this.#current = next;
    this.#obstacle = '';
    this.#asideUntil.delete(next);
    next.wake();
    last.rest();
    this.#observer.writesMoved(from, to, reason);
    this.#log.warn({ from, to, reason }, 'reads and writes move to another server');
    this.#onMoved();
  }

  async #watch(): Promise<void> {
    const { writeFailoverMs, returnCheckMs } = this.#options;
    const { signal } = this.#closed;
    const pause = Math.max(10, Math.min(1000, writeFailoverMs / 10, returnCheckMs));
    let nextReturnCheck = 0;
    while (!signal.aborted) {
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      if (this.#current.awayMs >= writeFailoverMs) await this.#failOver();
      else if (this.#current.isConnected && performance.now() >= nextReturnCheck) {
        await this.#giveBack();
        nextReturnCheck = performance.now() + returnCheckMs;
      }
    }
  }

  async #failOver(): Promise<void> {
    const pool = this.#current;
    const others = this.#pools.filter((other) => other !== pool);
    for (const other of others.toSorted((a, b) => Number(this.#isAside(a)) - Number(this.#isAside(b)))) {
      const isThere = await this.#isReachable(other);
      if (this.#closed.signal.aborted || this.#current !== pool || pool.isConnected) return this.#letRest(other);
      if (isThere) return this.#moveTo(other, 'away');
      other.rest();
    }
  }

  /** Goes back to a server that comes before the one in charge, when it has got all that was written since. */
  async #giveBack(): Promise<void> {
    const pool = this.#current;
    for (const preferred of this.#pools.slice(0, this.#pools.indexOf(pool))) {
      if (this.#isAside(preferred)) continue;
      if (await this.#isReachable(preferred)) await this.#giveBackTo(preferred, pool);
      this.#letRest(preferred);
      if (this.#current !== pool) return;
    }
  }

  #letRest(pool: SessionPool): void {
    if (pool !== this.#current) pool.rest();
  }

  async #isReachable(pool: SessionPool): Promise<boolean> {
    try {
      const loan = await pool.borrow('operation', performance.now() + this.#options.timeoutMs, this.#closed.signal);
      loan.release();
      return true;
    } catch {
      return false;
    }
  }

  /** Compares once at leisure, and again while the writes are held: then nothing can come in between. */
  async #giveBackTo(preferred: SessionPool, pool: SessionPool): Promise<void> {
    // one that has taken no writes since it took over holds nothing new
    if (this.#asideUntil.has(pool)) return this.#moveTo(preferred, 'preferredIsBack');
    try {
      const [theirs, ours] = await Promise.all([this.#contextCsn(preferred), this.#contextCsn(pool)]);
      if (theirs === undefined || ours === undefined)
        return this.#remark(preferred, 'a server does not say how far its replication is (contextCSN)');
      if (!hasCaughtUp(theirs, ours)) return this.#remark(preferred, 'it has not got all that was written elsewhere');
      await this.#whileWritesAreHeld(async () => {
        if (await this.#catchesUp(preferred, pool)) this.#moveTo(preferred, 'preferredIsBack');
        else this.#remark(preferred, 'it does not get what is written elsewhere in time');
      });
    } catch (error) {
      if (!(error instanceof DirectoryError || error instanceof NoAnswer)) throw error;
      this.#remark(preferred, error.message);
    }
  }

  async #catchesUp(preferred: SessionPool, pool: SessionPool): Promise<boolean> {
    const last = await this.#contextCsn(pool);
    const until = performance.now() + HOLD_MS;
    do {
      const now = await this.#contextCsn(preferred);
      if (last !== undefined && now !== undefined && hasCaughtUp(now, last)) return this.#current === pool;
      await sleep(ASK_AGAIN_MS);
    } while (performance.now() < until);
    return false;
  }

  /** New writes wait; `work` begins when those on their way have ended, unless they take too long. */
  async #whileWritesAreHeld(work: () => Promise<void>): Promise<void> {
    let release = (): void => {};
    this.#hold = new Promise((resolve) => {
      release = resolve;
    });
    try {
      const until = performance.now() + HOLD_MS;
      while (this.#writesInFlight > 0 && performance.now() < until) await sleep(1);
      if (this.#writesInFlight === 0) await work();
    } finally {
      this.#hold = undefined;
      release();
    }
  }

  async #contextCsn(pool: SessionPool): Promise<ContextCsn | undefined> {
    const { timeoutMs } = this.#options;
    const loan = await pool.borrow('operation', performance.now() + timeoutMs, this.#closed.signal);
    try {
      return await readContextCsn(loan.session, timeoutMs);
    } finally {
      loan.release();
    }
  }

  #remark(preferred: SessionPool, obstacle: string): void {
    if (this.#obstacle !== obstacle) {
      this.#log.warn(
        { server: preferred.server.url, inCharge: this.#current.server.url, obstacle },
        'the preferred server is back, and the writes stay where they are',
      );
    }
    this.#obstacle = obstacle;
  }
}

/** Whether two LDAP URLs name the same server; a referral's may go on with a DN. */
function isOn(referral: string, configured: string): boolean {
  if (!URL.canParse(referral) || !URL.canParse(configured)) return false;
  const [one, other] = [new URL(referral), new URL(configured)];
  const portOf = (url: URL) => url.port || (url.protocol === 'ldaps:' ? '636' : '389');
  return one.hostname.toLowerCase() === other.hostname.toLowerCase() && portOf(one) === portOf(other);
}
