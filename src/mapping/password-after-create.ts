import { attributeKey } from '../ldap/attribute-description.ts';
import type { Attribute, Entry } from '../ldap/entry.ts';
import type { LensContext } from './lens.ts';
import { isStateLens, passwordLensOf, type ResourcePlan } from './plan.ts';
import type { PlannedChange } from './write-plan.ts';

const NO_ENTRY: Entry = { dn: '', attributes: new Map() };

/** What an add sends, and what follows it. */
export interface CreateSteps {
  readonly attributes: readonly Attribute[];
  readonly followUp: readonly PlannedChange[];
}

/**
 * Active Directory switches no account on that has no password (decisions 7): the entry is created switched off, and one modify gives
 * it the password and switches it on. Other methods leave the attributes as they are.
 *
 * @param attributes what the new entry is to hold
 */
export function passwordAfterCreate(plan: ResourcePlan, dn: string, attributes: readonly Attribute[], context: LensContext): CreateSteps {
  const lens = passwordLensOf(plan);
  const password = lens?.method === 'unicodePwd' ? attributes.find(({ name }) => isNamed(name, lens.ldap)) : undefined;
  if (password === undefined) return { attributes, followUp: [] };
  const state = plan.lenses.find(isStateLens);
  const off = state?.put([false], NO_ENTRY, context)?.values ?? [];
  const wanted = attributes.find(({ name }) => isNamed(name, state?.ldap));
  const isOn = wanted !== undefined && String(wanted.values) !== String(off);
  const { name, values, source } = password;
  const modifications = [
    { operation: 'replace' as const, attribute: name, values, ...(source === undefined ? {} : { source }) },
    ...(isOn
      ? [
          { ...wanted, operation: 'delete' as const, attribute: wanted.name, values: off },
          { ...wanted, operation: 'add' as const, attribute: wanted.name },
        ]
      : []),
  ];
  return {
    attributes: attributes.filter((each) => each !== password).map((each) => (isOn && each === wanted ? { ...each, values: off } : each)),
    followUp: [{ change: { kind: 'modify', dn, modifications } }],
  };
}

function isNamed(name: string, other: string | undefined): boolean {
  return other !== undefined && attributeKey(name) === attributeKey(other);
}
