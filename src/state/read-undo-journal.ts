import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type JournaledEnd, type JournaledWrite, readJournalLine, type SettledWrite } from '../journal/journaled-write.ts';
import { SEGMENT_SUFFIX } from './undo-journal.ts';

/**
 * The writes of a journal in the order in which they were sent, whichever process sent them, each with what became of it. Lines that
 * are torn are passed over, and the zeros after the last one of a file that is open or was never closed.
 *
 * @throws Error of the system, when a file can't be read; no folder is an empty journal
 */
export async function* readUndoJournal(folder: string): AsyncGenerator<SettledWrite, void, undefined> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith(SEGMENT_SUFFIX)).toSorted();
  // One day after the other: only files of the same day may tell of the same time.
  for (const sameDay of Map.groupBy(files, (name) => name.slice(0, '2026-01-31'.length)).values()) {
    yield* inOrder(sameDay.map((name) => readSegment(join(folder, name))));
  }
}

/** Merges what is in order by itself. */
async function* inOrder(sources: readonly AsyncGenerator<SettledWrite, void, undefined>[]): AsyncGenerator<SettledWrite, void, undefined> {
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first: number | undefined;
    for (const [index, head] of heads.entries()) {
      const best = first === undefined ? undefined : heads[first];
      if (head.done !== true && (best === undefined || best.done === true || head.value.time < best.value.time)) first = index;
    }
    const head = first === undefined ? undefined : heads[first];
    const source = first === undefined ? undefined : sources[first];
    if (first === undefined || head === undefined || head.done === true || source === undefined) return;
    yield head.value;
    heads[first] = await source.next();
  }
}

/** The writes of one file; each is kept back until its outcome is known, and those after it too. */
async function* readSegment(path: string): AsyncGenerator<SettledWrite, void, undefined> {
  const waiting: JournaledWrite[] = [];
  const ends = new Map<string, JournaledEnd>();
  const settle = (write: JournaledWrite): SettledWrite => {
    const end = ends.get(write.write);
    ends.delete(write.write);
    return { ...write, ...(end?.id === undefined ? {} : { id: end.id }), outcome: end?.outcome ?? 'unknown' };
  };
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const line = readJournalLine(text);
    if (line === undefined) continue;
    if ('of' in line) ends.set(line.of, line);
    else waiting.push(line);
    for (let next = waiting[0]; next !== undefined && ends.has(next.write); next = waiting[0]) {
      waiting.shift();
      yield settle(next);
    }
  }
  for (const write of waiting) yield settle(write);
}
