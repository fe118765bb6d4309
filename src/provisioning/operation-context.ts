import type { Directory } from '../directory/directory.ts';
import { type KindPlans, kindsOf, type Plan, plansOf, type ResourcePlan } from '../mapping/plan.ts';
import type { ReferenceTarget } from '../mapping/reference-table.ts';
import type { ReadPolicy } from '../scim/read-value.ts';
import type { IntentJournal } from '../state/intent-journal.ts';
import type { AuditTrail } from './audit.ts';
import type { Rights } from './authorize.ts';
import type { Brakes } from './brakes.ts';
import type { IdSnapshots } from './id-snapshots.ts';
import type { KnownNames } from './known-names.ts';
import type { OperatingMode } from './operating-mode.ts';
import type { RequestJournal } from './request-journal.ts';
import type { Turns } from './turns.ts';

/** Where an operation says what an operator should know. Constant messages, fields beside them, never values. */
export interface OperationLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How list responses come in pages, and in which order. */
export interface PagingLimits {
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
  /** How long a cursor can be used, in milliseconds. */
  readonly cursorTimeout: number;
  /** The most resources that are sorted in memory. */
  readonly sortLimit: number;
}

/** What one SCIM request works with: the plan that was in force when it came, and the tenant's directory. */
export interface OperationContext {
  /** Name of the tenant in the configuration. */
  readonly tenant: string;
  readonly plan: Plan;
  readonly directory: Directory;
  /** Of the entry that the bridge binds as, where that is known: nobody writes it. */
  readonly ownDn: string | undefined;
  /** Absolute URL of the tenant, without a slash at the end: `meta.location` is made from it. */
  readonly baseUrl: string;
  readonly paging: PagingLimits;
  /** Of this tenant's directory; `directory` tells it of every write. */
  readonly snapshots: IdSnapshots;
  /** Of this tenant's directory: who changes what when, and which names are known. */
  readonly turns: Turns;
  readonly names: KnownNames;
  /** Where writes of several LDAP operations are noted before they begin. */
  readonly intents: IntentJournal;
  /** Signs the tenant's cursors. */
  readonly cursorKey: Buffer;
  /** Of the tenant; undefined: nothing is held back. */
  readonly brakes?: Brakes;
  /** Of this request's credential. */
  readonly rights: Rights;
  /** Of this request. */
  readonly audit: AuditTrail;
  /** Of this request; absent: nothing is noted that an undo would need. */
  readonly journal?: RequestJournal;
  readonly log: OperationLog;
  /** Of the tenant; absent: what is asked for is written. */
  readonly mode?: OperatingMode;
}

export type { KindPlans, ResourcePlan };

/** All plans of a tenant, users first. */
export function resourcePlans({ plan }: Pick<OperationContext, 'plan'>): readonly ResourcePlan[] {
  return plansOf(plan);
}

/** The kinds of resources that a tenant has, users first; of each the places where it may live. */
export function resourceKinds({ plan }: Pick<OperationContext, 'plan'>): readonly KindPlans[] {
  return kindsOf(plan);
}

export function locationOf(context: OperationContext, target: ReferenceTarget, id: string): string {
  return `${context.baseUrl}/${target === 'users' ? 'Users' : 'Groups'}/${id}`;
}

/** How much of what was ignored is worth a log line. */
const MAX_NOTES = 20;

/** A read policy that gathers what was ignored, and the way to log it in one line. */
export function gatherNotes(context: OperationContext): { readonly policy: ReadPolicy; logNotes(unmapped: readonly string[]): void } {
  const notes: string[] = [];
  const policy: ReadPolicy = {
    unknown: context.plan.unknown,
    note(message) {
      if (notes.length < MAX_NOTES) notes.push(message);
    },
  };
  return {
    policy,
    logNotes(unmapped) {
      if (notes.length === 0 && unmapped.length === 0) return;
      context.log.info({ notes, unmapped: unmapped.slice(0, MAX_NOTES) }, 'parts of the request were ignored');
    },
  };
}
