import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import { runExamples } from '../../src/explain/run-examples.ts';
import { compileMapping } from '../../src/mapping/compile.ts';

/** Every mapping file that is shipped, and every edit of one of its lines: `check` has something to say of each. */

const SHIPPED = 'config/mappings';
const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-mutants-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What `check` says of a mapping file, up to the first example that doesn't come true; empty: it is in order. */
async function told(text: string): Promise<string> {
  const file = join(folder, 'mapping.yaml');
  writeFileSync(file, text);
  const reading = readMappingFile(file, 'mapping.yaml');
  if (!reading.ok) return formatDiagnostics(reading.diagnostics);
  const compiled = compileMapping(reading.file, reading.source);
  if (!compiled.ok) return formatDiagnostics(compiled.diagnostics);
  for (const example of reading.file.examples ?? []) {
    const failed = await runExamples({ ...reading.file, examples: [example] }, compiled.plan, reading.source);
    if (failed.length > 0) return formatDiagnostics(failed);
  }
  return '';
}

interface Mutant {
  readonly title: string;
  readonly text: string;
}

/** Leaving these out means what they say. */
const SAYS_THE_DEFAULT = /^(unmapped|unknown): ignore\b/;

/** The file without one of its lines, and with one word of one of its lines exchanged. */
function mutantsOf(text: string): readonly Mutant[] {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => line.startsWith('examples:'));
  const settings = lines.slice(0, end < 0 ? undefined : end);
  return settings.flatMap((line, index): readonly Mutant[] => {
    if (/^\s*(#|$)/.test(line)) return [];
    const title = line.trim().replaceAll(/\s+/g, ' ');
    const deleted = SAYS_THE_DEFAULT.test(line) ? [] : [{ title: `without ${title}`, text: lines.toSpliced(index, 1).join('\n') }];
    const altered = alterationOf(line);
    return altered === undefined || altered === line
      ? deleted
      : [...deleted, { title: `${altered.trim().replaceAll(/\s+/g, ' ')} for ${title}`, text: lines.with(index, altered).join('\n') }];
  });
}

/** Where the server hashes, it knows by itself in which attribute. */
const CHANGES_NOTHING = /method: passwordModify/;

/** Another attribute, base, word or template in place of the one that a line has. */
function alterationOf(line: string): string | undefined {
  const [, start = '', value = ''] = /^(\s*\S.*?:\s+)(\S.*)$/.exec(line.replace(/\s+#.*/, '')) ?? [];
  if (value === '' || CHANGES_NOTHING.test(line)) return undefined;
  if (SAYS_THE_DEFAULT.test(line)) return `${start}reject`;
  const altered = value
    .replace(/(ldap|inactive|constant|whenEmpty|base): '?([^,'} ]+)/, (_all, key: string, word: string) => `${key}: '${otherWord(word)}`)
    .replace(/('[^',}]*)(?=[,}])(?!')/, "$1'")
    .replaceAll("''", "'");
  if (altered !== value) return `${start}${altered}`;
  if (value.startsWith('[')) return `${start}${value.replace(/\w+(?=\W*\]$)/, 'extensibleObject')}`;
  return `${start}${otherWord(value)}`;
}

function otherWord(word: string): string {
  if (word === 'true') return 'false';
  if (/^[\w-]+=/.test(word)) return word.replace('=', '=x');
  if (word.startsWith('(')) return word.replace('=', '=x');
  return word === 'description' ? 'carLicense' : /^\d/.test(word) ? `1${word.slice(1)}` : 'description';
}

describe.each(readdirSync(SHIPPED))('%s', (file) => {
  const text = readFileSync(join(SHIPPED, file), 'utf8');

  test('its examples come true', async () => {
    expect(await told(text)).toBe('');
  });

  test('no line of it can be left out or altered without a word from check', { timeout: 180_000 }, async () => {
    const survivors: string[] = [];
    for (const mutant of mutantsOf(text)) if ((await told(mutant.text)) === '') survivors.push(mutant.title);
    expect(survivors).toEqual([]);
  });
});
