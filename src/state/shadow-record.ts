import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A request that was recorded and not carried out. */
export interface ShadowLine {
  /** When it came first, in ISO 8601. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  /** What would have been answered. */
  readonly status: number;
  readonly detail?: string;
  /** What would have been written, secrets masked; empty: nothing. */
  readonly ldif: string;
}

/** The file grows no further: by then one knows enough. */
const MOST_BYTES = 256 * 1024 * 1024;

/** What a tenant's requests would have done, a JSON object a line. A request that comes again, as they do after a 503, is recorded once. */
export interface ShadowFile {
  /** @returns whether there was room for it. @throws Error of the system */
  add(line: ShadowLine): boolean;
}

/** @throws Error of the system, when the folder can't be made or read */
export function openShadowFile(folder: string, tenant: string): ShadowFile {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = shadowFile(folder, tenant);
  const known = new Set(readShadowLines(folder, tenant).map(keyOf));
  let bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return {
    add(line) {
      const key = keyOf(line);
      if (known.has(key)) return true;
      const text = `${JSON.stringify(line)}\n`;
      if (bytes + Buffer.byteLength(text) > MOST_BYTES) return false;
      appendFileSync(file, text, { mode: 0o600 });
      bytes += Buffer.byteLength(text);
      known.add(key);
      return true;
    },
  };
}

/** All that is recorded of a tenant; a line that was cut off by the end of a process is left out. */
export function readShadowLines(folder: string, tenant: string): readonly ShadowLine[] {
  let text: string;
  try {
    text = readFileSync(shadowFile(folder, tenant), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as ShadowLine];
    } catch {
      return [];
    }
  });
}

function shadowFile(folder: string, tenant: string): string {
  return join(folder, `${tenant}.jsonl`);
}

function keyOf({ method, path, status, detail = '', ldif }: ShadowLine): string {
  return createHash('sha256')
    .update(JSON.stringify([method, path, status, detail, ldif]))
    .digest('base64');
}
