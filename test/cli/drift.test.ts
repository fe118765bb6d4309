import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { loadService } from '../../src/cli/load-service.ts';
import { type Service, startService } from '../../src/cli/start-service.ts';
import type { Drift } from '../../src/journal/find-drift.ts';
import { parseLdif } from '../../src/ldap/parse-ldif.ts';
import { GROUPS, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

/** What others change behind our back is found, all of it and nothing else. */

const TOKEN = 'a-token-for-the-tests';

let ldap: OpenLdap;
let state: string;
let folder: ConfigurationFolder;
let service: Service;
beforeAll(async () => {
  ldap = await startOpenLdap();
});
afterAll(() => ldap.stop());
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-state-'));
  folder = makeConfigurationFolder(`${bridgeText(ldap.url)}audit: { file: /dev/null }\n`);
  const loaded = loadService(folder.file, environment());
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  service = await startService(loaded.service, pino({ level: 'silent' }));
});
afterEach(async () => {
  await service.stop();
  folder.remove();
  rmSync(state, { recursive: true });
  await ldap.reset();
});

const environment = () => ({ LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN, STATE_DIRECTORY: state });
const run = (...args: readonly string[]) => runMain(['drift', '--config', folder.file, ...args], { env: environment() });

async function drifts(): Promise<readonly Drift[]> {
  const { stdout, stderr } = await run('--json');
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Drift => JSON.parse(line));
}

async function send(method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' };
  const response = await fetch(`${service.url}/scim/v2${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.status).toBeLessThan(300);
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

const replace = (value: object) => ({ Operations: [{ op: 'replace', value }] });
const members = (op: string, ids: readonly string[]) => ({ Operations: [{ op, path: 'members', value: ids.map((value) => ({ value })) }] });
const MANAGER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';

async function createUsers(count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = { familyName: `Family ${index}`, givenName: 'Given' };
    ids.push(
      (await send('POST', '/Users', { userName: `user${index}`, displayName: `Display ${index}`, name, title: 'Title', nickName: 'Nick' }))
        .id,
    );
  }
  return ids;
}

it('finds 1,000 edits by others, and invents none', async () => {
  const ids = await createUsers(260);
  const group = (await send('POST', '/Groups', { displayName: 'all', members: ids.slice(0, 200).map((value) => ({ value })) })).id;
  for (const id of ids.slice(0, 40)) await send('PATCH', `/Users/${id}`, replace({ title: 'New title', nickName: 'New nick' }));
  await send('PATCH', `/Groups/${group}`, members('remove', ids.slice(0, 10)));
  await send('PATCH', `/Groups/${group}`, members('add', ids.slice(200, 260)));
  await send('PATCH', `/Users/${ids[1]}`, { Operations: [{ op: 'replace', path: MANAGER, value: { value: ids[2] } }] });
  await send('PATCH', `/Users/${ids[2]}`, replace({ userName: 'renamed2' }));
  await send('PATCH', `/Users/${ids[3]}`, { Operations: [{ op: 'replace', path: MANAGER, value: { value: ids[250] } }] });
  await send('DELETE', `/Users/${ids[250]}`);
  expect(await drifts()).toEqual([]);

  const planted = new Set<string>();
  const plant = async (
    name: string,
    attribute: string,
    operation: 'add' | 'delete' | 'replace',
    values: readonly string[],
  ): Promise<void> => {
    planted.add(`${name} ${attribute}`);
    await ldap.adminModify(`uid=${name},${PEOPLE}`, { operation, attribute, values });
  };
  const names = ids
    .map((_, index) => (index === 2 ? 'renamed2' : `user${index}`))
    .filter((_, index) => index !== 250)
    .slice(0, 249);
  for (const name of names) {
    await plant(name, 'title', 'replace', ['by somebody else']);
    await plant(name, 'sn', 'add', ['Another']);
    await plant(name, 'displayName', 'replace', ['Somebody else']);
    await plant(name, 'givenName', 'delete', []);
  }
  for (const index of [100, 101]) {
    planted.add(`all -user${index}`);
    await ldap.adminModify(`cn=all,${GROUPS}`, { operation: 'delete', attribute: 'member', values: [`uid=user${index},${PEOPLE}`] });
  }
  planted.add('all +user5');
  await ldap.adminModify(`cn=all,${GROUPS}`, { operation: 'add', attribute: 'member', values: [`uid=user5,${PEOPLE}`] });
  planted.add('gone');
  await ldap.adminDelete(`uid=user259,${PEOPLE}`);
  expect(planted.size).toBe(1000);

  const found = (await drifts()).flatMap(({ dn, kind, attributes }) => {
    const name = /^(?:uid|cn)=([^,]+)/.exec(dn)?.[1] ?? '';
    if (kind === 'removed') return ['gone'];
    return attributes.flatMap(({ attribute, missing, foreign }) => {
      if (attribute !== 'member') return [`${name} ${attribute}`];
      const signed = [...missing.map((value) => `-${String(value)}`), ...foreign.map((value) => `+${String(value)}`)];
      return signed.map((each) => `${name} ${each.replace('uid=', '').replace(`,${PEOPLE}`, '')}`);
    });
  });
  // The overlay of the directory took the one who is gone out of the group.
  expect(found.filter((each) => each !== 'all -user259').toSorted()).toEqual([...planted].toSorted());
}, 180_000);

it('prints what brings it back', async () => {
  await createUsers(3);
  expect((await run()).code).toBe(0);
  await ldap.adminModify(`uid=user0,${PEOPLE}`, { operation: 'replace', attribute: 'title', values: ['Else'] });
  await ldap.adminRename(`uid=user1,${PEOPLE}`, 'uid=other');
  await ldap.adminModify(`uid=user2,${PEOPLE}`, { operation: 'add', attribute: 'carLicense', values: ['not ours'] });
  const { stdout, code } = await run('--ldif');
  expect(code).toBe(1);
  expect(parseLdif(stdout)).toMatchObject([{ dn: `uid=user0,${PEOPLE}` }, { dn: `uid=other,${PEOPLE}` }]);
  expect(stdout).toContain(`dn: uid=other,${PEOPLE}\nchangetype: modrdn\nnewrdn: uid=user1\n`);
  const told = await run();
  expect(told.stdout).toContain(`uid=user0,${PEOPLE} (last written `);
  expect(told.stdout).toContain('  title: -Title, +Else\n');
  expect(told.stdout).toContain('2 entries have changed behind our back\n');
});
