import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Document, isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { checkService, withExamples } from '../../src/cli/load-service.ts';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import { bridgeFile } from '../support/bridge-file.ts';

/** Every snippet of docs/mapping.md, put where the page says it goes: into the shipped file. It must compile, and its examples come true. */
const PAGE = readFileSync('docs/mapping.md', 'utf8');
const SHIPPED = readFileSync('config/mappings/openldap.yaml', 'utf8');

interface Snippet {
  readonly task: string;
  readonly text: string;
}

function snippetsOf(page: string): readonly Snippet[] {
  const snippets: Snippet[] = [];
  let task = '';
  for (const [, heading, text] of page.matchAll(/^#{2,3} (.*)$|^```yaml\n([^]*?)^```$/gm)) {
    if (heading !== undefined) task = heading;
    if (text !== undefined) snippets.push({ task, text });
  }
  return snippets;
}

/** Sections are joined, a line takes the place of the one with its name, and a line that is commented out with "take out" goes. */
function putInto(shipped: string, { text }: Snippet): string {
  const document = parse(shipped);
  document.delete('examples');
  joinMaps(document.contents as YAMLMap, parse(text).contents as YAMLMap, 2);
  for (const [section, path] of takenOut(text)) expect(document.deleteIn([section, 'attributes', path])).toBe(true);
  return document.toString();
}

/** The lines that are to be deleted, each in the section whose snippet says so. */
function takenOut(text: string): readonly (readonly [section: string, path: string])[] {
  return text.split(/^(?=\S)/m).flatMap((part) => {
    const [section = ''] = part.split(':');
    return [...part.matchAll(/^ +# (.*): +take out$/gm)].map(([, path = '']) => [section, path] as const);
  });
}

function joinMaps(into: YAMLMap, from: YAMLMap, levels: number): void {
  for (const { key, value } of from.items) {
    const name = isScalar(key) ? key.value : key;
    const present = into.get(name, true);
    if (levels > 0 && isMap(present) && isMap(value)) joinMaps(present, value, levels - 1);
    else into.set(name, value);
  }
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, { schema: 'failsafe' });
}

/** What `check` says of a mapping file. */
async function check(mapping: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-guide-'));
  try {
    writeFileSync(join(folder, 'mapping.yaml'), mapping);
    writeFileSync(join(folder, 'bridge.yaml'), bridgeFile('ldaps://ldap.example.org'));
    const { diagnostics } = await withExamples(checkService(join(folder, 'bridge.yaml')));
    return formatDiagnostics(diagnostics.filter(({ severity }) => severity === 'error')).replaceAll(`${folder}/`, '');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('docs/mapping.md', () => {
  const snippets = snippetsOf(PAGE);

  test.each(snippets.map((snippet) => [snippet.task, snippet] as const))('%s', async (_task, snippet) => {
    const mapping = putInto(SHIPPED, snippet);

    expect(await check(mapping)).toBe('');
    expect(parse(snippet.text).get('examples')).toBeDefined();
  });

  test('an example that is wrong would be found', async () => {
    const [snippet] = snippets;
    const wrong = snippet?.text.replace(/^( +)ldif: \|$/m, "$1ldif: ''\n$1entry: |") ?? '';
    expect(await check(putInto(SHIPPED, { task: '', text: wrong }))).not.toBe('');
  });
});
