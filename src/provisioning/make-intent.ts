import type { Change } from '../ldap/change.ts';
import { keepableChange } from '../ldap/keepable-change.ts';
import { isReferenceLens, isWritten, type Plan, plansOf, type ResourcePlan } from '../mapping/plan.ts';
import type { PlannedChange, WritePlan } from '../mapping/write-plan.ts';
import type { Intent, IntentStep, ReferenceChange } from '../state/intent.ts';
import { maskedAttributes } from './audited-change.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * What is to be known of a write when it ends half-way.
 *
 * @returns undefined for a write of one operation, which is done or not
 */
export function makeIntent(context: OperationContext, plan: ResourcePlan, writePlan: WritePlan): Intent | undefined {
  const { entry, changes } = writePlan;
  const references = referenceChangeOf(context.plan, plan, writePlan);
  if (changes.length + (references === undefined ? 0 : 1) < 2) return undefined;
  const secrets = maskedAttributes([plan]);
  return {
    tenant: context.tenant,
    at: new Date().toISOString(),
    target: plan.target,
    versionAttribute: plan.meta.version,
    steps: changes.map((planned) => intentStep(planned, secrets)),
    ...(entry === undefined ? {} : { isEntry: entry.isEntry }),
    ...(entry?.version === undefined ? {} : { version: entry.version }),
    ...(references === undefined ? {} : { references }),
  };
}

/** Nothing where no line of the file refers to such resources. */
function referenceChangeOf(
  plan: Plan,
  { target }: ResourcePlan,
  { dn, names = {}, entry, references }: WritePlan,
): ReferenceChange | undefined {
  const isReferredTo = plansOf(plan).some(({ lenses }) =>
    lenses.filter(isReferenceLens).some((lens) => isWritten(lens) && lens.refersTo.includes(target)),
  );
  if (references === undefined || entry === undefined || !isReferredTo) return undefined;
  return { kind: references, before: { dn: entry.dn, names: entry.names }, after: { dn, names } };
}

function intentStep({ change, undo, isPart }: PlannedChange, secrets: ReadonlySet<string>): IntentStep {
  const open = keepableChange(change, secrets);
  return {
    change: open,
    repeatable: isPart !== true && change.kind !== 'password' && sizeOf(open) === sizeOf(change),
    ...(undo === undefined ? {} : { undo: keepableChange(undo, secrets) }),
  };
}

function sizeOf(change: Change): number {
  return change.kind === 'add' ? change.attributes.length : change.kind === 'modify' ? change.modifications.length : 1;
}
