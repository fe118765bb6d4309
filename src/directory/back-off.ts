const SHORTEST_MS = 50;
const LONGEST_MS = 5000;

/** The pauses between attempts to connect: 50 ms, doubled up to 5 s, each shortened by up to half so that clients don't keep step. */
export class BackOff {
  #failures = 0;
  #until = 0;

  /** Milliseconds until the next attempt may be made. */
  get remainingMs(): number {
    return Math.max(0, this.#until - performance.now());
  }

  succeeded(): void {
    this.#failures = 0;
    this.#until = 0;
  }

  /** @param hopeless trying again soon can't help, and a server may count the attempts */
  failed({ hopeless }: { readonly hopeless: boolean }): void {
    const pause = hopeless ? LONGEST_MS : Math.min(LONGEST_MS, SHORTEST_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#until = performance.now() + pause * (1 - Math.random() / 2);
  }
}
