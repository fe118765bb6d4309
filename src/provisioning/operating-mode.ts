import type { Change } from '../ldap/change.ts';
import { isWithin } from '../ldap/dn.ts';
import type { Entry } from '../ldap/entry.ts';
import { plansOf } from '../mapping/plan.ts';
import { idOf, readEntry } from '../mapping/read-entry.ts';
import { NO_REFERENCES, type ReferenceTarget } from '../mapping/reference-table.ts';
import { ScimError } from '../scim/errors.ts';
import { evaluateFilter } from '../scim/evaluate-filter.ts';
import type { Filter } from '../scim/filter.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * How a tenant writes. `shadow`: not at all; what would be written is recorded. `canary`: only to entries, or for new resources, that match
 * the filter of their kind; of all others as in shadow.
 */
export type OperatingMode =
  | { readonly kind: 'shadow'; readonly shadow: Shadow }
  | { readonly kind: 'canary'; readonly shadow: Shadow; readonly filters: Readonly<Partial<Record<ReferenceTarget, Filter>>> };

/** Tries operations out, and keeps what they would have done. */
export interface Shadow {
  /** A context in which an operation writes nothing and sees what it has written. */
  begin(context: OperationContext): Promise<ShadowRun>;
  /** Never fails. */
  keep(record: ShadowRecord): void;
}

export interface ShadowRun {
  readonly context: OperationContext;
  /** What would be written, in order. */
  writes(): readonly ShadowWrite[];
}

export interface ShadowWrite {
  readonly change: Change;
  readonly before?: Entry;
  readonly after?: Entry;
}

/** One request that was not carried out. */
export interface ShadowRecord {
  readonly method: string;
  readonly path: string;
  /** What the client would have been answered. */
  readonly status: number;
  readonly detail?: string;
  readonly writes: readonly ShadowWrite[];
}

/** Seconds until a client may try again: about a cycle of Entra's. */
const RETRY_AFTER = 2400;

/**
 * Carries out an operation that may write as the tenant's mode says. What would change nothing is answered as ever.
 *
 * LDAP: in shadow the searches of the operation, and for each write one more of its entry; in canary both for what matches.
 *
 * @throws ScimError 503 for what isn't written
 */
export async function inMode<T extends { readonly status: number }>(
  context: OperationContext,
  attempt: Pick<ShadowRecord, 'method' | 'path'>,
  work: (context: OperationContext) => Promise<T>,
): Promise<T> {
  const { mode } = context;
  if (mode === undefined) return work(context);
  const run = await mode.shadow.begin(context);
  let status: number;
  try {
    const done = await work(run.context);
    if (run.writes().length === 0) return done;
    ({ status } = done);
  } catch (error) {
    // What is refused in either case, or can't be told, is written in none.
    if (!(error instanceof ScimError) || error.status === 503 || mode.kind === 'canary') throw error;
    mode.shadow.keep({ ...attempt, status: error.status, detail: error.detail, writes: [] });
    throw held(`this would be answered ${error.status}: ${error.detail}`);
  }
  if (mode.kind === 'canary' && (await isCanary(context, mode.filters, run.writes()))) return work(context);
  mode.shadow.keep({ ...attempt, status, writes: run.writes() });
  throw held('what would be written is recorded');
}

function held(what: string): ScimError {
  return new ScimError(503, `nothing is written yet, by the operator's decision (mode in bridge.yaml); ${what}`, {
    retryAfter: RETRY_AFTER,
  });
}

/** Whether the first entry of ours that is written matches, as it is; a new one as it would be. */
async function isCanary(
  context: OperationContext,
  filters: Readonly<Partial<Record<ReferenceTarget, Filter>>>,
  writes: readonly ShadowWrite[],
): Promise<boolean> {
  const { schema } = await context.directory.facts();
  for (const { before, after } of writes) {
    const entry = before ?? after;
    const plan =
      entry === undefined
        ? undefined
        : plansOf(context.plan).find((each) => isOf(each.searchBases, entry) && idOf(each, entry) !== undefined);
    if (entry === undefined || plan === undefined) continue;
    const filter = filters[plan.target];
    return filter !== undefined && evaluateFilter(filter, readEntry(plan, plan.lenses, entry, '', { schema, references: NO_REFERENCES }));
  }
  return false;
}

function isOf(bases: readonly string[], { dn }: Entry): boolean {
  return bases.some((base) => isWithin(dn, base));
}
