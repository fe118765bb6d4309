import type { Directory } from '../directory/directory.ts';
import { EVERYTHING } from '../ldap/filter.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { searchFilter } from '../mapping/translate-filter.ts';

/** How many entries a plan has. One enumeration, without attributes. @throws DirectoryError */
export async function countEntries(directory: Directory, plan: ResourcePlan): Promise<number> {
  let count = 0;
  for (const base of plan.searchBases) {
    const search = { base, scope: 'subtree', filter: searchFilter(plan, EVERYTHING), attributes: [] } as const;
    for await (const page of directory.searchPages(search)) count += page.length;
  }
  return count;
}
