import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { DirectoryObserver } from '../directory/directory-observer.ts';
import type { RequestObserver } from '../http/request-observer.ts';
import { meterDirectories } from './meter-directory.ts';
import { meterRequests } from './meter-requests.ts';
import { meterState, type ServiceState } from './meter-state.ts';
import { PREFIX } from './metric-prefix.ts';

/** Why something could not be kept in the audit trail's file. `full`: a request was refused, for its record would have had no place. */
export type AuditFailure = 'full' | 'write' | 'reopen';

/** All meters of one process, in a registry of their own. Labels come from the configuration and from fixed sets, never from a request. */
export interface Metrics {
  readonly requests: RequestObserver;
  readonly observerOf: (directory: string) => DirectoryObserver;
  /** A brake held a write of a tenant back. */
  readonly heldBack: (tenant: string, kind: string) => void;
  readonly auditFailed: (reason: AuditFailure) => void;
  readonly reloadEnded: (successful: boolean) => void;
  /** Says whom to ask how the service stands. */
  readonly watch: (stateOf: () => ServiceState) => void;
  /** In Prometheus' text format. */
  readonly print: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Metrics that Prometheus' own linter objects to: they are gauges, and their names say that they are counters. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/** @param version of the program */
export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  let watched: (() => ServiceState) | undefined;
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  for (const name of MISNAMED) registry.removeSingleMetric(`${PREFIX}${name}`);
  meterState(registry, () => watched?.(), Date.now);
  new Gauge({
    name: `${PREFIX}build_info`,
    help: 'What runs here: 1',
    labelNames: ['version', 'node'],
    aggregator: 'first',
    registers,
  }).set({ version, node: process.version }, 1);
  const heldBack = new Counter({
    name: `${PREFIX}brake_held_back_total`,
    help: 'Writes that a brake has held back; their clients try again',
    labelNames: ['tenant', 'kind'],
    registers,
  });
  const auditFailures = new Counter({
    name: `${PREFIX}audit_failures_total`,
    help: 'Records that could not be written to the audit file, requests refused because it has no room, and files that could not be reopened',
    labelNames: ['reason'],
    registers,
  });
  const reloads = new Counter({
    name: `${PREFIX}config_reloads_total`,
    help: 'Attempts to load the configuration anew',
    labelNames: ['result'],
    registers,
  });
  for (const reason of ['full', 'write', 'reopen']) auditFailures.inc({ reason }, 0);
  for (const result of ['success', 'failure']) reloads.inc({ result }, 0);
  return {
    requests: meterRequests(registry),
    observerOf: meterDirectories(registry),
    heldBack: (tenant, kind) => heldBack.inc({ tenant, kind }),
    auditFailed: (reason) => auditFailures.inc({ reason }),
    reloadEnded: (successful) => reloads.inc({ result: successful ? 'success' : 'failure' }),
    watch(stateOf) {
      watched = stateOf;
    },
    print: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
