import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenLdap, startOpenLdap } from '../support/openldap.ts';
import { bridgeText, runMain } from './support/run-main.ts';

/** Every command of docs/explain.md, run as it stands; what it prints is what the page says. `…` stands for anything. */
const PAGE = readFileSync('docs/explain.md', 'utf8');

const files = [...PAGE.matchAll(/^`([\w.]+)`[^]*?^```\w+\n([^]*?)^```$/gm)].map(([, name = '', text = '']) => ({ name, text }));
const commands = [...PAGE.matchAll(/^```console\n\$ scim-ldap-bridge (.*)\n([^]*?)^```$/gm)].map(([, line = '', output = '']) => ({
  line,
  output,
}));

let ldap: OpenLdap;
let folder: string;

beforeAll(async () => {
  ldap = await startOpenLdap();
  folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-page-'));
  mkdirSync(join(folder, 'config'));
  symlinkSync(resolve('config/mappings'), join(folder, 'config/mappings'));
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await ldap.stop();
});

test('the page has files and commands', () => {
  expect(files.map(({ name }) => name)).toEqual(['ada.json', 'mara.ldif', 'off.json']);
  expect(commands.length).toBeGreaterThanOrEqual(6);
});

test.for(commands)('$line', async ({ line, output }) => {
  if (line.includes('--online')) {
    const text = bridgeText(ldap.url).replace('mapping: mapping.yaml', 'mapping: mappings/openldap.yaml');
    writeFileSync(join(folder, 'config/bridge.yaml'), text);
  } else {
    copyFileSync('config/bridge.yaml', join(folder, 'config/bridge.yaml'));
  }
  const env = { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: 'unused' };
  const { code, stdout, stderr } = await runMain(wordsOf(line), { cwd: folder, env });

  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(patternOf(output));
});

/** As a shell splits them; the page quotes with single quotes. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function patternOf(output: string): RegExp {
  const lines = output.split('\n').slice(0, -1);
  const parts = lines.map((line) => (line === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(escapePattern).join('.*')}\\n`));
  return new RegExp(`^${parts.join('')}$`);
}

function escapePattern(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
