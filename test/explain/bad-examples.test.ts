import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import { runExamples } from '../../src/explain/run-examples.ts';
import { compileMapping } from '../../src/mapping/compile.ts';

const FOLDER = join(import.meta.dirname, 'bad');

test.for(readdirSync(FOLDER).filter((file) => file.endsWith('.yaml')))('%s is told where its examples do not come true', async (file) => {
  const reading = readMappingFile(join(FOLDER, file), file);
  if (!reading.ok) throw new Error(formatDiagnostics(reading.diagnostics));
  const compiled = compileMapping(reading.file, reading.source);
  if (!compiled.ok) throw new Error(formatDiagnostics(compiled.diagnostics));
  const told = formatDiagnostics(await runExamples(reading.file, compiled.plan, reading.source));
  await expect(`${told}\n`).toMatchFileSnapshot(join(FOLDER, file.replace('.yaml', '.txt')));
});
