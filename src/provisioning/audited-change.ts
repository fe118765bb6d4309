import { attributeTypeOf } from '../ldap/attribute-description.ts';
import { asAddition, type Change, type Modification } from '../ldap/change.ts';
import type { LdapValue } from '../ldap/entry.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import type { WriteOutcome } from './watch-writes.ts';

/** One LDAP write as the audit trail keeps it. */
export interface AuditedChange {
  readonly kind: Change['kind'];
  readonly dn: string;
  readonly outcome: WriteOutcome;
  /** Of a rename: the RDN, and the parent where that changes too. */
  readonly newRdn?: string;
  readonly newSuperior?: string;
  /** By attribute; of a trail without values just the attributes. */
  readonly attributes?: Readonly<Record<string, AuditedValues>> | readonly string[];
}

/** `replaced` are the values that stand in the place of whatever was there. Masked values show as `***`, bytes in base64. */
export interface AuditedValues {
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
  readonly replaced?: readonly string[];
}

/** Where directories keep passwords and what can be used like one, mapped or not. */
const PASSWORDS: readonly string[] = [
  'userPassword',
  'unicodePwd',
  'authPassword',
  'sambaNTPassword',
  'sambaLMPassword',
  'krbPrincipalKey',
  'ipaNTHash',
];
const MASK = '***';

/**
 * The attributes, in lower case, whose values are kept nowhere but in the directory: passwords, random values, and what clients may write
 * and never read.
 */
export function maskedAttributes(plans: readonly ResourcePlan[]): ReadonlySet<string> {
  const known = MASKED.get(plans) ?? findMasked(plans);
  MASKED.set(plans, known);
  return known;
}

const MASKED = new WeakMap<readonly ResourcePlan[], ReadonlySet<string>>();

function findMasked(plans: readonly ResourcePlan[]): ReadonlySet<string> {
  const lenses = plans.flatMap((plan) => plan.lenses);
  const secret = lenses.filter(
    ({ kind, definition }) => kind === 'password' || definition.returned === 'never' || definition.mutability === 'writeOnly',
  );
  const random = plans.flatMap(({ generated }) => generated.filter(({ kind }) => kind === 'random'));
  return new Set([...PASSWORDS, ...[...secret, ...random].flatMap(({ ldap }) => ldap ?? [])].map((name) => name.toLowerCase()));
}

/** @param masked attributes in lower case, without options */
export function describeChange(change: Change, outcome: WriteOutcome, masked: ReadonlySet<string>, withValues: boolean): AuditedChange {
  const described = { kind: change.kind, dn: change.dn, outcome };
  const attributes = (modifications: readonly Modification[]): Pick<AuditedChange, 'attributes'> => ({
    attributes: withValues ? valuesByAttribute(modifications, masked) : [...new Set(modifications.map(({ attribute }) => attribute))],
  });
  switch (change.kind) {
    case 'add':
      return { ...described, ...attributes(change.attributes.map(asAddition)) };
    case 'modify':
      return { ...described, ...attributes(change.modifications) };
    case 'rename': {
      const { newRdn, newSuperior } = change;
      return { ...described, newRdn, ...(newSuperior === undefined ? {} : { newSuperior }) };
    }
    case 'delete':
    case 'password':
      return described;
    default:
      return change satisfies never;
  }
}

const WORDS = { add: 'added', delete: 'removed', replace: 'replaced' } as const;

function valuesByAttribute(modifications: readonly Modification[], masked: ReadonlySet<string>): Readonly<Record<string, AuditedValues>> {
  const attributes = new Map<string, Record<string, string[]>>();
  for (const { operation, attribute, values } of modifications) {
    const described = attributes.get(attribute) ?? {};
    attributes.set(attribute, described);
    const isMasked = masked.has(attributeTypeOf(attribute));
    const word = WORDS[operation];
    // Appended and not spread: a group may have more members than a call takes arguments.
    described[word] = (described[word] ?? []).concat(isMasked ? [MASK] : values.map(asText));
  }
  return Object.fromEntries(attributes);
}

function asText(value: LdapValue): string {
  return typeof value === 'string' ? value : value.toString('base64');
}
