import { afterEach, describe, expect, it } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { captureOutput } from './support/capture-output.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

let folder: ConfigurationFolder | undefined;

afterEach(() => {
  folder?.remove();
  folder = undefined;
});

function makeFolder(bridge = bridgeText('ldap://127.0.0.1:1')): ConfigurationFolder {
  folder = makeConfigurationFolder(bridge);
  return folder;
}

describe('check', () => {
  it('takes the configuration that is shipped, where it lies', async () => {
    const { code, stdout, stderr } = await runMain(['check']);

    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^config\/bridge\.yaml is in order\ncontoso: \/scim\/v2, \d\d attributes of users, 3 of groups\n$/);
  });

  it('needs neither the secrets nor the network', async () => {
    const { file } = makeFolder();
    const { code, stdout } = await captureOutput(() => check(file));

    expect([code, stdout]).toEqual([0, expect.stringContaining(`${file} is in order`)]);
  });

  it('says 78 and all that is wrong at once, with line, column, caret and the way out', async () => {
    const { file, path, write } = makeFolder();
    write(
      'mapping.yaml',
      `format: 1
users:
  base: ou=people,dc=example,dc=org
  filter: (objectClass=inetOrgPerson)
  id: entryUUID
  rdn: uid
  objectClass: [top, inetOrgPerson]
  attributes:
    userNam: uid
    displayName: { ldap: displayName, mutabilty: readOnly }
`,
    );
    const { code, stdout, stderr } = await captureOutput(() => check(file));

    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toContain(`${path}/mapping.yaml:10:`);
    expect(stderr).toMatch(/^ *\| +\^+$/m);
    expect(stderr).toContain('did you mean "mutability"?');
    expect(stderr).toMatch(/\d+ mistakes?\n$/);
  });

  it('says what the mapping language cannot say, after the form is right', async () => {
    const { file, write } = makeFolder();
    write(
      'mapping.yaml',
      `format: 1
users:
  base: ou=people,dc=example,dc=org
  filter: (objectClass=inetOrgPerson)
  id: entryUUID
  rdn: uid
  objectClass: [top, inetOrgPerson]
  attributes:
    userName: { ldap: uid, required: true }
    userNam: title
    displayName: cn
    title: cn
`,
    );
    const { code, stderr } = await captureOutput(() => check(file));

    expect(code).toBe(78);
    expect(stderr).toContain('mapping.yaml:10:');
    expect(stderr).toContain('mapping.yaml:12:');
    expect(stderr).toMatch(/\n2 mistakes\n$/);
  });

  it.each([
    ['that is not there', (made: ConfigurationFolder) => `${made.path}/nowhere.yaml`, /nowhere\.yaml/],
    ['that is a folder', (made: ConfigurationFolder) => made.path, /./],
  ])('says 78 for a file %s', async (_what, pathOf, message) => {
    const { code, stderr } = await captureOutput(() => check(pathOf(makeFolder())));

    expect(code).toBe(78);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it('never repeats a secret that is written in place', async () => {
    const { file } = makeFolder(
      bridgeText('ldap://127.0.0.1:1')
        .replace('{ env: LDAP_PASSWORD }', 'plain-secret-1')
        .replace('secret: { env: SCIM_TOKEN }', 'secret: plain-secret-2'),
    );
    const { code, stdout, stderr } = await captureOutput(() => check(file));

    expect(code).toBe(78);
    expect(`${stdout}${stderr}`).not.toContain('plain-secret');
    expect(stderr).toMatch(/never written in place/);
  });
});
