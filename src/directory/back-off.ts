const SHORTEST_MS = 50;
/** A directory that hung is asked again within 5 s of its return. */
const LONGEST_MS = 3000;
/** After the first refused bind, the second, and each one from the third on. */
const AFTER_REFUSALS_MS = [1000, 5000, 60_000] as const;

/** The pauses between attempts to connect: 50 ms, doubled up to 3 s, each shortened by up to half so that clients don't keep step. */
export class BackOff {
  #failures = 0;
  #refusals = 0;
  #until = 0;

  /** Milliseconds until the next attempt may be made. */
  get remainingMs(): number {
    return Math.max(0, this.#until - performance.now());
  }

  /** So many binds were refused that from now on there is one a minute. */
  get isHopeless(): boolean {
    return this.#refusals >= AFTER_REFUSALS_MS.length;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#refusals = 0;
    this.#until = 0;
  }

  failed(): void {
    const pause = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#until = performance.now() + pause * (1 - Math.random() / 2);
  }

  /** The server refused our account. It may count that, and lock the account: these pauses are never shortened. */
  refused(): void {
    this.#refusals = Math.min(this.#refusals + 1, AFTER_REFUSALS_MS.length);
    this.#until = performance.now() + (AFTER_REFUSALS_MS[this.#refusals - 1] ?? 0);
  }
}
