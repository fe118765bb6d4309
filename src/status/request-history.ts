/** A request that has been answered, as the status page shows it. */
export interface PastRequest {
  /** Milliseconds since the epoch. */
  readonly answeredAt: number;
  readonly requestId: string;
  readonly tenant: string | undefined;
  readonly credential: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly ldapOperations: number;
  /** What it wrote, as LDIF; empty for nothing. */
  readonly writes: string;
  /** Whether there are values in that. */
  readonly showsValues: boolean;
}

/** The same, with what it wrote printed only when somebody looks. */
export interface AnsweredRequest extends Omit<PastRequest, 'writes'> {
  readonly printWrites: () => string;
}

/** How many requests took no longer than so many milliseconds, and longer than the step before. */
export interface LatencyStep {
  /** Infinity: longer than all other steps. */
  readonly atMost: number;
  readonly count: number;
}

const STEPS = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, Number.POSITIVE_INFINITY];
const MOST_REQUESTS = 100;
const LONGEST_PATH = 300;

/** The last requests, and how long all of them took: bounded, whatever comes. */
export class RequestHistory {
  readonly #requests: AnsweredRequest[] = [];
  readonly #counts = STEPS.map(() => 0);

  add(request: AnsweredRequest): void {
    const { path, milliseconds } = request;
    this.#requests.push({ ...request, path: shortened(path) });
    if (this.#requests.length > MOST_REQUESTS) this.#requests.shift();
    const step = STEPS.findIndex((atMost) => milliseconds <= atMost);
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
  }

  /** The latest first. */
  get requests(): readonly PastRequest[] {
    return this.#requests.toReversed().map(({ printWrites, ...request }) => ({ ...request, writes: printWrites() }));
  }

  get latencies(): readonly LatencyStep[] {
    return STEPS.map((atMost, step) => ({ atMost, count: this.#counts[step] ?? 0 }));
  }
}

/** A copy: a part of a text would keep the whole of it in memory. */
function shortened(path: string): string {
  return path.length <= LONGEST_PATH ? path : `${Buffer.from(path.slice(0, LONGEST_PATH)).toString()}…`;
}
