import { type Drift, findDrift, type WrittenEntry } from '../journal/find-drift.ts';
import type { SettledWrite } from '../journal/journaled-write.ts';
import { namingAttributes, placeholdersOf, readJournaledEntries } from './journaled-entries.ts';
import { type OperationContext } from './operation-context.ts';

/** How many entries are looked at together. */
const ENTRIES_AT_A_TIME = 500;

/**
 * What has changed behind our back since our last writes, entry by entry.
 *
 * @param written what they left, by subject
 * @throws DirectoryError when the directory is away
 */
export async function* findDrifts(
  context: OperationContext,
  written: ReadonlyMap<string, WrittenEntry>,
): AsyncGenerator<Drift, void, undefined> {
  const { schema } = await context.directory.facts();
  const [naming, placeholders] = [namingAttributes(context), placeholdersOf(context)];
  const known = [...written].filter(([, { write }]) => write.id !== undefined);
  for (let start = 0; start < known.length; start += ENTRIES_AT_A_TIME) {
    const some = known.slice(start, start + ENTRIES_AT_A_TIME);
    const entries = await readJournaledEntries(
      context,
      some.map(([, entry]) => asked(entry)),
    );
    for (const [subject, entry] of some) {
      const drift = findDrift(entry.write.id ?? '', entry, entries.get(subject), schema, naming, placeholders);
      if (drift !== undefined) yield drift;
    }
  }
}

/** A write that speaks of all that is to be looked at. */
function asked({ write, dn, attributes, values }: WrittenEntry): SettledWrite {
  const names = [...attributes.keys(), ...values.keys()];
  const modifications = names.map((attribute) => ({ operation: 'add', attribute, values: [] }) as const);
  return { ...write, change: { kind: 'modify', dn, modifications } };
}
