import type { OperationContext } from '../provisioning/operation-context.ts';
import type { Credential } from './authenticate.ts';

/** One tenant as the listener sees it. Immutable: a reload makes new ones. */
export interface Tenant {
  readonly name: string;
  /** Path below which it answers, such as `/scim/v2`; no slash at the end. */
  readonly path: string;
  readonly credentials: readonly Credential[];
  readonly limits: { readonly bodyBytes: number; readonly bulkOperations: number };
  /** Everything that an operation works with, but for what is each request's own. */
  readonly service: Omit<OperationContext, 'log' | 'audit'>;
}
