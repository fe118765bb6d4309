import { IdSnapshots } from './id-snapshots.ts';
import { KnownNames } from './known-names.ts';
import type { OperationContext } from './operation-context.ts';
import { Turns } from './turns.ts';

type Given = Pick<OperationContext, 'tenant' | 'plan' | 'directory' | 'ownDn' | 'paging' | 'baseUrl' | 'intents'>;

/** What operations work with that have nothing to do with those that clients ask for: nothing is remembered yet, nothing is shared. */
export function freshContext(given: Given): Omit<OperationContext, 'log' | 'audit' | 'rights'> {
  const snapshots = new IdSnapshots();
  const { directory } = given;
  const own = { snapshots, turns: new Turns(), names: new KnownNames(), cursorKey: Buffer.alloc(32) };
  return { ...given, ...own, directory: snapshots.watch(directory) };
}
