import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { GROUPS, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

let ldap: OpenLdap;
let folder: ConfigurationFolder;

const group = (cn: string, ...members: readonly string[]) =>
  `dn: cn=${cn},${GROUPS}\nobjectClass: groupOfNames\ncn: ${cn}\n${members.map((member) => `member: ${member}\n`).join('')}\n`;
const ADA = `uid=ada,${PEOPLE}`;
const NOBODY = 'cn=nobody,dc=example,dc=org';

beforeAll(async () => {
  ldap = await startOpenLdap();
});
afterAll(() => ldap.stop());

beforeEach(async () => {
  await ldap.adminAdd(
    `dn: ${ADA}\nobjectClass: inetOrgPerson\nuid: ada\ncn: ada\nsn: ada\n\n${group('sales', ADA, `uid=bob,${PEOPLE}`)}${group('empty', NOBODY)}${group('admins', `cn=sales2,${GROUPS}`)}${group('sales2', ADA)}`,
  );
  folder = makeConfigurationFolder(bridgeText(ldap.url));
  configure(`  adopt: listed\n\nprotected: { below: ['cn=admins,${GROUPS}'], owned: true }\n`);
});
afterEach(async () => {
  folder.remove();
  await ldap.reset();
});

function configure(lines: string): void {
  const mapping = readFileSync('config/mappings/openldap.yaml', 'utf8');
  folder.write('mapping.yaml', mapping.replace(/^unmapped:/m, `${lines}\n$&`));
  folder.write(
    'bridge.yaml',
    bridgeText(ldap.url).replace(/^admin:/m, `audit: { file: ${folder.path}/audit.log }\nstateDirectory: ${folder.path}/state\n$&`),
  );
}

const adopt = (...options: readonly string[]) =>
  runMain(['adopt', `${folder.path}/dns`, ...options, '--config', folder.file], {
    env: { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: 'x' },
  });

const marked = async () => (await ldap.adminSearch('dc=example,dc=org', '(objectClass=scimObject)', ['cn'])).map(({ dn }) => dn).toSorted();

test('marks what is listed, says who was in it before, leaves the fence alone and a line in the audit trail', async () => {
  folder.write('dns', `# reviewed\ncn=Sales,${GROUPS}\ncn=empty,${GROUPS}\ncn=sales2,${GROUPS}\ncn=gone,${GROUPS}\n${ADA}\n${NOBODY}\n`);
  const dry = await adopt('--dry-run');
  expect([dry.code, await marked()]).toEqual([1, []]);
  expect(dry.stdout).toContain(`would be marked: cn=Sales,${GROUPS} (2 members already)\n`);

  const { code, stdout, stderr } = await adopt();
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    `marked: cn=Sales,${GROUPS} (2 members already)`,
    `marked: cn=empty,${GROUPS} (0 members already)`,
    `protected: cn=sales2,${GROUPS} (1 members already)`,
    `not in the mapping file: cn=gone,${GROUPS}`,
    `protected: ${ADA}`,
    `not in the mapping file: ${NOBODY}`,
    '',
  ]);
  expect(await marked()).toEqual([`cn=empty,${GROUPS}`, `cn=sales,${GROUPS}`]);
  const trail = readFileSync(`${folder.path}/audit.log`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(trail).toHaveLength(2);
  expect(trail[0]).toMatchObject({
    tenant: 'contoso',
    credential: 'operator',
    method: 'ADOPT',
    path: expect.stringMatching(/^\/scim\/v2\/Groups\/[\da-f-]{36}$/),
    dn: `cn=sales,${GROUPS}`,
    changes: [{ kind: 'modify', outcome: 'done', attributes: { objectClass: { added: ['scimObject'] } } }],
    result: { status: 204 },
  });

  const journal = readdirSync(`${folder.path}/state/journal`).map((file) => readFileSync(`${folder.path}/state/journal/${file}`, 'utf8'));
  expect(journal.join('').match(/"scimObject"/g)?.length).toBeGreaterThanOrEqual(2);

  expect((await adopt()).stdout).toContain(`marked already: cn=Sales,${GROUPS}`);
});

test('takes what a rehearsal lists', async () => {
  folder.write('dns', JSON.stringify({ adoptable: [{ dn: `cn=empty,${GROUPS}`, members: 0 }] }));
  expect((await adopt()).code).toBe(0);
  expect(await marked()).toEqual([`cn=empty,${GROUPS}`]);
});

test('users, who are all adopted, are marked only where owned asks for it', async () => {
  await ldap.adminAdd(`dn: uid=eve,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: eve\ncn: eve\nsn: eve\n`);
  folder.write('dns', `uid=eve,${PEOPLE}\n`);
  expect((await adopt()).stdout).toBe(`marked: uid=eve,${PEOPLE}\n`);
  configure('');
  expect((await adopt()).stdout).toBe(`not allowed: uid=eve,${PEOPLE}: all users are adopted as they are (adopt: any)\n`);
});

test('adopt: never is no matter of a command', async () => {
  configure('');
  folder.write('dns', `cn=sales,${GROUPS}\n`);
  const { code, stdout } = await adopt();
  expect(code).toBe(1);
  expect(stdout).toBe(
    `not allowed: cn=sales,${GROUPS} (2 members already): the mapping file says adopt: never of groups, not adopt: listed\n`,
  );
  expect(await marked()).toEqual([]);
});

test('says 64 for another file, 69 when the directory is away, and 78 for a wrong configuration', async () => {
  folder.write('dns', '{"Resources": []}');
  expect((await adopt()).code).toBe(64);
  folder.write('dns', `cn=sales,${GROUPS}\n`);
  expect((await adopt('--tenant', 'fabrikam')).code).toBe(64);
  folder.write('bridge.yaml', bridgeText('ldap://127.0.0.1:1'));
  expect((await adopt()).code).toBe(69);
  folder.write('bridge.yaml', 'format: 1\n');
  expect((await adopt()).code).toBe(78);
});
