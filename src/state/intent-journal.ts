import { fdatasyncSync, writeSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { atStart, formatIntent, formatProgress, type Intent, type Progress, readIntent } from './intent.ts';
import { isRunning, ownProcessName } from './process-name.ts';

/** Where writes of several steps say what they are about to do. */
export interface IntentJournal {
  /** Returns once the intent is on disk. @throws Error of the system, when it can't be written */
  begin(intent: Intent): Promise<OpenIntent>;
  /** How many wait to be finished or undone. */
  readonly waiting: number;
  /** Those that wait and belong to none of these tenants: nobody will take them. */
  listOrphaned(tenants: ReadonlySet<string>): readonly LeftIntent[];
  /** Takes the intents of a tenant that wait to be finished or undone. */
  takeLeft(tenant: string): readonly LeftIntent[];
  /** Gives one back that could not be settled yet. */
  putBack(left: LeftIntent): void;
}

/** An intent while its steps are carried out. */
export interface OpenIntent {
  /**
   * Notes how far they have come. That survives the end of this process; with `sync` also that of the machine, which the step before
   * a password needs: nobody can see afterwards whether a password was set.
   */
  reached(progress: Progress, sync: boolean): void;
  /** Everything is done, or taken back. */
  end(): Promise<void>;
  /** Neither is certain: it is left to be settled later. */
  leave(): Promise<void>;
}

/** An intent whose process ended, or lost the directory, before it was through. */
export interface LeftIntent {
  readonly intent: Intent;
  readonly progress: Progress;
  /** Where it is kept, for the log. */
  readonly file: string;
  /** It has been finished or undone. */
  end(): Promise<void>;
  /** It can be neither. Its file stays, under a name that isn't looked for again. */
  setAside(): Promise<string>;
}

/** For a service without a state directory: the same steps, and a kill between two of them leaves no trace. */
export const NO_INTENT_JOURNAL: IntentJournal = {
  begin: () => Promise.resolve({ reached: () => undefined, end: () => Promise.resolve(), leave: () => Promise.resolve() }),
  waiting: 0,
  listOrphaned: () => [],
  takeLeft: () => [],
  putBack: () => undefined,
};

/** The folder can't be made, read or written; the message is for operators. */
export class StateDirectoryError extends Error {
  override readonly name = 'StateDirectoryError';
}

const SUFFIX = '.intent';
const SET_ASIDE = '.unsettled';

/**
 * Opens the journal in a folder that belongs to one service: a file for each write under way, called after the process that carries it
 * out. Files of processes that are gone are taken over; of two that start at a time, each file by one.
 *
 * @throws StateDirectoryError
 */
export async function openIntentJournal(folder: string): Promise<IntentJournal> {
  try {
    return await readJournal(folder);
  } catch (cause) {
    throw new StateDirectoryError(`${folder} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Of all files that this process made: it may open a folder more than once. */
let count = 0;

async function readJournal(folder: string): Promise<IntentJournal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const newPath = (): string => {
    count += 1;
    return join(folder, `${ownProcessName()}-${count}${SUFFIX}`);
  };
  const waiting: LeftIntent[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith(SUFFIX) || isRunning(name)) continue;
    const left = await takeOver(join(folder, name), newPath());
    if (left !== undefined) waiting.push(left);
  }
  return {
    async begin(intent) {
      const path = newPath();
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(formatIntent(intent));
      await file.sync();
      await syncFolder(folder);
      let progress = atStart(intent);
      return {
        reached(next, sync) {
          progress = next;
          writeSync(file.fd, formatProgress(next));
          if (sync) fdatasyncSync(file.fd);
        },
        async end() {
          await file.close();
          await unlink(path);
        },
        async leave() {
          await file.close();
          waiting.push(leftIntent(path, intent, progress));
        },
      };
    },
    get waiting() {
      return waiting.length;
    },
    listOrphaned: (tenants) => waiting.filter(({ intent }) => !tenants.has(intent.tenant)),
    takeLeft(tenant) {
      const taken = waiting.filter(({ intent }) => intent.tenant === tenant);
      for (const left of taken) waiting.splice(waiting.indexOf(left), 1);
      return taken;
    },
    putBack: (left) => void waiting.push(left),
  };
}

async function takeOver(found: string, path: string): Promise<LeftIntent | undefined> {
  try {
    await rename(found, path);
  } catch (error) {
    // Somebody else took it.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const read = readIntent(await readFile(path, 'utf8'));
  if (read !== undefined) return leftIntent(path, read.intent, read.progress);
  // It was never on disk as a whole, so none of its steps has begun.
  await unlink(path);
  return undefined;
}

function leftIntent(path: string, intent: Intent, progress: Progress): LeftIntent {
  return {
    intent,
    progress,
    file: path,
    end: () => unlink(path),
    async setAside() {
      const aside = `${path.slice(0, -SUFFIX.length)}${SET_ASIDE}`;
      await rename(path, aside);
      return aside;
    },
  };
}

/** A new file's name is on disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
