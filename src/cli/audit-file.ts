import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';

/** What is kept free for the records of what is under way when the disk fills up. */
const RESERVE_BYTES = 1024 * 1024;

/**
 * A file that only grows, line by line. Whoever asks whether it is full before each piece of work gets a reserve: a second file,
 * `<file>.reserve`, which takes a place on the disk. When there is no more, it gives way to the lines of what is under way, and the
 * file is full until the reserve has a place again.
 *
 * Written synchronously: a line is in the hands of the system before the client gets its answer.
 */
export class AuditFile {
  readonly path: string;
  readonly #reservePath: string;
  #descriptor: number;
  #hasReserve = false;

  /** @throws Error of the system, when the file can't be opened */
  constructor(path: string) {
    this.path = path;
    this.#reservePath = `${path}.reserve`;
    this.#descriptor = openForAppend(path);
  }

  /** Whether there is no place for another line, as far as is known; looks again when there was none. */
  isFull(): boolean {
    return !this.#hasReserve && !this.#makeReserve();
  }

  /** @throws Error of the system, when the line could not be written: then no part of it is there either */
  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      writeWhole(this.#descriptor, bytes);
    } catch (error) {
      if (!this.#hasReserve) throw error;
      this.#hasReserve = false;
      rmSync(this.#reservePath, { force: true });
      writeWhole(this.#descriptor, bytes);
    }
  }

  /** Goes on in a new file of the same name after the old one has been moved away. @throws Error of the system; the old one stays in use */
  reopen(): void {
    const old = this.#descriptor;
    this.#descriptor = openForAppend(this.path);
    closeSync(old);
  }

  close(): void {
    closeSync(this.#descriptor);
    rmSync(this.#reservePath, { force: true });
  }

  #makeReserve(): boolean {
    let descriptor: number;
    try {
      descriptor = openSync(this.#reservePath, 'w', 0o600);
    } catch {
      return false;
    }
    try {
      writeWhole(descriptor, Buffer.alloc(RESERVE_BYTES));
      this.#hasReserve = true;
    } catch {
      rmSync(this.#reservePath);
    } finally {
      closeSync(descriptor);
    }
    return this.#hasReserve;
  }
}

/** A part of a line would spoil the next one too. */
function writeWhole(descriptor: number, bytes: Buffer): void {
  const { size } = fstatSync(descriptor);
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  } catch (error) {
    if (written > 0) ftruncateSync(descriptor, size);
    throw error;
  }
}

/** Readable to its owner and group: it holds what is in the directory. */
function openForAppend(path: string): number {
  return openSync(path, 'a', 0o640);
}
