import { isReferenceLens, type ResourcePlan } from './plan.ts';
import type { WritePlan } from './write-plan.ts';

/** What the brakes count. */
export const BRAKED = ['creates', 'updates', 'renames', 'disables', 'deletes', 'memberRemovals'] as const;
export type Braked = (typeof BRAKED)[number];

/** How much of each a write comes to. */
export type Cost = Readonly<Partial<Record<Braked, number>>>;

/** The most of each in a window; absent: as many as come. */
export interface Budgets {
  readonly windowMs: number;
  readonly most: Readonly<Partial<Record<Braked, Budget>>>;
}

/** A number, or a share of all users. */
export type Budget = { readonly count: number } | { readonly percent: number };

/** What a planned write is to the people it is about: one thing, and the members who go besides. */
export function costOf(plan: ResourcePlan, { changes, references, disables, memberRemovals = 0 }: WritePlan): Cost {
  if (references === 'forget') return { deletes: 1 };
  if (changes.length === 0) return {};
  const kinds = new Set(changes.map(({ change }) => change.kind));
  if (kinds.has('add')) return { creates: 1 };
  const removals = memberRemovals + removedFromLists(plan, changes);
  const main: Braked | undefined = disables === true ? 'disables' : kinds.has('rename') ? 'renames' : removals > 0 ? undefined : 'updates';
  return { ...(main === undefined ? {} : { [main]: 1 }), ...(removals === 0 ? {} : { memberRemovals: removals }) };
}

function removedFromLists(plan: ResourcePlan, changes: WritePlan['changes']): number {
  const lists = plan.lenses.filter(isReferenceLens).filter(({ place }) => place.kind === 'list');
  const names = new Set(lists.map(({ ldap }) => ldap.toLowerCase()));
  const modifications = changes.flatMap(({ change }) => (change.kind === 'modify' ? change.modifications : []));
  const removals = modifications.filter(({ operation, attribute }) => operation === 'delete' && names.has(attribute.toLowerCase()));
  return removals.reduce((sum, { values }) => sum + values.length, 0);
}
