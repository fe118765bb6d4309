import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** Rows of the tables in docs/conformance.md: section, what is asked for, what holds it. */
const ROW = /^\| ([\d.]+) \| (.+?) \| (.+) \|$/gm;
const REFERENCE = /`([^`]+?)`/g;

const page = readFileSync('docs/conformance.md', 'utf8');
const rows = Array.from(page.matchAll(ROW), ([, section = '', asked = '', held = '']) => ({ name: `§${section} ${asked}`, held }));

describe('docs/conformance.md', () => {
  test('covers the RFCs', () => {
    expect(rows.length).toBeGreaterThan(120);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });

  test.each(rows)('$name', ({ held }) => {
    if (/^(?:n\/a|open): \S/.test(held)) return;
    const references = Array.from(held.matchAll(REFERENCE), ([, reference = '']) => reference);
    expect(references, 'names no test').not.toEqual([]);
    expect(references.filter(isMissing)).toEqual([]);
  });
});

/** `file`, or `file › part of a name`: whether there is no such file, or no such text in it. */
function isMissing(reference: string): boolean {
  const [file = '', name = ''] = reference.split(' › ');
  const path = `test/${file}`;
  return !existsSync(path) || !readFileSync(path, 'utf8').includes(name);
}
