import type { Address, ListenAddress, Network } from './address.ts';
import type { AdminTokenSection, AuthSection, SecretReference } from './auth-section.ts';
import type { TlsSection } from './listener-tls.ts';

/** `bridge.yaml`, checked: the service, the directories it writes to and the tenants it answers. Paths of files are absolute. */
export interface BridgeFile {
  readonly format: 1;
  readonly listen: ListenAddress;
  /** Of the public listener; absent: plain HTTP. */
  readonly tls?: TlsSection<SecretReference>;
  /** Plain HTTP may be spoken on an address that others can reach. */
  readonly insecure: boolean;
  /** The proxies whose X-Forwarded-For is believed. */
  readonly trustProxy: readonly Network[];
  /** What `meta.location` begins with (RFC 7643 §3.1); no slash at its end. */
  readonly publicUrl: string;
  readonly admin?: AdminSection;
  /** Folder of our own, for what must survive a restart; absolute. */
  readonly stateDirectory?: string;
  readonly log: LogLevel;
  readonly audit: AuditSection;
  readonly journal: JournalSection;
  /** By the name that tenants call them. */
  readonly directories: ReadonlyMap<string, DirectorySection>;
  readonly tenants: ReadonlyMap<string, TenantSection>;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** The listener for operators: health, metrics, the status page. */
export interface AdminSection {
  /** On loopback, unless there are tokens. */
  readonly listen: Address;
  /** Those that open it; none: nobody is asked. */
  readonly tokens: readonly AdminTokenSection[];
  /** Whether the status page shows values and the names of entries beside the names of attributes. */
  readonly values: 'names' | 'all';
  /** It may speak plain HTTP, which is all it speaks, on an address that others can reach. */
  readonly insecure: boolean;
}

/** The trail of who changed what. */
export interface AuditSection {
  /** Absent: among the lines of the log. */
  readonly file?: string;
  /** Whether the trail has the values beside the names of attributes. */
  readonly values: 'all' | 'names';
  /** Nothing is written to the directory while the trail can't be. */
  readonly required: boolean;
}

/** What is kept of each LDAP write, so that it can be undone; below `stateDirectory`. */
export interface JournalSection {
  /** In milliseconds; `none`: no journal is kept. */
  readonly retention: number | 'none';
  /** Nothing is written to the directory while the journal can't be. */
  readonly required: boolean;
}

export type DirectorySection = BindIdentity & {
  /** Preferred first. Schemes ldap, ldaps, ldapi. */
  readonly urls: readonly string[];
  /** Only read from, as far as they hold what was written through us. */
  readonly replicas: readonly string[];
  readonly startTls: boolean;
  /** PEM file with the authorities that servers' certificates are checked against, instead of the system's. */
  readonly ca?: string;
  readonly tls: {
    /** Whether the server's certificate is checked. */
    readonly verify: boolean;
    /** PEM file with the client certificate and its chain; never without the key. */
    readonly certificate?: string;
    readonly key?: SecretReference;
  };
  /** The operator has seen that what is said to this directory can be read or answered by others on the way. */
  readonly insecure: boolean;
  /** For one LDAP operation, in milliseconds; at most 50,000. */
  readonly timeout: number;
  /** The most that are open at a time. */
  readonly connections: number;
  /** How long the preferred server must have been away before the next one takes the writes, in milliseconds. */
  readonly writeFailover: number | 'never';
  /** Whether changes of one group's members that come at the same time are sent as one. */
  readonly coalesceMembers: boolean;
};

/** By name and password, or by what lies below: the client certificate, the user of the process over ldapi. */
export type BindIdentity = { readonly bindDn: string; readonly bindPassword: SecretReference } | { readonly sasl: 'EXTERNAL' };

export interface TenantSection {
  /** Where the tenant's SCIM endpoints are; begins with a slash and doesn't end with one. */
  readonly path: string;
  /** A key of `directories`. */
  readonly directory: string;
  readonly mapping: string;
  readonly auth: AuthSection;
  /** `live`: what is asked for is written. */
  readonly mode: 'live' | 'shadow' | 'canary';
  /** With `mode: canary`: SCIM filters; of a kind without one nothing is written. */
  readonly canary?: { readonly users?: string; readonly groups?: string };
  readonly limits: {
    /** The longest request body, in bytes. */
    readonly bodyBytes: number;
    /** The most values that the lists of a body may have together. */
    readonly listValues: number;
    /** The most operations in one bulk request (RFC 7644 §3.7.4). */
    readonly bulkOperations: number;
    /** The most requests that are being carried out at a time. */
    readonly requestsInFlight: number;
    /** The most requests per second of one credential; absent: as many as come. */
    readonly requestsPerSecond?: number;
  };
  /** Where clients may be; absent: anywhere. */
  readonly allowFrom?: readonly Network[];
  readonly paging: PagingSection;
}

/** How list responses come in pages, and in which order. */
export interface PagingSection {
  /** Resources in a page whose size the client leaves open, and in the largest one (RFC 7644 §3.4.2.4). */
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
  /** How long a cursor can be used from when it was given out (RFC 9865 §4), in milliseconds; whole seconds. */
  readonly cursorTimeout: number;
  /** The most resources that are sorted in memory; more are left to a directory that can (RFC 2891), or refused. */
  readonly sortLimit: number;
}
