import { readFileSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { captureOutput } from './support/capture-output.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

const SHIPPED = readFileSync('config/mappings/openldap.yaml', 'utf8');

let folder: ConfigurationFolder | undefined;

afterEach(() => {
  folder?.remove();
  folder = undefined;
});

function makeFolder(bridge = bridgeText('ldap://127.0.0.1:1')): ConfigurationFolder {
  folder = makeConfigurationFolder(bridge);
  return folder;
}

/** One more tenant, at the end of a bridge.yaml. */
function tenantText(name: string, mapping: string): string {
  return `  ${name}: { directory: corp, mapping: ${mapping}, auth: { tokens: [{ name: t, hash: 'sha256:${'0'.repeat(64)}' }] } }\n`;
}

describe('check', () => {
  it('takes the configuration that is shipped, where it lies', async () => {
    const { code, stdout, stderr } = await runMain(['check']);

    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^config\/bridge\.yaml is in order\ncontoso: \/scim\/v2, \d\d attributes of users, 3 of groups\n$/);
  });

  it('notes that moves should leave traces, where no state directory is named', async () => {
    const mapping = SHIPPED.replace(/^examples:[^]*/m, '').replace(
      /^groups:/m,
      `  onDelete: { move: { base: 'ou=left,dc=example,dc=org', rdn: '{id}' } }\n$&`,
    );
    const { file, write } = makeFolder();
    write('mapping.yaml', mapping);
    const { code, stderr } = await captureOutput(() => check(file));
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/note: it moves entries[^]*mapping: mapping\.yaml[^]*help: set stateDirectory/),
    ]);

    write('bridge.yaml', `${bridgeText('ldap://127.0.0.1:1')}stateDirectory: state\n`);
    expect((await captureOutput(() => check(file))).stderr).toBe('');
  });

  it.each([
    [
      'outside the bases',
      'dc=elsewhere',
      /error: it lies below no base of the tenant's mapping file[^]*dc=elsewhere[^]*help: one of, or below one of: ou=people/,
    ],
    ['above the bases', 'dc=example,dc=org', /error: it lies below no base/],
    ['that is no DN', 'people', /error: not a DN/],
    ['below one of them', 'ou=paris,OU=People,dc=example,dc=org', /^$/],
  ])('judges the base of a credential %s', async (_what, base, told) => {
    const token = `[{ name: t, base: '${base}', hash: 'sha256:${'0'.repeat(64)}' }]`;
    const { file } = makeFolder(
      `${bridgeText('ldap://127.0.0.1:1')}  other: { directory: corp, mapping: mapping.yaml, auth: { tokens: ${token} } }\n`,
    );
    expect((await captureOutput(() => check(file))).stderr).toMatch(told);
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

  it('says all of them in file order, also when one file is wrong by form and another by meaning', async () => {
    const { file, path, write } = makeFolder(
      bridgeText('ldap://127.0.0.1:1', {}).replace('log:', 'logg:').replace('admin: 127.0.0.1:0', 'admin: 0.0.0.0:0') +
        tenantText('fabrikam', 'other.yaml') +
        tenantText('third', 'mapping.yaml') +
        tenantText('fourth', 'nowhere.yaml'),
    );
    write('mapping.yaml', SHIPPED.replace('title: ', 'titel: '));
    write('other.yaml', SHIPPED.replace('displayName: ', 'displayName: { ldap: displayName, mutabilty: readOnly } #'));
    const { code, stderr } = await captureOutput(() => check(file));

    expect(code).toBe(78);
    expect(stderr.match(/^\/.*: error: .*$/gm)?.map((line) => line.replace(`${path}/`, '').replace(/:\d+:\d+/, ''))).toEqual([
      'bridge.yaml: error: the admin listener asks nobody who they are: other machines must not reach it',
      `bridge.yaml: error: ${path}/nowhere.yaml cannot be read: no such file`,
      expect.stringMatching(/^mapping\.yaml: error: .*titel/),
      expect.stringMatching(/^other\.yaml: error: .*mutabilty/),
    ]);
    expect(stderr).toMatch(/\n4 mistakes\n$/);
  });

  it('runs the examples of the files that are right beside the others', async () => {
    const { file, write } = makeFolder(bridgeText('ldap://127.0.0.1:1') + tenantText('fabrikam', 'other.yaml'));
    const example = 'examples:\n  - { name: one, request: GET /Users?filter=userName eq "x", search: (uid=y) }\n';
    write('other.yaml', `${SHIPPED.replace(/^examples:[^]*/m, '')}${example}`);
    write('mapping.yaml', SHIPPED.replace('title: ', 'titel: '));
    const { code, stderr } = await captureOutput(() => check(file));

    expect(code).toBe(78);
    expect(stderr).toMatch(/mapping\.yaml:\d+:\d+: error: .*titel[^]*other\.yaml:\d+:\d+: error: example "one"/);
  });

  it('--json says the same for machines, an empty list when all is in order', async () => {
    const { file, path, write } = makeFolder();
    const good = await captureOutput(() => check(file, { json: true }));
    expect([good.code, good.stdout, good.stderr]).toEqual([0, '[]\n', '']);

    write('mapping.yaml', SHIPPED.replace('title: ', 'titel: '));
    const { code, stdout, stderr } = await captureOutput(() => check(file, { json: true }));
    expect([code, stderr]).toEqual([78, '']);
    const line = SHIPPED.split('\n').findIndex((each) => each.includes('title: ')) + 1;
    expect(JSON.parse(stdout)).toEqual([
      {
        severity: 'error',
        file: `${path}/mapping.yaml`,
        line,
        column: 5,
        length: 5,
        sourceLine: expect.stringContaining('titel'),
        message: expect.stringContaining('titel'),
        help: 'did you mean "title"?',
      },
    ]);
  });

  it('--base-dir: paths in a file under a temporary name are those of the place where it goes', async () => {
    const { path, write } = makeFolder();
    const elsewhere = makeConfigurationFolder(bridgeText('ldap://127.0.0.1:1'));
    rmSync(`${elsewhere.path}/mapping.yaml`);
    const alone = await runMain(['check', '--config', elsewhere.file]);
    const placed = await runMain(['check', '--config', elsewhere.file, '--base-dir', path]);
    write('mapping.yaml', SHIPPED.replace('title: ', 'titel: '));
    const wrong = await runMain(['check', '--config', elsewhere.file, '--base-dir', path]);
    elsewhere.remove();

    expect([alone.code, alone.stderr]).toEqual([78, expect.stringContaining('mapping.yaml cannot be read: no such file')]);
    expect([placed.code, placed.stderr]).toEqual([0, '']);
    expect([wrong.code, wrong.stderr]).toEqual([78, expect.stringContaining(`${path}/mapping.yaml:`)]);
  });

  it('takes tenants that share a mapping file, and tells its mistakes once', async () => {
    const { file, write } = makeFolder(bridgeText('ldap://127.0.0.1:1') + tenantText('fabrikam', 'mapping.yaml'));
    const good = await captureOutput(() => check(file));
    expect(good.stdout).toMatch(/\ncontoso: \/scim\/v2, .*\nfabrikam: \/fabrikam\/scim\/v2, .*\n$/);

    write('mapping.yaml', SHIPPED.replace('title: ', 'titel: '));
    expect((await captureOutput(() => check(file))).stderr).toMatch(/\n1 mistake\n$/);
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

  it('says 78 for an example that does not come true, and where', async () => {
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
    userName: { ldap: uid, required: true }
examples:
  - name: a search by name
    request: GET /Users?filter=userName eq "ada"
    search: (&(objectClass=inetOrgPerson)(cn=ada))
`,
    );
    const { code, stderr } = await captureOutput(() => check(file));

    expect(code).toBe(78);
    expect(stderr).toContain(`${path}/mapping.yaml:13:5: error: example "a search by name": the request searches otherwise\n`);
    expect(stderr).toMatch(/^ +- \(&\(cn=ada\).*\n +\+ .*\(uid=ada\)\)$/m);
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
