import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';

/** What is kept free at least for the records of what is under way when the disk fills up. */
const RESERVE_BYTES = 1024 * 1024;

/** Space on a disk is given out and taken back in blocks. */
const BLOCK_BYTES = 4096;

/**
 * A file that only grows, line by line. Whoever asks whether it is full before each piece of work gets a reserve: a second file,
 * `<file>.reserve`, which takes a place on the disk, as large as all that was promised to lines of what is under way. When there is no
 * other place, it gives way to them, and the file is full until the reserve has its place again.
 *
 * The lines of one turn of the event loop are handed to the system together, in one call.
 */
export class AuditFile {
  readonly path: string;
  readonly #reservePath: string;
  #descriptor: number;
  #reserveDescriptor: number | undefined;
  #reserved = 0;
  #promised = 0;
  #waiting: WaitingLine[] = [];

  /** @throws Error of the system, when the file can't be opened */
  constructor(path: string) {
    this.path = path;
    this.#reservePath = `${path}.reserve`;
    this.#descriptor = openForAppend(path);
  }

  /** Whether there is no place for the line of anything more, as far as is known; looks again when there was none. */
  isFull(): boolean {
    return !this.#reserve(RESERVE_BYTES);
  }

  /** Keeps a place for so many bytes of a line to come; give it back. @returns false when there is none */
  promise(bytes: number): boolean {
    if (!this.#reserve(this.#promised + bytes)) return false;
    this.#promised += bytes;
    return true;
  }

  /** The line that so much was promised to has been written, or never will be. */
  giveBack(bytes: number): void {
    this.#promised -= bytes;
    if (this.#promised === 0) this.#shrinkReserve(RESERVE_BYTES);
  }

  /** @returns resolves when the line is in the hands of the system; rejects with its Error when no part of it is */
  append(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ line, resolve, reject });
    });
  }

  /** What has no place together may have one line by line. */
  #flush(): void {
    const lines = this.#waiting;
    this.#waiting = [];
    try {
      if (lines.length > 0) this.#write(lines.map(({ line }) => line).join('\n'));
      for (const { resolve } of lines) resolve();
    } catch (error) {
      if (lines.length === 1) lines[0]?.reject(error);
      else for (const each of lines) this.#writeAlone(each);
    }
  }

  #writeAlone({ line, resolve, reject }: WaitingLine): void {
    try {
      this.#write(line);
      resolve();
    } catch (error) {
      reject(error);
    }
  }

  /** @throws Error of the system, when the text could not be written: then no part of it is there either */
  #write(text: string): void {
    const bytes = Buffer.from(`${text}\n`);
    for (;;) {
      try {
        writeWhole(this.#descriptor, bytes);
        return;
      } catch (error) {
        if (this.#reserved === 0) throw error;
        this.#shrinkReserve(Math.max(0, this.#reserved - bytes.length - BLOCK_BYTES));
      }
    }
  }

  /** Goes on in a new file of the same name after the old one has been moved away. @throws Error of the system; the old one stays in use */
  reopen(): void {
    this.#flush();
    const old = this.#descriptor;
    this.#descriptor = openForAppend(this.path);
    closeSync(old);
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
    if (this.#reserveDescriptor === undefined) return;
    closeSync(this.#reserveDescriptor);
    rmSync(this.#reservePath, { force: true });
  }

  /** Makes the reserve so large at least. @returns false when the disk has no place for that */
  #reserve(bytes: number): boolean {
    if (this.#reserved >= bytes) return true;
    try {
      this.#reserveDescriptor ??= openSync(this.#reservePath, 'a', 0o600);
      // What a process left behind that was killed is not counted.
      if (this.#reserved === 0) ftruncateSync(this.#reserveDescriptor, 0);
      writeWhole(this.#reserveDescriptor, Buffer.alloc(bytes - this.#reserved));
      this.#reserved = bytes;
      return true;
    } catch {
      return false;
    }
  }

  #shrinkReserve(bytes: number): void {
    if (this.#reserveDescriptor === undefined || this.#reserved <= bytes) return;
    ftruncateSync(this.#reserveDescriptor, bytes);
    this.#reserved = bytes;
  }
}

interface WaitingLine {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A part of a line would spoil the next one too. */
function writeWhole(descriptor: number, bytes: Buffer): void {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  } catch (error) {
    if (written > 0) ftruncateSync(descriptor, fstatSync(descriptor).size - written);
    throw error;
  }
}

/** Readable to its owner and group: it holds what is in the directory. */
function openForAppend(path: string): number {
  return openSync(path, 'a', 0o640);
}
