import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import { readBridgeFile } from '../../src/config/read-bridge-file.ts';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import { runExamples } from '../../src/explain/run-examples.ts';
import { compileMapping } from '../../src/mapping/compile.ts';

/** Each broken file and, beside it, exactly what an operator is told. Written anew with `vitest run -u`; read the difference. */
const folder = `${import.meta.dirname}/bad`;

describe('broken configuration files', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

  test.each(names)('%s', async (name) => {
    const read = name.startsWith('bridge-') ? readBridgeFile : readAndCompile;
    const reading = await read(`${folder}/${name}`, name);
    expect(reading.ok).toBe(false);
    const told = reading.ok ? '' : formatDiagnostics(reading.diagnostics);
    await expect(`${told}\n`).toMatchFileSnapshot(`./bad/${name.replace('.yaml', '.txt')}`);
  });
});

/** As `check` does: the meaning is looked at once the form is right, and the examples once there is a meaning. */
async function readAndCompile(path: string, name: string): Promise<ReturnType<typeof compileMapping>> {
  const reading = readMappingFile(path, name);
  const compiled = reading.ok ? compileMapping(reading.file, reading.source) : reading;
  if (!reading.ok || !compiled.ok) return compiled;
  const diagnostics = await runExamples(reading.file, compiled.plan, reading.source);
  return diagnostics.length === 0 ? compiled : { ok: false, diagnostics };
}
