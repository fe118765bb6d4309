import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/config/diagnostic.ts';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import { readBridgeFile } from '../../src/config/read-bridge-file.ts';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import { readYaml } from '../../src/config/read-yaml.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yaml-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(text: string): string {
  const path = join(folder, 'file.yaml');
  writeFileSync(path, text);
  return path;
}

describe('readYaml', () => {
  test('leaves every value the text that was typed', () => {
    const reading = readYaml(write('\uFEFFa: TRUE\r\nb: no\r\nc: 01234\r\nd: "1\\t2"\r\ne: |\r\n  x\r\nf: { g: [0x1, ""] }\r\n'), 'f');
    expect(reading).toMatchObject({ ok: true, mistakes: [] });
    expect(reading.ok && { ...(reading.value as object) }).toMatchObject({ a: 'TRUE', b: 'no', c: '01234', d: '1\t2', e: 'x\n' });
  });

  test('counts lines that end in CR LF, and shows them without', () => {
    const reading = readMappingFile(write('format: 1\r\nusres: {}\r\n'), 'f');
    expect(reading.ok ? [] : reading.diagnostics).toMatchObject([{ line: 2, column: 1, length: 5, sourceLine: 'usres: {}' }]);
  });

  test('points into escapes of quoted values', () => {
    const reading = readYaml(write(`a: 'it''s {x}'\nb: "\\u00e9\\t{x}"\nc: >\n  folded {x}\n`), 'f');
    if (!reading.ok) throw new Error('unreadable');
    expect(reading.source.report(['a'], 'value', '', { offset: 5, length: 3 })).toMatchObject({ column: 11, length: 3 });
    expect(reading.source.report(['b'], 'value', '', { offset: 2, length: 3 })).toMatchObject({ column: 13, length: 3 });
    expect(reading.source.report(['c'], 'value', '', { offset: 7, length: 3 })).toMatchObject({ line: 3, column: 4 });
  });
});

/** Whatever happens to a file while it is edited, the answer is a reading or diagnostics that lie within it. */
describe('damaged files', () => {
  const fragments = [
    '{',
    '}',
    '[',
    ']',
    "'",
    '"',
    ': ',
    '#',
    ' #',
    '&a ',
    '*a',
    '!x ',
    '\t',
    '\n',
    '- ',
    '? ',
    '|',
    '---\n',
    '%',
    '@',
    '~',
    '\\',
    '\0',
    '😀',
    ',',
  ];

  test.each([
    ['bridge.yaml', readBridgeFile],
    ['mapping.yaml', readMappingFile],
  ])('%s', (name, read) => {
    const text = readFileSync(`${import.meta.dirname}/good/${name}`, 'utf8');
    const edit = fc.record({ at: fc.nat(text.length), remove: fc.nat(40), insert: fc.constantFrom('', ...fragments) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const damaged = edits.reduce((left, { at, remove, insert }) => left.slice(0, at) + insert + left.slice(at + remove), text);
        const reading = read(write(damaged), 'f');
        const diagnostics: readonly Diagnostic[] = reading.ok ? [] : reading.diagnostics;
        expect(reading.ok || diagnostics.length > 0).toBe(true);
        for (const { line, column, length, sourceLine } of diagnostics) {
          expect(line).toBeLessThanOrEqual(damaged.split('\n').length);
          expect(column + length - 1).toBeLessThanOrEqual(Math.max([...sourceLine].length, column));
        }
        formatDiagnostics(diagnostics);
      }),
      { numRuns: 300 },
    );
  });
});
