import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatJournalLine, type JournaledEnd, type JournaledOutcome, type JournaledWrite } from '../journal/journaled-write.ts';
import { ownProcessName } from './process-name.ts';

/** Where every LDAP write is noted before it is sent, with what takes it back. */
export interface UndoJournal {
  /**
   * Returns once the write survives the end of this process.
   *
   * @throws Error of the system, when it can't be written: then no part of it is there
   */
  begin(write: Omit<JournaledWrite, 'write' | 'time'>): Promise<OpenWrite>;
  /** What is not ended by then stays without an outcome. */
  close(): void;
}

/** A write that has been noted. */
export interface OpenWrite {
  /** Settles when it survives the end of the machine too, or when that can't be had; of those who wait at a time, one sync serves all. */
  readonly onDisk: Promise<void>;
  /** Tells what became of it; that survives the end of this process, and with the next sync that of the machine. */
  end(outcome: JournaledOutcome, id?: string): void;
}

export interface UndoJournalOptions {
  /** How long a write is kept, in milliseconds, counted from the last one in its file. */
  readonly retentionMs: number;
  /** Milliseconds since the epoch; default: the clock. */
  readonly now?: () => number;
}

export const SEGMENT_SUFFIX = '.jsonl';

/** A file is left for a new one when it gets longer, and each day (UTC). */
const MOST_BYTES = 32 * 1024 * 1024;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * Opens the journal in a folder that belongs to one service. Each process writes files of its own, which only grow; those that are too
 * old are deleted, whoever wrote them.
 *
 * @throws Error of the system, when the folder can't be made
 */
export async function openUndoJournal(folder: string, options: UndoJournalOptions): Promise<UndoJournal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const journal = new SegmentedJournal(folder, options);
  await journal.prune();
  return journal;
}

/** Of all files that this process made: it may open a folder more than once. */
let segments = 0;

class SegmentedJournal implements UndoJournal {
  readonly #folder: string;
  readonly #retentionMs: number;
  readonly #now: () => number;
  readonly #pruning: NodeJS.Timeout;
  #segment: Promise<Segment> | undefined;
  #writes = 0;

  constructor(folder: string, { retentionMs, now = Date.now }: UndoJournalOptions) {
    this.#folder = folder;
    this.#retentionMs = retentionMs;
    this.#now = now;
    this.#pruning = setInterval(() => void this.prune(), PRUNE_EVERY_MS).unref();
  }

  async begin(write: Omit<JournaledWrite, 'write' | 'time'>): Promise<OpenWrite> {
    const segment = await this.#current();
    this.#writes += 1;
    const key = `${segment.name}-${this.#writes}`;
    const onDisk = segment.begin({ write: key, time: new Date(this.#now()).toISOString(), ...write });
    return { onDisk, end: (outcome, id) => segment.end({ of: key, outcome, ...(id === undefined ? {} : { id }) }) };
  }

  close(): void {
    clearInterval(this.#pruning);
    const last = this.#segment;
    this.#segment = undefined;
    void last?.then((segment) => segment.close()).catch(() => undefined);
  }

  /** What can't be deleted now is deleted later; the journal works without that. */
  async prune(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((each) => each.endsWith(SEGMENT_SUFFIX))) {
      const path = join(this.#folder, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (mtimeMs + this.#retentionMs < this.#now()) await unlink(path).catch(() => undefined);
    }
  }

  async #current(): Promise<Segment> {
    const day = new Date(this.#now()).toISOString().slice(0, 10);
    const last = this.#segment;
    const segment = await last?.catch(() => undefined);
    if (segment !== undefined && segment.day === day && segment.size < MOST_BYTES) return segment;
    // Who came at the same time has opened it.
    if (this.#segment !== last && this.#segment !== undefined) return this.#current();
    segment?.retire();
    this.#segment = openSegment(this.#folder, day);
    return this.#segment;
  }
}

async function openSegment(folder: string, day: string): Promise<Segment> {
  segments += 1;
  const name = `${ownProcessName()}-${segments}`;
  const descriptor = openSync(join(folder, `${day}-${name}${SEGMENT_SUFFIX}`), 'wx', 0o600);
  // A new file's name is on disk only when its folder is.
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return new Segment(descriptor, name, day);
}

const sync = promisify(fdatasync);

/** So much of a file has its place on the disk before it is needed. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * One file. A line is in the hands of the system when it is written, so it survives the end of this process; a sync puts it on disk.
 *
 * While the file is open, zeros follow its lines: where a line overwrites them, a sync has only the line to put on disk and not the
 * file's new length, which would drag along what all others have written to the file system meanwhile.
 */
class Segment {
  readonly name: string;
  readonly day: string;
  /** Of its lines, in bytes. */
  size = 0;
  #allocated = 0;
  readonly #descriptor: number;
  #isOpen = true;
  #isRetired = false;
  #underWay = 0;
  #syncing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(descriptor: number, name: string, day: string) {
    this.#descriptor = descriptor;
    this.name = name;
    this.day = day;
  }

  begin(write: JournaledWrite): Promise<void> {
    this.#append(write);
    this.#underWay += 1;
    return this.#sync();
  }

  end(end: JournaledEnd): void {
    this.#underWay -= 1;
    if (!this.#isOpen) return;
    try {
      this.#append(end);
    } catch {
      // Its outcome is unknown then, which whoever reads has to expect anyway; the next write says loudly that there is no room.
    }
    if (this.#isRetired && this.#underWay === 0) this.close();
  }

  /** Closes it when the last write that is under way has ended. */
  retire(): void {
    this.#isRetired = true;
    if (this.#underWay === 0) this.close();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    ftruncateSync(this.#descriptor, this.size);
    closeSync(this.#descriptor);
  }

  /** A part of a line would spoil the next one too. */
  #append(line: JournaledWrite | JournaledEnd): void {
    const bytes = Buffer.from(formatJournalLine(line));
    this.#allocate(bytes.length);
    try {
      this.#writeAt(this.size, bytes);
      this.size += bytes.length;
    } catch (error) {
      this.#cut();
      throw error;
    }
  }

  /** Where the disk has no place for so much, the lines may still find one. */
  #allocate(bytes: number): void {
    if (this.size + bytes <= this.#allocated) return;
    const length = Math.max(CHUNK_BYTES, bytes);
    try {
      this.#writeAt(this.size, Buffer.alloc(length));
      this.#allocated = this.size + length;
    } catch {
      this.#cut();
    }
  }

  #writeAt(position: number, bytes: Buffer): void {
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(this.#descriptor, bytes, written, bytes.length - written, position + written);
    }
  }

  #cut(): void {
    ftruncateSync(this.#descriptor, this.size);
    this.#allocated = this.size;
  }

  /** Who asks while the disk is busy waits for the next turn, together with all others who do. */
  #sync(): Promise<void> {
    this.#next ??= this.#syncing
      .catch(() => undefined)
      .then(() => {
        this.#syncing = this.#next ?? Promise.resolve();
        this.#next = undefined;
        return sync(this.#descriptor);
      });
    return this.#next;
  }
}
