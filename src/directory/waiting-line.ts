import { DirectoryError } from './directory-error.ts';
import type { DirectoryObserver } from './directory-observer.ts';
import type { Loan, Purpose } from './session-pool.ts';

interface Waiter {
  readonly since: number;
  readonly resolve: (loan: Loan) => void;
  readonly reject: (reason: Error) => void;
  /** Stops the clock and the listening. */
  readonly settle: () => void;
}

/** The requests that wait for a place on a connection: first come, first served; bounded, so that memory stays flat and answers quick. */
export class WaitingLine {
  readonly #most: number;
  readonly #observer: DirectoryObserver;
  readonly #waiters: Readonly<Record<Purpose, Set<Waiter>>> = { operation: new Set(), pagedSearch: new Set() };

  constructor(most: number, observer: DirectoryObserver) {
    this.#most = most;
    this.#observer = observer;
  }

  get length(): number {
    return this.#waiters.operation.size + this.#waiters.pagedSearch.size;
  }

  /**
   * @param deadline of `performance.now()`
   * @param expired what to say then
   * @throws DirectoryError `unavailable` at once when the line is full; `expired()` at the deadline; the signal's reason
   */
  join(purpose: Purpose, deadline: number, signal: AbortSignal | undefined, expired: () => DirectoryError): Promise<Loan> {
    const since = performance.now();
    if (this.length >= this.#most) {
      this.#observer.waitEnded('queueFull', 0);
      return Promise.reject(new DirectoryError('unavailable', 'too many requests wait for the directory already'));
    }
    return new Promise((resolve, reject) => {
      const leave = (reason: Error) => {
        this.#waiters[purpose].delete(waiter);
        waiter.settle();
        this.#observer.waitEnded('expired', performance.now() - since);
        reject(reason);
      };
      const aborted = () => leave(new DirectoryError('unavailable', 'nobody waits for the answer any longer'));
      const timer = setTimeout(() => leave(expired()), Math.max(0, deadline - since));
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      const waiter: Waiter = { since, resolve, reject, settle };
      this.#waiters[purpose].add(waiter);
      signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  /** Gives places to those who wait, as long as there are any. @param lend a place, or undefined when none is free */
  serve(lend: (purpose: Purpose) => Loan | undefined): void {
    for (const purpose of ['pagedSearch', 'operation'] as const) {
      for (const waiter of this.#waiters[purpose]) {
        const loan = lend(purpose);
        if (loan === undefined) break;
        this.#waiters[purpose].delete(waiter);
        waiter.settle();
        this.#observer.waitEnded('served', performance.now() - waiter.since);
        waiter.resolve(loan);
      }
    }
  }

  /** Sends everybody away. */
  reject(reason: DirectoryError): void {
    for (const waiters of Object.values(this.#waiters)) {
      for (const waiter of waiters) {
        waiter.settle();
        this.#observer.waitEnded('expired', performance.now() - waiter.since);
        waiter.reject(reason);
      }
      waiters.clear();
    }
  }
}
