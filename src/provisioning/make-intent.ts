import { attributeKey } from '../ldap/attribute-description.ts';
import type { Change } from '../ldap/change.ts';
import { PASSWORD_ATTRIBUTES } from '../ldap/format-ldif.ts';
import { isReferenceLens, isWritten, type Plan, plansOf, type ResourcePlan } from '../mapping/plan.ts';
import type { PlannedChange, WritePlan } from '../mapping/write-plan.ts';
import type { Intent, IntentStep, ReferenceChange } from '../state/intent.ts';
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
  const secrets = secretAttributes(plan);
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

/** Attributes whose values nobody may read: they are never stored anywhere else than in the entry. */
function secretAttributes({ lenses, generated }: ResourcePlan): ReadonlySet<string> {
  const secret = lenses.filter(
    ({ kind, definition }) => kind === 'password' || definition.returned === 'never' || definition.mutability === 'writeOnly',
  );
  const random = generated.filter(({ kind }) => kind === 'random');
  return new Set([...PASSWORD_ATTRIBUTES, ...[...secret, ...random].flatMap(({ ldap }) => (ldap === undefined ? [] : attributeKey(ldap)))]);
}

function intentStep({ change, undo, isPart }: PlannedChange, secrets: ReadonlySet<string>): IntentStep {
  const open = withoutSecrets(change, secrets);
  return {
    change: open,
    repeatable: isPart !== true && change.kind !== 'password' && sizeOf(open) === sizeOf(change),
    ...(undo === undefined ? {} : { undo: withoutSecrets(undo, secrets) }),
  };
}

function withoutSecrets(change: Change, secrets: ReadonlySet<string>): Change {
  switch (change.kind) {
    case 'add':
      return { ...change, attributes: change.attributes.filter(({ name }) => !secrets.has(attributeKey(name))) };
    case 'modify': {
      const { assertion: _, ...rest } = change;
      return { ...rest, modifications: change.modifications.filter(({ attribute }) => !secrets.has(attributeKey(attribute))) };
    }
    case 'password':
      return { ...change, newPassword: '' };
    case 'rename':
    case 'delete': {
      const { assertion: _, ...rest } = change;
      return rest;
    }
    default:
      return change satisfies never;
  }
}

function sizeOf(change: Change): number {
  return change.kind === 'add' ? change.attributes.length : change.kind === 'modify' ? change.modifications.length : 1;
}
