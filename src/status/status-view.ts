import type { LatencyStep, PastRequest } from './request-history.ts';

/** Everything that the status page shows. Times are milliseconds since the epoch. */
export interface StatusView {
  readonly now: number;
  readonly version: string;
  readonly startedAt: number;
  /** Whether the page shows values; otherwise it says how to. */
  readonly showsValues: boolean;
  readonly reload: { readonly successful: boolean; readonly lastSuccess: number };
  readonly interruptedWrites: number;
  readonly directories: readonly ShownDirectory[];
  readonly tenants: readonly ShownTenant[];
  readonly expiries: readonly ShownExpiry[];
  /** The latest first. */
  readonly requests: readonly PastRequest[];
  readonly latencies: readonly LatencyStep[];
  readonly mappings: readonly ShownMappingFile[];
}

export interface ShownDirectory {
  readonly name: string;
  readonly ready: boolean;
  readonly reason?: string;
  /** URL of the one in charge. */
  readonly server: string;
  readonly connections: number;
  readonly inFlight: number;
  readonly waiting: number;
}

export interface ShownTenant {
  readonly name: string;
  readonly url: string;
  readonly directory: string;
  /** A file of `mappings`. */
  readonly mapping: string;
  /** Undefined: it has none. */
  readonly brakes: ShownBrakes | undefined;
}

export interface ShownBrakes {
  /** ISO 8601. */
  readonly windowEnds: string;
  readonly releasedUntil: string | undefined;
  readonly counts: Readonly<Record<string, { readonly counted: number; readonly most: number | undefined }>>;
  readonly holding: readonly string[];
}

export interface ShownExpiry {
  readonly what: string;
  readonly tenant?: string;
  readonly credential?: string;
  readonly expires: number;
}

export interface ShownMappingFile {
  readonly file: string;
  readonly resources: readonly {
    readonly resourceType: string;
    /** Where the entries are and the like, as `key  value` lines. */
    readonly settings: string;
    readonly lines: readonly ShownMappingLine[];
  }[];
  /** Of the file as a whole, as `key  value` lines. */
  readonly settings: string;
}

export interface ShownMappingLine {
  readonly scim: string;
  readonly direction: string;
  readonly ldap: string;
  readonly kind: string;
  readonly details: string;
}
