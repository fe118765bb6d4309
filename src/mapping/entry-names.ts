import { attributeKey } from '../ldap/attribute-description.ts';
import { caseIgnoreKey } from '../ldap/case-ignore.ts';
import { leafRdn } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import type { ResourcePlan } from './plan.ts';

/** By what references name an entry. */
export interface EntryNames {
  readonly dn: string;
  /** Its value of each attribute in `ResourcePlan.namedBy`: of several the one in its DN, else the first. Without those that it lacks. */
  readonly names: Readonly<Record<string, string>>;
}

export function entryNames(plan: Pick<ResourcePlan, 'namedBy'>, entry: Entry): EntryNames {
  const names = plan.namedBy.flatMap((by) => {
    const values = valuesOf(entry, by).filter((value) => typeof value === 'string');
    const named = leafRdn(entry.dn)?.find(({ type }) => attributeKey(type) === by)?.value;
    const value = values.find((each) => typeof named === 'string' && caseIgnoreKey(each) === caseIgnoreKey(named)) ?? values[0];
    return value === undefined ? [] : [[by, value] as const];
  });
  return { dn: entry.dn, names: Object.fromEntries(names) };
}

/** By what a list names an entry: its DN, or its value of the attribute `by`; undefined where it has none. */
export function nameBy({ dn, names }: Pick<EntryNames, 'dn'> & Partial<EntryNames>, by: string | undefined): string | undefined {
  return by === undefined ? dn : names?.[by];
}

/** Whether whoever refers to an entry has to follow it. */
export function isRenamed(before: EntryNames, after: EntryNames): boolean {
  return before.dn !== after.dn || Object.keys(before.names).some((by) => after.names[by] !== before.names[by]);
}
