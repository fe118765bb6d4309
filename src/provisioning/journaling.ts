import { DirectoryError, isUnknownOutcome } from '../directory/directory-error.ts';
import type { JournaledReferences } from '../journal/journaled-write.ts';
import { reverseChange } from '../journal/reverse-change.ts';
import { attributeTypeOf } from '../ldap/attribute-description.ts';
import { attributesIn, type Change, renamedDn } from '../ldap/change.ts';
import { EVERYTHING } from '../ldap/filter.ts';
import { keepableChange } from '../ldap/keepable-change.ts';
import { plansOf, type ResourcePlan } from '../mapping/plan.ts';
import { idOf } from '../mapping/read-entry.ts';
import { maskedAttributes } from './audited-change.ts';
import type { OperationContext } from './operation-context.ts';
import type { NotedWrite } from './request-journal.ts';
import { withWrite } from './with-write.ts';

/** What the journal is told of a write, beside what is sent. */
export interface JournalDetails {
  /** SCIM id; absent while the entry is being created. */
  readonly id?: string | undefined;
  /** How the plan would take the write back. */
  readonly known?: Change | undefined;
  readonly references?: JournaledReferences | undefined;
  readonly follows?: true;
}

/**
 * The same context; whatever it writes is noted first, where a journal is kept.
 *
 * LDAP: nothing more, but for an entry that is created on a server that doesn't return it: one search for its id.
 *
 * @param detailsOf is asked when the write is about to be sent
 */
export function journaling(context: OperationContext, plan: ResourcePlan, detailsOf: () => JournalDetails): OperationContext {
  const { journal, directory } = context;
  if (journal === undefined) return context;
  const secrets = maskedAttributes(plansOf(context.plan));
  const write = withWrite(directory, async (change, returning = []) => {
    const end = await journal.begin(noteOf(change, plan, detailsOf(), secrets));
    const isNew = change.kind === 'add';
    const sent = directory.write(change, isNew ? [...returning, plan.id] : returning);
    try {
      const entry = await sent;
      await end('done', isNew ? ((entry && idOf(plan, entry)) ?? (await findId(context, plan, change.dn))) : undefined);
      return entry;
    } catch (error) {
      await end(error instanceof DirectoryError && !isUnknownOutcome(error) ? 'refused' : 'unknown');
      throw error;
    }
  });
  return { ...context, directory: write };
}

/** Undefined when it can't be found out now; the write is done all the same. */
async function findId({ directory }: OperationContext, plan: ResourcePlan, dn: string): Promise<string | undefined> {
  try {
    const [entry] = await directory.search({ base: dn, scope: 'base', filter: EVERYTHING, attributes: [plan.id] });
    return entry === undefined ? undefined : idOf(plan, entry);
  } catch (error) {
    if (error instanceof DirectoryError) return undefined;
    throw error;
  }
}

function noteOf(
  change: Change,
  { target }: ResourcePlan,
  { id, known, references, follows }: JournalDetails,
  secrets: ReadonlySet<string>,
): NotedWrite {
  const undo = reverseChange(change, known);
  const withheld = [...attributesIn(change), ...(undo === undefined ? [] : attributesIn(undo))].filter((name) =>
    secrets.has(attributeTypeOf(name)),
  );
  return {
    target,
    ...(id === undefined ? {} : { id }),
    ...(change.kind === 'add' ? {} : { before: change.dn }),
    ...(change.kind === 'delete' ? {} : { after: change.kind === 'rename' ? renamedDn(change) : change.dn }),
    change: keepableChange(change, secrets),
    ...(undo === undefined ? {} : { undo: keepableChange(undo, secrets) }),
    ...(withheld.length === 0 ? {} : { withheld: [...new Set(withheld)] }),
    ...(references === undefined ? {} : { references }),
    ...(follows === undefined ? {} : { follows }),
  };
}
