import { Gauge, type Registry } from 'prom-client';
import type { DirectoryStatistics } from '../directory/directory-observer.ts';
import { PREFIX } from './metric-prefix.ts';

/** How a running service stands: what is measured when somebody asks. Of what a reload has removed, nothing is left. */
export interface ServiceState {
  readonly directories: ReadonlyMap<string, MeasuredDirectory>;
  /** Of the tenants that have brakes. */
  readonly brakes: ReadonlyMap<string, { read(): BrakesReading }>;
  readonly expiries: readonly MeasuredExpiry[];
  readonly reload: {
    /** Whether the latest attempt put a configuration in force. */
    readonly successful: boolean;
    /** When that last happened, in milliseconds since the epoch. */
    readonly lastSuccess: number;
  };
  /** Multi-step writes that were interrupted, and wait to be finished or undone. */
  readonly interruptedWrites: number;
}

interface MeasuredDirectory {
  health(): { readonly ready: boolean };
  statistics(): DirectoryStatistics;
}

interface BrakesReading {
  readonly counts: Readonly<Record<string, { readonly counted: number; readonly most: number | undefined }>>;
  readonly holding: readonly string[];
  readonly releasedUntil: string | undefined;
}

interface MeasuredExpiry {
  readonly what: string;
  readonly tenant?: string;
  readonly credential?: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

type Labels = Readonly<Record<string, string>>;
/** A number for some labels; undefined where it isn't known. */
type Reading = readonly [labels: Labels, value: number | undefined];

interface StateGauge {
  readonly help: string;
  readonly labels?: readonly string[];
  /** What stands for all workers of one service; default: the sum of theirs. */
  readonly ofWorkers?: 'min' | 'max' | 'first';
  readonly read: (state: ServiceState) => readonly Reading[];
}

/** @param now milliseconds since the epoch */
export function meterState(registry: Registry, stateOf: () => ServiceState | undefined, now: () => number): void {
  for (const [name, { help, labels = [], ofWorkers, read }] of Object.entries(stateGauges(now))) {
    const gauge = new Gauge({
      name: `${PREFIX}${name}`,
      help,
      labelNames: [...labels],
      registers: [],
      ...(ofWorkers === undefined ? {} : { aggregator: ofWorkers }),
      collect() {
        this.reset();
        const state = stateOf();
        for (const [values, value] of state === undefined ? [] : read(state)) if (value !== undefined) this.set(values, value);
      },
    });
    registry.registerMetric(gauge);
  }
}

function stateGauges(now: () => number): Readonly<Record<string, StateGauge>> {
  return {
    config_last_reload_successful: {
      help: 'Whether the latest attempt to load the configuration put it in force (1), or the old one stayed (0)',
      ofWorkers: 'min',
      read: ({ reload }) => [[{}, Number(reload.successful)]],
    },
    config_last_reload_success_timestamp_seconds: {
      help: 'When a configuration was last put in force',
      ofWorkers: 'min',
      read: ({ reload }) => [[{}, reload.lastSuccess / 1000]],
    },
    directory_ready: {
      help: 'Whether the directory can be worked with (1) or not (0), as /readyz says',
      labels: ['directory'],
      ofWorkers: 'min',
      read: ofDirectories((directory) => Number(directory.health().ready)),
    },
    ldap_connections: {
      help: 'Open connections to the server in charge',
      labels: ['directory'],
      read: ofDirectories((directory) => directory.statistics().connections),
    },
    ldap_requests_in_flight: {
      help: 'LDAP requests on their way to the server in charge',
      labels: ['directory'],
      read: ofDirectories((directory) => directory.statistics().inFlight),
    },
    ldap_requests_waiting: {
      help: 'LDAP requests that wait for a place on a connection',
      labels: ['directory'],
      read: ofDirectories((directory) => directory.statistics().waiting),
    },
    ldap_server_in_charge: {
      help: 'The server that takes the writes: 1',
      labels: ['directory', 'server'],
      ofWorkers: 'first',
      read: ({ directories }) =>
        [...directories].map(([directory, measured]) => [{ directory, server: measured.statistics().server }, 1] as const),
    },
    brake_budget: {
      help: 'The most changes of a kind in one window; missing for a share of users while nobody has counted them in this window',
      labels: ['tenant', 'kind'],
      ofWorkers: 'max',
      read: ofBrakes(({ most }) => most),
    },
    brake_counted: {
      help: 'Changes of a kind in the present window',
      labels: ['tenant', 'kind'],
      ofWorkers: 'max',
      read: ofBrakes(({ counted }) => counted),
    },
    brake_tripped: {
      help: 'Whether writes of a kind have been held back in the present window (1)',
      labels: ['tenant', 'kind'],
      ofWorkers: 'max',
      read: ofBrakes((_count, isHeld) => Number(isHeld)),
    },
    brakes_released: {
      help: 'Whether an operator has released the brakes of a tenant for the present window (1)',
      labels: ['tenant'],
      ofWorkers: 'max',
      read: ({ brakes }) => [...brakes].map(([tenant, each]) => [{ tenant }, Number(each.read().releasedUntil !== undefined)] as const),
    },
    credential_expires_in_seconds: {
      help: 'Until a token, or the certificate of the listener, expires; negative when it has',
      labels: ['what', 'tenant', 'credential'],
      ofWorkers: 'min',
      read: ({ expiries }) =>
        expiries.map(
          ({ what, tenant = '', credential = '', expires }) => [{ what, tenant, credential }, (expires - now()) / 1000] as const,
        ),
    },
    interrupted_writes: {
      help: 'Writes of several LDAP operations that were interrupted, and wait to be finished or undone',
      ofWorkers: 'max',
      read: ({ interruptedWrites }) => [[{}, interruptedWrites]],
    },
  };
}

function ofDirectories(measure: (directory: MeasuredDirectory) => number): StateGauge['read'] {
  return ({ directories }) => [...directories].map(([directory, measured]) => [{ directory }, measure(measured)] as const);
}

function ofBrakes(
  measure: (count: { readonly counted: number; readonly most: number | undefined }, isHeld: boolean) => number | undefined,
): StateGauge['read'] {
  return ({ brakes }) =>
    [...brakes].flatMap(([tenant, each]) => {
      const { counts, holding } = each.read();
      return Object.entries(counts).map(([kind, count]) => [{ tenant, kind }, measure(count, holding.includes(kind))] as const);
    });
}
