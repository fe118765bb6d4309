import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What has been counted of one tenant since its window began. Times are milliseconds since the epoch. */
export interface BrakeCount {
  readonly began: number;
  readonly counts: Readonly<Record<string, number>>;
  /** All users but those who were created in the window, where a budget is a share of them. */
  readonly populationWithoutCreates?: number;
  /** Until then nothing is held back. */
  readonly releasedUntil: number;
}

export const NOTHING_COUNTED: BrakeCount = { began: 0, counts: {}, releasedUntil: 0 };

/** Keeps the count of one tenant, in a file if there is a folder for it: a restart must not let everything through again. */
export interface BrakeCounter {
  read(): BrakeCount;
  write(count: BrakeCount): void;
}

/**
 * @param folder undefined: the count goes with the process
 * @throws Error of the system, when the folder can't be made
 */
export function openBrakeCounter(folder: string | undefined, tenant: string): BrakeCounter {
  if (folder === undefined) return keptIn(NOTHING_COUNTED, () => undefined);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${tenant}.json`);
  return keptIn(readCount(file), (count) => {
    writeFileSync(`${file}.new`, JSON.stringify(count), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  });
}

function keptIn(first: BrakeCount, store: (count: BrakeCount) => void): BrakeCounter {
  let count = first;
  return {
    read: () => count,
    write(next) {
      count = next;
      store(next);
    },
  };
}

/** A file that isn't there or can't be understood begins a new window: that holds back no more than the budget allows. */
function readCount(file: string): BrakeCount {
  try {
    return { ...NOTHING_COUNTED, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<BrakeCount>) };
  } catch {
    return NOTHING_COUNTED;
  }
}
