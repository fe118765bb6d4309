import type { Change } from '../ldap/change.ts';
import type { Entry } from '../ldap/entry.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import type { GivenResource } from './given-resource.ts';

/** What became of one resource of a rehearsal. Its references come later, as `ReferencesRehearsed`. */
export type Rehearsed = Created | Matched | Ambiguous | Refused | ReferencesRehearsed;

interface OfResource {
  readonly given: GivenResource;
}

export interface Created extends OfResource {
  readonly kind: 'created';
  readonly plan: ResourcePlan;
  readonly dn: string;
  readonly writes: readonly RehearsedWrite[];
}

export interface Matched extends OfResource {
  readonly kind: 'matched';
  readonly plan: ResourcePlan;
  /** By which of the matching paths. */
  readonly by: string;
  readonly dn: string;
  /** Of a group, before the rehearsal: values of its list, without placeholders. */
  readonly members: readonly string[];
  readonly writes: readonly RehearsedWrite[];
}

/** Several entries have its matching value: Entra reports an error and does nothing. */
export interface Ambiguous extends OfResource {
  readonly kind: 'ambiguous';
  readonly by: string;
  readonly dns: readonly string[];
}

/** A request was refused; nothing was written then. */
export interface Refused extends OfResource {
  readonly kind: 'refused';
  readonly status: number;
  readonly detail: string;
  /** Entries that it collided with because they carry no mark of ours. */
  readonly adoptable: readonly Adoptable[];
}

/** An entry that `scim-ldap-bridge adopt` would hand over. */
export interface Adoptable {
  readonly dn: string;
  /** Of a group: who is in it. */
  readonly members: readonly string[];
}

export interface ReferencesRehearsed extends OfResource {
  readonly kind: 'references';
  /** Those that name nobody. */
  readonly unknown: readonly string[];
  /** Of a group that matched: who was in it and isn't given. */
  readonly staying: readonly string[];
  readonly writes: readonly RehearsedWrite[];
  readonly refusal?: { readonly status: number; readonly detail: string };
}

/** A change, and the entry before and after it where there is one. */
export interface RehearsedWrite {
  readonly change: Change;
  readonly before?: Entry;
  readonly after?: Entry;
}
