import type { Directory } from '../directory/directory.ts';
import type { IntentJournal } from '../state/intent-journal.ts';
import type { OperationContext } from './operation-context.ts';
import { recoverIntents } from './recover-intents.ts';

/**
 * The same directory for those who must not see a write half-way: before each operation, what was interrupted is settled.
 *
 * @param contexts of all tenants of this directory, with the directory as it is
 * @returns every operation fails with a DirectoryError as long as the recovery does
 */
export function recoveringFirst(directory: Directory, intents: IntentJournal, contexts: readonly OperationContext[]): Directory {
  let running: Promise<unknown> | undefined;
  const recover = async (): Promise<void> => {
    if (intents.waiting === 0 && running === undefined) return;
    running ??= Promise.all(contexts.map(recoverIntents)).finally(() => {
      running = undefined;
    });
    await running;
  };
  return {
    facts: () => directory.facts(),
    async search(request) {
      await recover();
      return directory.search(request);
    },
    async searchFirst(request, limit) {
      await recover();
      return directory.searchFirst(request, limit);
    },
    async searchSorted(request, keys) {
      await recover();
      return directory.searchSorted(request, keys);
    },
    async *searchPages(request) {
      await recover();
      yield* directory.searchPages(request);
    },
    async write(change, returning) {
      await recover();
      return directory.write(change, returning);
    },
  };
}
