import type { JournaledOutcome, JournaledWrite } from '../journal/journaled-write.ts';

/** A write as its operation knows it; whose request it is, is added by whoever keeps it. */
export type NotedWrite = Omit<JournaledWrite, 'write' | 'time' | 'request' | 'tenant' | 'directory'>;

/** Where the writes of one request are noted before they are sent. */
export interface RequestJournal {
  /**
   * Returns once the write may be sent: it is noted, so that the end of this process can't lose it, or can't be and need not.
   *
   * @returns tells what became of it; resolves when what was noted is on disk
   * @throws ScimError 503 while nothing can be noted and nothing may go unnoted
   */
  begin(write: NotedWrite): Promise<(outcome: JournaledOutcome, id?: string) => Promise<void>>;
}
