import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';

/** The body of an example is what would be sent: YAML's core schema, and JSON as text (decisions 26). Nothing else in the file is. */

const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-bodies-'));
afterAll(() => rmSync(folder, { recursive: true }));

function readBody(lines: string) {
  const path = join(folder, 'mapping.yaml');
  writeFileSync(
    path,
    `format: 1
users: { base: dc=x, filter: (a=b), id: entryUUID, rdn: uid, objectClass: [top], attributes: { userName: uid } }
examples:
  - name: 'true'
    request: POST /Users
    answer: 201
    body: ${lines}
`,
  );
  const reading = readMappingFile(path, 'mapping.yaml');
  return reading.ok ? reading.file.examples?.[0] : formatDiagnostics(reading.diagnostics);
}

test.each([
  ['{ a: true, b: False, c: null, d: ~ }', { a: true, b: false, c: null, d: null }],
  ['{ a: \'true\', b: "null", c: no, d: yes }', { a: 'true', b: 'null', c: 'no', d: 'yes' }],
  ['{ a: 12, b: -1.5, c: 1e3, d: 0x1f, e: 01234 }', { a: 12, b: -1.5, c: 1000, d: 31, e: 1234 }],
  ['{ a: +44 20 5550100, b: 2027-01-01, c: 1.2.3, d: .inf }', { a: '+44 20 5550100', b: '2027-01-01', c: '1.2.3', d: '.inf' }],
  ['[{ a: [] }, {}]', [{ a: [] }, {}]],
  ['\'{"a": true}\'', { a: true }],
  ['\n      a:\n        - b: 1\n          c: |\n            two\n            lines\n', { a: [{ b: 1, c: 'two\nlines\n' }] }],
])('%j', (yaml, json) => {
  const example = readBody(yaml);
  expect(example).toMatchObject({ name: 'true', answer: { status: 201 } });
  expect(JSON.parse(typeof example === 'object' ? (example.body ?? '') : '')).toEqual(json);
});

describe('what is refused all the same', () => {
  test.each([
    ['{ a: &x 1 }', 'anchors (&name) are not allowed'],
    ['{ a: !!str 1 }', 'tags (!name) are not allowed'],
    ['{ a: *x }', 'aliases (*name) are not allowed'],
    ['{ a: 1, a: 2 }', '"a" stands here twice'],
    ['{ a: }', '"a" has no value'],
    ['{ __proto__: 1 }', 'unknown key "__proto__"'],
  ])('%s: %s', (yaml, message) => {
    expect(readBody(yaml)).toContain(message);
  });
});
