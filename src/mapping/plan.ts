import { attributeTypeOf } from '../ldap/attribute-description.ts';
import type { Dn } from '../ldap/dn.ts';
import type { LinePath } from '../ldap/entry.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import { PASSWORD_ATTRIBUTES } from '../ldap/format-ldif.ts';
import type { Filter } from '../scim/filter.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import type { SchemaDefinition } from '../scim/schema.ts';
import type { Budgets } from './cost.ts';
import type { Lens } from './lens.ts';
import type { ConstantLens } from './lenses/constant.ts';
import type { PasswordLensOptions } from './lenses/password.ts';
import type { ReferenceLens } from './lenses/reference.ts';
import type { ReverseLens } from './lenses/reverse.ts';
import type { StateLens } from './lenses/state.ts';
import type { TextLens } from './lenses/text.ts';
import type { ReferenceTarget } from './reference-table.ts';
import type { Template } from './template.ts';

/** A mapping file, compiled: everything that a request needs to know, immutable. */
export interface Plan {
  readonly users: ResourcePlan;
  /** The places where groups live, in file order, each with a mapping of its own; empty where the tenant has none. */
  readonly groups: readonly ResourcePlan[];
  /** What the SCIM standard knows and the file doesn't map. */
  readonly unmapped: 'ignore' | 'reject';
  /** What no schema knows. */
  readonly unknown: 'ignore' | 'reject';
  readonly protection: Protection;
  /** How much may be written in a window of time; undefined: as much as comes. */
  readonly brakes?: Budgets;
}

/** Entries that are never written. */
export interface Protection {
  /** With all below them, and, of a group, everybody in it. */
  readonly below: readonly { readonly base: string; readonly dn: Dn }[];
  readonly matching: readonly LdapFilter[];
  /** The class of the entries that were created by the bridge or handed to it; others are not written. undefined: all others are. */
  readonly owned: string | undefined;
}

/** A part of the tree in which entries of a plan live. */
export interface Branch {
  readonly base: string;
  readonly dn: Dn;
  readonly when: Filter | undefined;
}

/** How one kind of resource lives in the directory; of groups one of the ways. */
export interface ResourcePlan {
  readonly target: ReferenceTarget;
  /** Where its section stands in the file. */
  readonly source: LinePath;
  /** Everything that its schemas know, mapped or not, with the characteristics that the lines give. */
  readonly resourceType: ResourceType;
  /** Just what is mapped: the schemas that clients are shown. The core schema first. */
  readonly advertised: readonly SchemaDefinition[];
  /** New resources that match it belong here; of several plans of a kind the first that fits counts. Undefined: all do. */
  readonly when: Filter | undefined;
  /** Where new entries go: below the first branch whose `when` fits. The last one takes all. */
  readonly branches: readonly Branch[];
  /** What searches cover: the branches that lie in no other. */
  readonly searchBases: readonly string[];
  /** Entries that don't match don't exist for us. */
  readonly filter: LdapFilter;
  readonly adoption: Adoption;
  /** LDAP attribute behind the SCIM `id`. */
  readonly id: string;
  /** `guid`: 16 bytes in Microsoft's order; otherwise the text itself. */
  readonly idEncoding: 'text' | 'guid';
  /** Naming attribute: DN = rdn=value,base. */
  readonly rdn: string;
  readonly objectClasses: readonly string[];
  /** The attributes by whose values references name these resources, where they don't do so by DN; as `attributeKey`. */
  readonly namedBy: readonly string[];
  /** In file order. */
  readonly lenses: readonly Lens[];
  readonly generated: readonly GeneratedAttribute[];
  readonly onDelete: Deletion;
  readonly meta: { readonly created: string; readonly lastModified: string; readonly version: string };
}

/**
 * Which entries that others made are ours too: all; or those that carry the class `mark`, as all that we create do. The others are hidden:
 * `plan.filter` excludes them. What `never` and `listed` differ in is whether an operator may mark some.
 */
export type Adoption =
  | { readonly kind: 'any' }
  | {
      readonly kind: 'never' | 'listed';
      readonly mark: string;
      /** As `plan.filter`, with those that are hidden. */
      readonly filter: LdapFilter;
    };

/** The plan as it would be if all that matches were ours: for what must not overlook an entry, whoever made it. */
export function withUnmarked(plan: ResourcePlan): ResourcePlan {
  return plan.adoption.kind === 'any' ? plan : { ...plan, filter: plan.adoption.filter };
}

/** The class that marks an entry of the plan as ours, where that makes a difference. */
export function markOf({ protection }: Plan, { adoption }: ResourcePlan): string | undefined {
  return adoption.kind === 'any' ? protection.owned : adoption.mark;
}

/** What a DELETE does. Entries that are kept give up their name, and `rdn` makes the new one. */
export type Deletion = { readonly kind: 'remove' } | Deactivation | Departure;

interface Kept {
  readonly rdn: Template;
  /** What else is rewritten, so that somebody new can have the old values. */
  readonly set: readonly { readonly ldap: string; readonly template: Template; readonly source: LinePath }[];
  /** LDAP attributes that lose all values. */
  readonly clear: readonly string[];
  readonly source: LinePath;
}

/** The entry stays where it is, and `plan.filter` excludes what is marked. */
export interface Deactivation extends Kept {
  readonly kind: 'deactivate';
  readonly mark: { readonly ldap: string; readonly value: string };
}

/** The entry goes to a branch that no search of the plan covers. */
export interface Departure extends Kept {
  readonly kind: 'move';
  readonly branch: Omit<Branch, 'when'>;
  /** Milliseconds since the last change of a departed entry. */
  readonly purgeAfter: number | undefined;
  /** The line by which somebody who comes back is known. */
  readonly reviveBy: Lens | undefined;
}

/** A value that the directory needs and nobody sends; where a two-way line writes the same attribute, it fills in for it (decisions 18). */
export type GeneratedAttribute = GeneratedText | GeneratedRandom | GeneratedNumber;

interface Generated {
  readonly ldap: string;
  /** Where what makes it stands in the file: each template, or the line. */
  readonly sources: readonly LinePath[];
}

export interface GeneratedText extends Generated {
  readonly kind: 'template';
  readonly templates: readonly Template[];
  /** Whether no other entry may have the value: what is taken gets a number. Then it is written once. */
  readonly unique: boolean;
  /** `once`: only while the entry has no value. `always`: again when something it mentions changes. */
  readonly write: 'always' | 'once';
}

/** A secret of so many characters, for new entries only: of those that others made we may not see whether they have one. */
export interface GeneratedRandom extends Generated {
  readonly kind: 'random';
  readonly length: number;
}

/** A whole number that no entry has had before, for entries without one. Both ends of the range belong to it. */
export interface GeneratedNumber extends Generated {
  readonly kind: 'number';
  readonly from: number;
  readonly to: number;
  /** DN of the entry that holds the next free number in the same attribute (decisions 28). */
  readonly counter: string;
}

export function isReferenceLens(lens: Lens): lens is ReferenceLens {
  return lens.kind === 'reference';
}

export function isReverseLens(lens: Lens): lens is ReverseLens {
  return lens.kind === 'reverse';
}

/** The line that maps the members of a group, as far as clients write it: a list of references that may be too long to read. */
export function listLensOf(plan: ResourcePlan): ReferenceLens | undefined {
  return plan.lenses.filter(isReferenceLens).find((lens) => lens.place.kind === 'list' && isWritten(lens));
}

export function isConstantLens(lens: Lens): lens is ConstantLens {
  return lens.kind === 'constant';
}

export function isTextLens(lens: Lens): lens is TextLens {
  return lens.kind === 'text';
}

export function isStateLens(lens: Lens): lens is StateLens {
  return lens.kind === 'state';
}

/** Whether ordinary requests move entries: to another branch, or to another name when they are deleted. */
export function movesEntries({ branches, onDelete }: ResourcePlan): boolean {
  return branches.length > 1 || onDelete.kind !== 'remove';
}

/** Whether clients write what a line maps: neither the line nor the attribute it belongs to is read-only. */
export function isWritten({ definition, place }: Lens): boolean {
  return definition.mutability !== 'readOnly' && place.path.attribute.mutability !== 'readOnly';
}

/** The line that maps the password, and how it is written. */
export function passwordLensOf(plan: ResourcePlan): (Lens & Pick<PasswordLensOptions, 'method'>) | undefined {
  const lens = plan.lenses.find((each) => each.kind === 'password');
  return lens as (Lens & Pick<PasswordLensOptions, 'method'>) | undefined;
}

/** Whether an attribute holds passwords, which are never read: not even a hash comes near us. */
export function isPasswordAttribute(plan: ResourcePlan, ldap: string): boolean {
  const own = passwordLensOf(plan)?.ldap;
  return PASSWORD_ATTRIBUTES.has(attributeTypeOf(ldap)) || (own !== undefined && attributeTypeOf(own) === attributeTypeOf(ldap));
}

const ALL_PLANS = new WeakMap<Plan, readonly ResourcePlan[]>();

/** All plans of the file, users first: the same list each time. */
export function plansOf(plan: Plan): readonly ResourcePlan[] {
  const known = ALL_PLANS.get(plan) ?? [plan.users, ...plan.groups];
  ALL_PLANS.set(plan, known);
  return known;
}

/** Where the entries of some plans are, each base once: also those of the deleted who are kept outside the bases that are searched. */
export function occupiedBases(plans: readonly ResourcePlan[]): readonly string[] {
  const bases = plans.flatMap(({ searchBases, onDelete }) => [...searchBases, ...(onDelete.kind === 'move' ? [onDelete.branch.base] : [])]);
  return [...new Set(bases)];
}

/** The plans of one kind of resource: the places where it may live. */
export type KindPlans = readonly [ResourcePlan, ...ResourcePlan[]];

/** The kinds of resources that the file has, users first. */
export function kindsOf({ users, groups: [first, ...others] }: Plan): readonly KindPlans[] {
  return first === undefined ? [[users]] : [[users], [first, ...others]];
}
