import { ScimError } from '../scim/errors.ts';

/** How long a client may have saved up for a burst, in seconds. */
const BURST_SECONDS = 2;

/** Requests per second by credential: a bucket for each, which fills at the rate and holds a burst. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, { tokens: number; filledAt: number }>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** @param now milliseconds @throws ScimError 429 with the whole seconds after which there is room again */
  take(credential: string, now: number): void {
    const most = this.#perSecond * BURST_SECONDS;
    const bucket = this.#buckets.get(credential) ?? { tokens: most, filledAt: now };
    this.#buckets.set(credential, bucket);
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.filledAt) / 1000) * this.#perSecond);
    bucket.filledAt = now;
    if (bucket.tokens < 1) {
      const retryAfter = Math.ceil((1 - bucket.tokens) / this.#perSecond);
      throw new ScimError(429, `more than ${this.#perSecond} requests per second`, { retryAfter });
    }
    bucket.tokens -= 1;
  }
}
