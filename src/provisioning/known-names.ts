import { dnKey } from '../ldap/dn.ts';
import type { ResourcePlan } from '../mapping/plan.ts';

/** The most names that are kept, of each kind. */
const MOST = 20_000;

/**
 * What is known of the names of entries without asking: where the target of a write was last, so that it need not be looked for
 * again, and which names have changed since a request began.
 *
 * Only the *target* of a write may be taken from here, guarded by an assertion on its id; a member's name is resolved anew for every
 * write, for an assertion guards the group and not the value (decisions 2).
 */
export class KnownNames {
  /** DN by plan and id, the least recently used first. */
  readonly #targets = new Map<string, string>();
  /** What became of names, in the order in which they were given up. */
  readonly #changes = new Map<string, Change>();
  readonly #plans = new WeakMap<ResourcePlan, number>();
  #lastPlan = 0;
  #clock = 0;

  /** Where the entry with this id was when it was last seen; undefined when it wasn't, or is gone. */
  targetOf(plan: ResourcePlan, id: string): string | undefined {
    const key = this.#keyOf(plan, id);
    const dn = this.#targets.get(key);
    if (dn === undefined) return undefined;
    this.#targets.delete(key);
    this.#targets.set(key, dn);
    return dn;
  }

  rememberTarget(plan: ResourcePlan, id: string, dn: string): void {
    keep(this.#targets, this.#keyOf(plan, id), dn);
  }

  forgetTarget(plan: ResourcePlan, id: string): void {
    this.#targets.delete(this.#keyOf(plan, id));
  }

  /** A point in time, to ask later what has changed since. */
  now(): number {
    return this.#clock;
  }

  /** An entry has another name from now on, or none: it was deleted. A name is not given up when its letter case changes. */
  changed(oldDn: string, newDn: string | undefined): void {
    if (newDn !== undefined && dnKey(oldDn) === dnKey(newDn)) return;
    this.#clock += 1;
    keep(this.#changes, dnKey(oldDn), { at: this.#clock, newDn });
  }

  /** Those of some names that were given up after a point in time, and what they are now. */
  changedSince(then: number, dns: readonly string[]): readonly { readonly oldDn: string; readonly newDn: string | undefined }[] {
    if (this.#clock === then) return [];
    return dns.flatMap((oldDn) => {
      const change = this.#changes.get(dnKey(oldDn));
      return change === undefined || change.at <= then ? [] : [{ oldDn, newDn: change.newDn }];
    });
  }

  #keyOf(plan: ResourcePlan, id: string): string {
    let number = this.#plans.get(plan);
    if (number === undefined) {
      this.#lastPlan += 1;
      number = this.#lastPlan;
      this.#plans.set(plan, number);
    }
    return `${number} ${id.toLowerCase()}`;
  }
}

interface Change {
  readonly at: number;
  readonly newDn: string | undefined;
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST && oldest !== undefined) map.delete(oldest);
}
