import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfigurationFiles } from '../../src/config/load-configuration.ts';
import { bridgeFile } from '../support/bridge-file.ts';

const MAPPING = `format: 1
users:
  base: ou=people,dc=example,dc=org
  filter: (objectClass=user)
  id: { ldap: objectGUID, encoding: guid }
  rdn: cn
  objectClass: [top, user]
  attributes:
    userName: cn
    password: { ldap: unicodePwd, method: METHOD }
`;

function messagesFor(url: string, method: string, directory = ''): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'mapping.yaml'), MAPPING.replace('METHOD', method));
  writeFileSync(join(folder, 'bridge.yaml'), bridgeFile(url, { directory }));
  const loaded = loadConfigurationFiles(join(folder, 'bridge.yaml'));
  return loaded.ok ? [] : loaded.diagnostics.map(({ message, line }) => `${line}: ${message}`);
}

it('refuses passwords of Active Directory over a connection in clear', () => {
  expect(messagesFor('ldap://127.0.0.1:389', 'unicodePwd')).toEqual([
    "10: passwords would go in clear over ldap://127.0.0.1:389, which tenant contoso uses: Active Directory doesn't take them so",
  ]);
});

it.each([
  ['ldaps://ad.example.org', 'unicodePwd', ''],
  ['ldapi://%2Frun%2Fldapi', 'unicodePwd', ''],
  ['ldap://ad.example.org', 'unicodePwd', '    startTls: true'],
  ['ldap://127.0.0.1:389', 'plain', ''],
])('%s with %s is fine %s', (url, method, directory) => {
  expect(messagesFor(url, method, directory)).toEqual([]);
});
