import { type Entry, valuesOf } from '../ldap/entry.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { isTextLens, type ResourcePlan } from '../mapping/plan.ts';
import { NO_REFERENCES } from '../mapping/reference-table.ts';

/** How many of the values under mapped attributes clients are shown. References and states apart: they don't show values as they are. */
export interface Coverage {
  readonly stored: number;
  readonly shown: number;
}

export function coverageOf(plan: ResourcePlan, entries: readonly Entry[], schema: LdapSchema): Coverage {
  let [stored, shown] = [0, 0];
  for (const lens of plan.lenses.filter(isTextLens)) {
    for (const entry of entries) {
      stored += valuesOf(entry, lens.ldap ?? '').filter((value) => !lens.isPlaceholder(value)).length;
      shown += lens.get(entry, { schema, references: NO_REFERENCES }).length;
    }
  }
  return { stored, shown };
}
