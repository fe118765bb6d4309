import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BRIDGE_PASSWORD, GROUPS, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

/** The commands in the shell blocks of a page, in their order. */
function commandsIn(page: string): readonly string[] {
  const blocks = readFileSync(`docs/${page}`, 'utf8').matchAll(/^```sh\n([^]*?)^```$/gm);
  return [...blocks].flatMap(([, block = '']) => block.trim().split('\n'));
}

let ldap: OpenLdap;
let folder: ConfigurationFolder;

beforeAll(async () => {
  ldap = await startOpenLdap({
    ldif: `dn: uid=ada,${PEOPLE}
objectClass: inetOrgPerson
uid: ada
cn: Ada
sn: Lovelace

dn: cn=staff,${GROUPS}
objectClass: groupOfNames
cn: staff
member: uid=ada,${PEOPLE}
`,
  });
  folder = makeConfigurationFolder(bridgeText(ldap.url));
  writeFileSync(`${folder.path}/ldap-bind`, `${BRIDGE_PASSWORD}\n`);
});

afterAll(async () => {
  folder.remove();
  await ldap.stop();
});

describe.each(['check-online.md', 'init.md'])('docs/%s', (page) => {
  test.each(commandsIn(page))('%s', async (command) => {
    const [program, ...words] = command.split(' ');
    expect(program).toBe('scim-ldap-bridge');
    // What the page writes in the reader's place stands in a folder of our own here.
    const args = words.map((word) =>
      word === 'ldaps://ldap.example.org' ? ldap.url : word === 'mapping.yaml' ? `drafted-${page}.yaml` : word,
    );
    const env = { LDAP_PASSWORD: BRIDGE_PASSWORD, SCIM_TOKEN: 'a-token' };
    expect(await runMain(args, { cwd: folder.path, env })).toMatchObject({ code: 0 });
  });
});

test('docs/check-online.md shows a finding as it is printed', async () => {
  const shipped = readFileSync('config/mappings/openldap.yaml', 'utf8').split(/^examples:$/m)[0] ?? '';
  folder.write('mapping.yaml', shipped.replace(/^( +title: +)title$/m, '$1titel'));
  const env = { LDAP_PASSWORD: BRIDGE_PASSWORD, SCIM_TOKEN: 'a-token' };
  const { code, stderr } = await runMain(['check', '--online', '--config', 'bridge.yaml'], { cwd: folder.path, env });
  const [, shown = ''] = /^```\n(mapping\.yaml[^]*?)^```$/m.exec(readFileSync('docs/check-online.md', 'utf8')) ?? [];
  const withoutNumbers = (text: string) => text.replaceAll(/\b\d+(?=:| \|)/g, 'N');
  expect(code).toBe(78);
  expect(withoutNumbers(stderr)).toContain(withoutNumbers(shown.trim()));
});
