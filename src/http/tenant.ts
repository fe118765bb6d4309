import type { OperationContext } from '../provisioning/operation-context.ts';
import type { Network } from './client-address.ts';
import type { AcceptedCredentials } from './credential.ts';

/** One tenant as the listener sees it. Immutable: a reload makes new ones. */
export interface Tenant {
  readonly name: string;
  /** Path below which it answers, such as `/scim/v2`; no slash at the end. */
  readonly path: string;
  readonly accepted: AcceptedCredentials;
  readonly limits: TenantLimits;
  /** Where its clients may be; undefined: anywhere. */
  readonly allowFrom: readonly Network[] | undefined;
  /** Everything that an operation works with, but for what is each request's own. */
  readonly service: Omit<OperationContext, 'log' | 'audit' | 'journal' | 'rights'>;
}

export interface TenantLimits {
  /** The longest request body, in bytes. */
  readonly bodyBytes: number;
  /** The most values that the lists of a body may have together: members of groups, most of all. */
  readonly listValues: number;
  /** The most operations in one bulk request (RFC 7644 §3.7.4). */
  readonly bulkOperations: number;
  /** The most requests that are being carried out at a time. */
  readonly requestsInFlight: number;
  /** The most requests per second of one credential, on average; absent: as many as come. */
  readonly requestsPerSecond?: number;
}
