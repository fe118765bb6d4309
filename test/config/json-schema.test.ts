import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fromJSONSchema } from 'zod';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import { jsonSchemas } from '../../src/config/json-schema.ts';
import { BRIDGE_KEYS, MAPPING_KEYS, USUAL_PATHS } from '../../src/config/key-descriptions.ts';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import { compileMapping } from '../../src/mapping/compile.ts';

/** The schema that is shipped, as an editor uses it: over what YAML's core schema makes of a file. */
function editorFinds(name: string, text: string): readonly string[] {
  const form = fromJSONSchema(JSON.parse(readFileSync(`config/${name}.schema.json`, 'utf8')) as Parameters<typeof fromJSONSchema>[0]);
  const result = form.safeParse(parse(text));
  return result.success ? [] : result.error.issues.map(({ path }) => path.join(' '));
}

describe('the JSON Schemas for editors', () => {
  test.each([...jsonSchemas()])('config/%s.schema.json is in step; npm run build writes it anew', (name, schema) => {
    expect(JSON.parse(readFileSync(`config/${name}.schema.json`, 'utf8'))).toEqual(schema);
  });

  const shipped = ['config/bridge.yaml', ...globSync('config/mappings/*.yaml')];
  test.each(shipped)('%s names its schema and fits it', (file) => {
    const text = readFileSync(file, 'utf8');
    const [, schema = ''] = /^# yaml-language-server: \$schema=(.*)\n/.exec(text) ?? [];

    expect(join(dirname(file), schema)).toBe(file.includes('mappings/') ? 'config/mapping.schema.json' : 'config/bridge.schema.json');
    expect(existsSync(join(dirname(file), schema))).toBe(true);
    expect(editorFinds(file.includes('mappings/') ? 'mapping' : 'bridge', text)).toEqual([]);
  });

  test.each(['bridge', 'mapping'])('test/config/good/%s.yaml fits', (name) => {
    expect(editorFinds(name, readFileSync(`test/config/good/${name}.yaml`, 'utf8'))).toEqual([]);
  });

  test.each([
    ['bridge', 'an unknown key', /^log: /m, 'logg: ', ''],
    ['bridge', 'a word that is none', /^log: \w+/m, 'log: loud', 'log'],
    ['bridge', 'a secret in place', /bindPassword: .*/, 'bindPassword: hunter2', 'directories corp'],
    ['bridge', 'a number that is too great', /connections: \d+/, 'connections: 99', 'directories corp connections'],
    ['bridge', 'a missing key', /^ +directory: corp\n/m, '', 'tenants contoso directory'],
    ['mapping', 'an unknown key', /^ {2}rdn: /m, '  rdnn: ', 'users'],
    ['mapping', 'a mistyped key of a line', 'required: true', 'requird: true', 'users attributes userName'],
    ['mapping', 'a word that is none', 'unresolved: ignore', 'unresolved: maybe', 'users attributes'],
    ['mapping', 'a list in the place of a text', /^ {2}filter: .*/m, '  filter: [a]', 'users filter'],
    ['mapping', 'another format', 'format: 1', 'format: 2', 'format'],
  ] as const)('%s: %s is underlined', (name, _what, sought, replacement, place) => {
    const good = readFileSync(name === 'bridge' ? 'config/bridge.yaml' : 'config/mappings/openldap.yaml', 'utf8');
    const bad = good.replace(sought, replacement);
    expect(bad).not.toBe(good);

    expect(editorFinds(name, bad)).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`^${place}`))]));
  });

  test.each([
    ['bridge', BRIDGE_KEYS],
    ['mapping', MAPPING_KEYS],
  ] as const)('%s: every key that is explained is there', (name, keys) => {
    const text = readFileSync(`config/${name}.schema.json`, 'utf8');
    for (const [key, description] of keys) expect([key, text.includes(JSON.stringify(description))]).toEqual([key, true]);
  });

  test('every path that is offered can be mapped', () => {
    const lines = (paths: readonly string[], named: string) =>
      paths.map((path) => `    ${path}: ${path === named ? 'cn' : (LINES.get(path) ?? `attribute${paths.indexOf(path)}`)}\n`).join('');
    const section = (name: string, paths: readonly string[], named: string) =>
      `${name}:\n  base: dc=example\n  filter: (cn=*)\n  id: entryUUID\n  rdn: cn\n  objectClass: top\n  attributes:\n${lines(paths, named)}`;
    const text = `format: 1\n${section('users', USUAL_PATHS.users, 'userName')}${section('groups', USUAL_PATHS.groups, 'displayName')}`;
    const file = join(mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-paths-')), 'mapping.yaml');
    writeFileSync(file, text);
    const reading = readMappingFile(file, 'mapping.yaml');
    rmSync(dirname(file), { recursive: true });
    const result = reading.ok ? compileMapping(reading.file, reading.source) : reading;

    expect(formatDiagnostics(result.diagnostics)).toBe('');
  });
});

/** What a plain word doesn't do for. */
const LINES: ReadonlyMap<string, string> = new Map([
  ['active', '{ ldap: lock, inactive: x }'],
  ['password', '{ ldap: userPassword, method: plain }'],
  ['groups', '{ ldap: memberOf, refersTo: groups, mutability: readOnly }'],
  ['members', '{ ldap: member, refersTo: users }'],
  ['emails[type eq "work"].primary', '{ constant: true }'],
  ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager', '{ ldap: manager, refersTo: users }'],
]);
