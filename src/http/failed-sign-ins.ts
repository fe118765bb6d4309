import { ScimError } from '../scim/errors.ts';

/** Failures of one address within a window; then it hears nothing more of whether it was right. */
const MOST_FAILURES = 100;
const WINDOW_MS = 60_000;
/** Addresses that are remembered. When there are more, those that failed longest ago are forgotten. */
const MOST_ADDRESSES = 10_000;

interface Window {
  readonly began: number;
  failures: number;
}

/**
 * Slows down who tries out tokens, by address. Only those who failed are counted and turned away: a good token is never slowed, whoever
 * else comes from its address.
 */
export class FailedSignIns {
  readonly #windows = new Map<string, Window>();

  /** @param now milliseconds @throws ScimError 429 when the address has failed too often */
  note(address: string, now: number): void {
    const known = this.#windows.get(address);
    const window = known !== undefined && now - known.began < WINDOW_MS ? known : { began: now, failures: 0 };
    window.failures += 1;
    this.#windows.delete(address);
    this.#windows.set(address, window);
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > MOST_ADDRESSES && oldest !== undefined) this.#windows.delete(oldest);
    if (window.failures <= MOST_FAILURES) return;
    const retryAfter = Math.ceil((window.began + WINDOW_MS - now) / 1000);
    throw new ScimError(429, 'too many requests without a valid credential from this address', { retryAfter });
  }
}
