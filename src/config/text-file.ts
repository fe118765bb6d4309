import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

/** A file's text without byte-order mark, or why there is none. */
export type TextFile = { readonly ok: true; readonly text: string } | Unreadable;

export interface Unreadable {
  readonly ok: false;
  readonly reason: string;
  /** Where the bytes are at fault; counted as in a Diagnostic. */
  readonly place?: Place;
}

interface Place {
  readonly line: number;
  readonly column: number;
  readonly sourceLine: string;
}

/** Reads a small file of UTF-8 text. */
export function readTextFile(path: string): TextFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
  if (!isUtf8(bytes)) return { ok: false, reason: 'not UTF-8 text', place: firstBadByte(bytes) };
  return { ok: true, text: new TextDecoder().decode(bytes) };
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a directory'],
]);

function reasonOf(error: unknown): string {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
  return reasons.get(error.code) ?? error.code;
}

/** A line feed is never part of a longer UTF-8 sequence, so the lines can be judged one by one. */
function firstBadByte(bytes: Buffer): Place {
  let start = 0;
  for (let line = 1; ; line += 1) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed === -1 ? bytes.length : feed;
    const lineBytes = bytes.subarray(start, end);
    if (!isUtf8(lineBytes) || feed === -1) {
      const sourceLine = new TextDecoder().decode(lineBytes).replace(/\r$/, '');
      return { line, column: [...sourceLine].indexOf('\uFFFD') + 1, sourceLine };
    }
    start = end + 1;
  }
}
