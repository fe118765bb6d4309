import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { DISABLED, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

let ldap: OpenLdap;
let folder: ConfigurationFolder;

const DAY = 86_400_000;
const stamp = (daysAgo: number) => `${new Date(Date.now() - daysAgo * DAY).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;

/** Somebody who left so many days ago: only at the server's start can an entry be given its past. */
const leaver = (uid: string, daysAgo: number, parent = DISABLED, objectClass = 'inetOrgPerson') => `
dn: ${objectClass === 'device' ? 'cn' : 'uid'}=${uid},${parent}
objectClass: ${objectClass}
${objectClass === 'device' ? '' : `uid: ${uid}\nsn: L\n`}cn: ${uid}
modifyTimestamp: ${stamp(daysAgo)}
`;

beforeAll(async () => {
  const people = [leaver('old', 91), leaver('recent', 89), leaver('there', 400, PEOPLE), leaver('router', 400, DISABLED, 'device')];
  const parent = [leaver('parent', 200), leaver('child', 1, `uid=parent,${DISABLED}`, 'device')];
  ldap = await startOpenLdap({ ldif: [...people, ...parent].join('') });
});
afterAll(() => ldap.stop());

beforeEach(() => {
  folder = makeConfigurationFolder(bridgeText(ldap.url));
  const mapping = readFileSync(`${folder.path}/mapping.yaml`, 'utf8');
  const line = `  onDelete: { move: { base: '${DISABLED}', rdn: '{ldap:uid}-{id}', purgeAfter: 90d } }`;
  folder.write('mapping.yaml', mapping.replace(/^groups:/m, `${line}\n\n$&`));
});
afterEach(() => folder.remove());

const purge = (...options: readonly string[]) =>
  runMain(['purge', ...options, '--config', folder.file], { env: { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: 'x' } });

const namesIn = async (base: string) => (await ldap.adminSearch(base, '(cn=*)', ['cn'])).map(({ dn }) => dn.split(',')[0]).toSorted();

it('--dry-run says who would go, and touches nothing', async () => {
  const before = await namesIn(DISABLED);
  const { code, stdout, stderr } = await purge('--dry-run');

  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.trim().split('\n').toSorted()).toEqual([
    expect.stringMatching(new RegExp(`^would be removed: uid=old,${DISABLED} \\(last changed \\d{14}Z\\)$`)),
    expect.stringMatching(/^would be removed: uid=parent,/),
  ]);
  expect(await namesIn(DISABLED)).toEqual(before);
});

it('removes whose time is over, says what could not go, and leaves everybody else', async () => {
  const { code, stdout } = await purge();

  expect(code).toBe(1);
  expect(stdout).toMatch(new RegExp(`^removed: uid=old,${DISABLED} `, 'm'));
  expect(stdout).toMatch(new RegExp(`^has entries below it: uid=parent,${DISABLED} `, 'm'));
  expect(await namesIn(DISABLED)).toEqual(['cn=child', 'cn=router', 'uid=parent', 'uid=recent']);
  expect(await namesIn(PEOPLE)).toEqual(['uid=there']);
});

it('says 69 when the directory is away, and 78 for a wrong file', async () => {
  folder.write('bridge.yaml', bridgeText('ldap://127.0.0.1:1'));
  expect((await purge()).code).toBe(69);
  folder.write('bridge.yaml', 'format: 1\n');
  expect((await purge()).code).toBe(78);
});
