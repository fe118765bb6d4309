import type { RequestObserver } from '../http/request-observer.ts';
import { renderStatusPage } from '../status/render-status-page.ts';
import { RequestHistory } from '../status/request-history.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import type { Generation } from './generation.ts';
import { programVersion } from './program-version.ts';
import { statusView } from './status-view.ts';

/** How the service stands now. */
export interface PresentState {
  readonly inForce: Generation;
  readonly reload: { readonly successful: boolean; readonly lastSuccess: number };
}

/** What a service remembers of itself, over all reloads: for `/metrics` and for the status page. */
export class ServiceTelemetry {
  readonly metrics: Metrics;
  readonly #version = programVersion();
  readonly #startedAt = Date.now();
  readonly #history = new RequestHistory();
  #stateOf: (() => PresentState) | undefined;

  constructor() {
    this.metrics = createMetrics(this.#version);
  }

  /** Says whom to ask how the service stands. */
  watch(stateOf: () => PresentState): void {
    this.#stateOf = stateOf;
    this.metrics.watch(() => {
      const { inForce, reload } = stateOf();
      const { directories, brakes, intents, expiries } = inForce;
      const byName = new Map([...directories].map(([name, { ldap }]) => [name, ldap]));
      return { directories: byName, brakes, expiries, reload, interruptedWrites: intents.waiting };
    });
  }

  /** @param values what is remembered of writes; see `describeWrites` */
  observeRequests(values: 'names' | 'all'): RequestObserver {
    const { requests } = this.metrics;
    return {
      ...requests,
      requestEnded: (request) => {
        requests.requestEnded(request);
        const { describeWrites, ...answered } = request;
        this.#history.add({ ...answered, answeredAt: Date.now(), printWrites: describeWrites(values), showsValues: values === 'all' });
      },
    };
  }

  renderStatus(): string {
    if (this.#stateOf === undefined) throw new Error('nobody knows how the service stands');
    const own = { now: Date.now(), version: this.#version, startedAt: this.#startedAt, history: this.#history };
    return renderStatusPage(statusView(this.#stateOf(), own));
  }
}
