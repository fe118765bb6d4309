import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { textsOf } from '../../src/ldap/entry.ts';
import { type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, type Running, startMain } from './support/run-main.ts';

const TOKEN = 'a-token-for-the-tests';
const USERS = 10_000;
/** As many requests as Entra ID is thought to send at a time. */
const CLIENTS = 8;
/** After so many answers the daemon is killed, and another begins where it was. */
const KILLED_AFTER = [40, 4000];
const BUDGET = { disables: 70, deletes: 50 };

let ldap: OpenLdap;
let folder: ConfigurationFolder;
let stateDirectory: string;
let running: Running | undefined;
let url = '';

beforeAll(async () => {
  const person = (uid: string) => `dn: uid=${uid},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\n`;
  ldap = await startOpenLdap({ ldif: Array.from({ length: USERS }, (_, index) => person(`u${index}`)).join('\n') });
  stateDirectory = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-state-'));
  folder = makeConfigurationFolder(bridgeText(ldap.url));
  const mapping = readFileSync(join(folder.path, 'mapping.yaml'), 'utf8');
  folder.write('mapping.yaml', `${mapping}\nbrakes: { window: 24h, disables: ${BUDGET.disables}, deletes: ${BUDGET.deletes} }\n`);
});
afterAll(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  folder.remove();
  rmSync(stateDirectory, { recursive: true });
  await ldap.stop();
});

async function start(): Promise<void> {
  const env = { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN, STATE_DIRECTORY: stateDirectory };
  const started = startMain(['serve', '--config', folder.file], { env });
  running = started;
  await expect.poll(started.stdout, { interval: 10 }).toContain('"msg":"ready"');
  url = /"url":"([^"]+)"/.exec(started.stdout())?.[1] ?? '';
}

async function restart(): Promise<void> {
  running?.child.kill('SIGKILL');
  await running?.ended;
  await start();
}

/** What every entry is like: its version, and whether it is switched off. */
async function readPeople(): Promise<ReadonlyMap<string, { readonly version: string; readonly isOff: boolean }>> {
  const entries = await ldap.adminSearch(PEOPLE, '(uid=*)', ['entryUUID', 'entryCSN', 'pwdAccountLockedTime']);
  return new Map(
    entries.map((entry) => [
      textsOf(entry, 'entryUUID')[0] ?? '',
      { version: textsOf(entry, 'entryCSN')[0] ?? '', isOff: textsOf(entry, 'pwdAccountLockedTime').length > 0 },
    ]),
  );
}

/** What Entra sends for somebody who left the scope: most are switched off, every third is deleted. */
function leave(id: string, index: number): Promise<Response> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' };
  const off = index % 2 === 0 ? { op: 'Replace', path: 'active', value: 'False' } : { op: 'replace', value: { active: false } };
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
  const request =
    index % 3 === 0 ? { method: 'DELETE', headers } : { method: 'PATCH', headers, body: JSON.stringify({ schemas, Operations: [off] }) };
  return fetch(`${url}/scim/v2/Users/${id}`, request);
}

it(`a scope of ${USERS} users that is emptied costs no more than the budget, by several clients and across the death of the daemon`, async () => {
  await start();
  const before = await readPeople();
  expect(before.size).toBe(USERS);
  const waiting = [...before.keys()].entries();
  const answers: Record<string, number> = {};
  let answered = 0;
  let restarting: Promise<void> | undefined;
  const client = async (): Promise<void> => {
    for (const [index, id] of waiting) {
      const { status, headers } = await leave(id, index).catch(async () => {
        // Whose daemon dies asks again; what was done already is 404 then, or changes nothing.
        await restarting;
        return leave(id, index);
      });
      if (status === 503) expect(headers.get('retry-after')).toMatch(/^\d+$/);
      answers[status] = (answers[status] ?? 0) + 1;
      answered += 1;
      if (KILLED_AFTER.includes(answered)) {
        restarting = restart();
        await restarting;
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));

  const after = await readPeople();
  const gone = [...before.keys()].filter((id) => !after.has(id));
  const changed = [...after].filter(([id, { version }]) => version !== before.get(id)?.version);
  const off = changed.filter(([, { isOff }]) => isOff);
  expect(changed).toEqual(off);
  // What was under way when the daemon died has been counted, whether it came to the directory or not.
  for (const [count, most] of [
    [gone.length, BUDGET.deletes],
    [off.length, BUDGET.disables],
  ] as const) {
    expect(count).toBeLessThanOrEqual(most);
    expect(count).toBeGreaterThan(most - CLIENTS * KILLED_AFTER.length - 1);
  }
  expect(Object.keys(answers).filter((status) => !['200', '204', '404', '503'].includes(status))).toEqual([]);
  expect(answers['503']).toBeGreaterThan(USERS - BUDGET.deletes - BUDGET.disables - CLIENTS * KILLED_AFTER.length - 1);
  expect(running?.stdout()).toContain('a brake holds');
}, 300_000);
