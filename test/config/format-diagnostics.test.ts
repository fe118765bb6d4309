import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/config/diagnostic.ts';
import { formatDiagnostics, formatDiagnosticsAsJson } from '../../src/config/format-diagnostics.ts';

const diagnostic: Diagnostic = { severity: 'error', file: 'a.yaml', line: 1, column: 1, length: 1, sourceLine: 'x', message: 'no' };

test('sorts by the order of files, then by place', () => {
  const formatted = formatDiagnostics([
    { ...diagnostic, file: 'b.yaml', line: 12, column: 3, severity: 'warning' },
    { ...diagnostic, line: 2, help: 'do' },
    { ...diagnostic, file: 'b.yaml', line: 9, column: 1 },
  ]);
  expect(formatted).toBe(`b.yaml:9:1: error: no
  9 | x
    | ^

b.yaml:12:3: warning: no
  12 | x
     |  ^

a.yaml:2:1: error: no
  2 | x
    | ^
    help: do`);
});

test('puts carets under wide, combining and tabulated characters', () => {
  const sourceLine = '\t日e\u0301: 本語';
  expect(formatDiagnostics([{ ...diagnostic, sourceLine, column: 7, length: 2 }])).toBe(
    `a.yaml:1:7: error: no\n  1 | ${sourceLine}\n    | \t     ^^^^`,
  );
});

test('shows no source where there is none', () => {
  expect(formatDiagnostics([{ ...diagnostic, sourceLine: '' }])).toBe('a.yaml:1:1: error: no');
  expect(formatDiagnostics([])).toBe('');
});

test('is an array of objects for machines, in the same order', () => {
  expect(JSON.parse(formatDiagnosticsAsJson([{ ...diagnostic, line: 2, help: 'do' }, diagnostic]))).toEqual([
    diagnostic,
    { ...diagnostic, line: 2, help: 'do' },
  ]);
  expect(formatDiagnosticsAsJson([])).toBe('[]');
});
