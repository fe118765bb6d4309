import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import { compileMapping } from '../../src/mapping/compile.ts';

/**
 * Mapping files of the right form that don't mean anything, and beside each exactly what an operator is told.
 * Written anew with `vitest run -u`; read the difference.
 */
const folder = `${import.meta.dirname}/bad`;

describe('mapping files that contradict the standard or themselves', () => {
  test.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s', async (name) => {
    const reading = readMappingFile(`${folder}/${name}`, name);
    if (!reading.ok) throw new Error(formatDiagnostics(reading.diagnostics));
    const result = compileMapping(reading.file, reading.source);
    expect(result.ok).toBe(false);
    const told = result.ok ? '' : formatDiagnostics(result.diagnostics);
    await expect(`${told}\n`).toMatchFileSnapshot(`./bad/${name.replace('.yaml', '.txt')}`);
  });
});
