import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A note of what something was made from, so that it is made again when that has changed, and only then.
 * It belongs beside what was made: who deletes that deletes the note as well.
 *
 * @param {string} file where the note is kept
 * @param {readonly string[]} sources files, and folders with all that is in them
 */
export function stampOf(file, sources) {
  const digest = digestOf(sources);
  return {
    /** Whether the note was written, for the sources as they were when `stampOf` was called. */
    isCurrent: () => existsSync(file) && readFileSync(file, 'utf8') === digest,
    write: () => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, digest);
    },
  };
}

/** @param {readonly string[]} sources */
function digestOf(sources) {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of filesIn(source)) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} source */
function filesIn(source) {
  if (!statSync(source).isDirectory()) return [source];
  const names = readdirSync(source, { recursive: true, encoding: 'utf8' }).toSorted();
  return names.map((name) => join(source, name)).filter((path) => statSync(path).isFile());
}
