import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RequestObserver } from '../http/request-observer.ts';
import { PREFIX } from './metric-prefix.ts';

/** Up to the minute after which Entra gives a request up, in seconds. */
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Meters of the requests of clients. A request at an address where no tenant lives has an empty `tenant`. */
export function meterRequests(registry: Registry): RequestObserver {
  const registers = [registry];
  const requests = new Counter({
    name: `${PREFIX}http_requests_total`,
    help: 'SCIM requests that were answered, by route (a pattern, or other) and HTTP status',
    labelNames: ['tenant', 'route', 'status'],
    registers,
  });
  const duration = new Histogram({
    name: `${PREFIX}http_request_duration_seconds`,
    help: 'From the head of a SCIM request to its answer',
    labelNames: ['tenant', 'route'],
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const inFlight = new Gauge({
    name: `${PREFIX}http_requests_in_flight`,
    help: 'SCIM requests that are being answered now',
    registers,
  });
  const failedSignIns = new Counter({
    name: `${PREFIX}failed_sign_ins_total`,
    help: 'Requests without a valid credential',
    labelNames: ['tenant'],
    registers,
  });
  return {
    requestBegan: () => inFlight.inc(),
    requestEnded({ tenant = '', route, status, milliseconds }) {
      inFlight.dec();
      requests.inc({ tenant, route, status });
      duration.observe({ tenant, route }, milliseconds / 1000);
    },
    signInFailed: (tenant) => failedSignIns.inc({ tenant }),
  };
}
