import type { Diagnostic } from '../config/diagnostic.ts';
import type { ConfigurationFiles } from '../config/load-configuration.ts';
import { type Plan, plansOf } from '../mapping/plan.ts';
import { ScimError } from '../scim/errors.ts';
import { parseFilter } from '../scim/parse-filter.ts';

/**
 * What is wrong with the filters under `canary`.
 *
 * @param plans by the path in `TenantSection.mapping`; a tenant whose mapping file has mistakes is judged when those are mended
 */
export function refuseCanaries({ bridge, source }: ConfigurationFiles, plans: ReadonlyMap<string, Plan>): readonly Diagnostic[] {
  return [...bridge.tenants].flatMap(([name, { canary = {}, mapping }]) => {
    const plan = plans.get(mapping);
    if (plan === undefined) return [];
    return (['users', 'groups'] as const).flatMap((target) => {
      const text = canary[target];
      if (text === undefined) return [];
      const message = mistakeIn(text, plan, target);
      const help = 'a SCIM filter, such as userName sw "pilot"';
      return message === undefined ? [] : [source.report(['tenants', name, 'canary', target], 'value', message, { help })];
    });
  });
}

function mistakeIn(text: string, plan: Plan, target: 'users' | 'groups'): string | undefined {
  const type = plansOf(plan).find((each) => each.target === target)?.resourceType;
  if (type === undefined) return `the mapping file has no ${target}`;
  try {
    parseFilter(text, type);
    return undefined;
  } catch (error) {
    if (error instanceof ScimError) return error.detail;
    throw error;
  }
}
