import { DirectoryError } from '../directory/directory-error.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { allOf } from '../ldap/filter.ts';
import { formatGeneralizedTime } from '../ldap/generalized-time.ts';
import { RESULT } from '../ldap/result-code.ts';
import type { Departure, ResourcePlan } from '../mapping/plan.ts';
import { isUnchanged } from '../mapping/write-plan.ts';
import type { OperationContext } from './operation-context.ts';

/** What became of an entry whose time is over. */
export interface Purged {
  readonly dn: string;
  /** When it was last changed, as the directory writes it. */
  readonly changed: string;
  readonly outcome: 'removed' | 'would be removed' | 'changed meanwhile' | 'has entries below it' | 'refused';
}

/**
 * Removes for good the entries that DELETE has moved away and that nobody has touched for as long as `purgeAfter` says.
 *
 * LDAP: one paged search of the branch, one delete for each, guarded by the version.
 *
 * @param now milliseconds since 1970-01-01T00:00Z
 * @throws DirectoryError when the directory is away
 */
export async function* purge(
  { directory }: Pick<OperationContext, 'directory'>,
  plan: ResourcePlan,
  now: number,
  dryRun: boolean,
): AsyncGenerator<Purged, void, undefined> {
  const { onDelete } = plan;
  if (onDelete.kind !== 'move' || onDelete.purgeAfter === undefined) return;
  // All of them first: a search in pages doesn't like its entries to go.
  const entries: Entry[] = [];
  for await (const page of directory.searchPages(overdue(plan, onDelete, onDelete.purgeAfter, now))) entries.push(...page);
  for (const entry of entries) {
    const { dn } = entry;
    const changed = String(valuesOf(entry, plan.meta.lastModified)[0] ?? '');
    if (dryRun) {
      yield { dn, changed, outcome: 'would be removed' };
      continue;
    }
    try {
      await directory.write({ kind: 'delete', dn, assertion: isUnchanged(plan, entry) });
      yield { dn, changed, outcome: 'removed' };
    } catch (error) {
      if (!(error instanceof DirectoryError) || error.kind !== 'refused') throw error;
      yield { dn, changed, outcome: outcomeOf(error) };
    }
  }
}

function overdue(plan: ResourcePlan, { branch }: Departure, purgeAfter: number, now: number) {
  const value = formatGeneralizedTime(now - purgeAfter) ?? '';
  const filter = allOf(plan.filter, { kind: 'lessOrEqual', attribute: plan.meta.lastModified, value });
  return { base: branch.base, scope: 'subtree', filter, attributes: [plan.id, plan.meta.lastModified, plan.meta.version] } as const;
}

function outcomeOf({ code }: DirectoryError): Purged['outcome'] {
  if (code === RESULT.assertionFailed || code === RESULT.noSuchObject) return 'changed meanwhile';
  return code === RESULT.notAllowedOnNonLeaf ? 'has entries below it' : 'refused';
}
