import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadService } from '../../src/cli/load-service.ts';
import { type Service, startService } from '../../src/cli/start-service.ts';
import type { Entry } from '../../src/ldap/entry.ts';
import { GROUPS, type OpenLdap, PEOPLE, SUFFIX, startOpenLdap } from '../support/openldap.ts';
import { refuseSecretsIn } from '../support/secret-scanner.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

/** What was written by a daemon is taken back by the command, on a real directory. */

const TOKEN = 'a-token-for-the-tests';
const PASSWORD = 'correct horse battery';
/** The full run: `UNDO_OPERATIONS=10000 npx vitest run --project servers test/cli/undo.test.ts`. */
const OPERATIONS = Number(process.env['UNDO_OPERATIONS'] ?? 400);

const person = (name: string): string =>
  `dn: uid=${name},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ${name}\ncn: ${name}\nsn: ${name}\ntitle: as it was\nmail: ${name}@example.org\n`;
const names = Array.from({ length: 30 }, (_, index) => `old${index}`);
const group = (index: number): string =>
  `dn: cn=team${index},${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: team${index}\n${names
    .slice(index, index + 10)
    .map((name) => `member: uid=${name},${PEOPLE}\n`)
    .join('')}`;
/** Made by others: clients don't see it. */
const FOREIGN = `dn: cn=foreign,${GROUPS}\nobjectClass: groupOfNames\ncn: foreign\nmember: uid=old0,${PEOPLE}\nmember: uid=old7,${PEOPLE}\n`;
const LDIF = [...names.map(person), ...[0, 5, 10].map(group), FOREIGN].join('\n');

let ldap: OpenLdap;
let state: string;
let folder: ConfigurationFolder;
let service: Service;
beforeAll(async () => {
  ldap = await startOpenLdap();
});
afterAll(() => ldap.stop());
beforeEach(async () => {
  await ldap.adminAdd(LDIF);
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
const undo = (...args: readonly string[]) => runMain(['undo', '--config', folder.file, ...args], { env: environment() });

async function send(method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' };
  const response = await fetch(`${service.url}/scim/v2${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    request: response.headers.get('x-request-id') ?? '',
    body: text === '' ? undefined : JSON.parse(text),
  };
}

const replace = (value: object) => ({ Operations: [{ op: 'replace', value }] });
const members = (op: string, ids: readonly string[]) => ({ Operations: [{ op, path: 'members', value: ids.map((value) => ({ value })) }] });

/** All that clients can write, by name and attribute, the values in an order of their own. */
async function snapshot(): Promise<Readonly<Record<string, unknown>>> {
  const entries = await ldap.adminSearch(SUFFIX, '(objectClass=*)', ['*']);
  const plain = ({ attributes }: Entry) =>
    Object.fromEntries(
      [...attributes]
        .filter(([name]) => name !== 'userpassword')
        .map(([name, values]) => [name, values.map(String).toSorted()])
        .toSorted(),
    );
  return Object.fromEntries(entries.map((entry) => [entry.dn.toLowerCase(), plain(entry)]).toSorted());
}

async function idOf(filter: string): Promise<string> {
  const [entry] = await ldap.adminSearch(SUFFIX, filter, ['entryUUID']);
  return String(entry?.attributes.get('entryuuid')?.[0]);
}

/** mulberry32: the same operations in every run. */
function randomOf(seed: number): (below: number) => number {
  let current = seed;
  return (below) => {
    current = (current + 0x6d2b79f5) | 0;
    let mixed = Math.imul(current ^ (current >>> 15), 1 | current);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

async function changeAtRandom(operations: number): Promise<void> {
  const random = randomOf(7644);
  const users = await Promise.all(names.map((name) => idOf(`(uid=${name})`)));
  const groups = await Promise.all([0, 5, 10].map((index) => idOf(`(cn=team${index})`)));
  const pick = (ids: readonly string[]): string => ids[random(ids.length)] ?? '';
  const take = (ids: string[]): string => ids.splice(random(ids.length), 1)[0] ?? '';
  const some = (): readonly string[] => [...new Set([pick(users), pick(users), pick(users)])];
  const steps: readonly ((round: number) => Promise<unknown>)[] = [
    async (round) => {
      const userName = `new${random(40)}-${round % 3}`;
      const manager = random(2) === 0 ? { manager: { value: pick(users) } } : {};
      const { status, body } = await send('POST', '/Users', {
        userName,
        name: { familyName: `Family ${round}`, givenName: 'Given' },
        ...(random(3) === 0 ? { password: PASSWORD } : {}),
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': manager,
      });
      if (status === 201) users.push(body.id);
    },
    (round) => send('PATCH', `/Users/${pick(users)}`, replace({ title: `Title ${round}`, 'name.familyName': `F${random(9)}` })),
    () => send('PATCH', `/Users/${pick(users)}`, replace({ title: '' })),
    () => send('PATCH', `/Users/${pick(users)}`, replace({ active: random(2) === 0 })),
    () => send('PATCH', `/Users/${pick(users)}`, replace({ userName: `renamed${random(60)}` })),
    () =>
      send('PATCH', `/Users/${pick(users)}`, {
        Operations: [
          { op: 'replace', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager', value: { value: pick(users) } },
        ],
      }),
    () => (users.length < 15 ? Promise.resolve() : send('DELETE', `/Users/${take(users)}`)),
    () => send('PATCH', `/Groups/${pick(groups)}`, members('add', some())),
    () => send('PATCH', `/Groups/${pick(groups)}`, members('remove', some())),
    () => send('PATCH', `/Groups/${pick(groups)}`, members('add', some())),
    async (round) => {
      const { status, body } = await send('POST', '/Groups', {
        displayName: `made${round}`,
        members: some().map((value) => ({ value })),
      });
      if (status === 201) groups.push(body.id);
    },
    () => send('PATCH', `/Groups/${pick(groups)}`, replace({ displayName: `team-renamed${random(50)}` })),
    () => (groups.length < 4 || random(2) === 0 ? Promise.resolve() : send('DELETE', `/Groups/${take(groups)}`)),
    async () => {
      const id = pick(groups);
      await send('PUT', `/Groups/${id}`, { displayName: `put${random(30)}`, members: some().map((value) => ({ value })) });
    },
  ];
  for (let round = 0; round < operations; round += 1) await steps[random(steps.length)]?.(round);
}

const START = '2000-01-01';

it(
  `brings the directory back to what it was before ${OPERATIONS} operations`,
  async () => {
    const before = await snapshot();
    await changeAtRandom(OPERATIONS);
    expect(await snapshot()).not.toEqual(before);
    const { stdout, code } = await undo('--since', START, '--execute');
    expect(stdout.split('\n').filter((line) => line.startsWith('skipped'))).toEqual([]);
    expect(code).toBe(0);
    expect(await snapshot()).toEqual(before);
    const lines = readdirSync(join(state, 'journal')).flatMap((name) => readFileSync(join(state, 'journal', name), 'utf8').split('\n'));
    refuseSecretsIn(lines, new Set([PASSWORD, TOKEN, ldap.bindPassword]));
  },
  60_000 + OPERATIONS * 500,
);

describe('one request', () => {
  it('is printed as LDIF, and taken back when that is asked for; and so is the undo', async () => {
    const id = await idOf('(uid=old1)');
    const before = await snapshot();
    const { request } = await send('PATCH', `/Users/${id}`, replace({ userName: 'older1', title: 'Changed' }));
    const after = await snapshot();
    const printed = await undo('--request', request);
    expect([printed.code, printed.stderr]).toEqual([0, '']);
    expect(printed.stdout).toContain(`dn: uid=older1,${PEOPLE}\nchangetype: modrdn\nnewrdn: uid=old1\n`);
    expect(await snapshot()).toEqual(after);
    const done = await undo('--request', request, '--execute');
    expect(done.code).toBe(0);
    expect(await snapshot()).toEqual(before);
    const [, own = ''] = /undo --request (\S+)/.exec(done.stdout) ?? [];
    expect((await undo('--request', own, '--execute')).code).toBe(0);
    expect(await snapshot()).toEqual(after);
  });

  it('brings a deleted user back, with another id, in his groups and as a manager', async () => {
    const manager = await idOf('(uid=old7)');
    const path = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';
    await send('PATCH', `/Users/${await idOf('(uid=old8)')}`, { Operations: [{ op: 'replace', path, value: { value: manager } }] });
    const before = await snapshot();
    const { status, request } = await send('DELETE', `/Users/${manager}`);
    expect(status).toBe(204);
    const { stdout, code } = await undo('--request', request, '--execute');
    expect(code).toBe(0);
    expect(await snapshot()).toEqual(before);
    expect(stdout).toContain(`(new id ${await idOf('(uid=old7)')})`);
  });

  it('that nobody knows is told', async () => {
    const { code, stderr } = await undo('--request', 'unheard-of');
    expect([code, stderr]).toEqual([1, 'scim-ldap-bridge: undo: the journal has nothing of unheard-of\n']);
  });
});

it('an entry that somebody else has touched since is skipped as a whole, and named', async () => {
  const [touched, untouched] = [await idOf('(uid=old2)'), await idOf('(uid=old3)')];
  for (const id of [touched, untouched]) {
    await send('PATCH', `/Users/${id}`, replace({ title: 'Changed' }));
    await send('PATCH', `/Users/${id}`, replace({ nickName: 'Changed' }));
  }
  await ldap.adminModify(`uid=old2,${PEOPLE}`, { operation: 'replace', attribute: 'title', values: ['by somebody else'] });
  const { stdout, code } = await undo('--since', START, '--execute');
  expect(code).toBe(1);
  expect(stdout).toContain(`skipped: uid=old2,${PEOPLE}: changed since by others: title\n`);
  const [kept, back] = await ldap.adminSearch(PEOPLE, '(|(uid=old2)(uid=old3))', ['title', 'displayName', 'nickName']);
  expect(kept?.attributes.get('title')).toEqual(['by somebody else']);
  expect(back?.attributes.get('title')).toEqual(['as it was']);
});

it('an entry that was created, and that somebody else has added to, stays', async () => {
  await send('POST', '/Users', { userName: 'fresh', name: { familyName: 'Fresh' } });
  await ldap.adminModify(`uid=fresh,${PEOPLE}`, { operation: 'add', attribute: 'carLicense', values: ['ABC 123'] });
  const { stdout, code } = await undo('--since', START, '--execute');
  expect(code).toBe(1);
  expect(stdout).toContain(`skipped: uid=fresh,${PEOPLE}: changed since by others: carlicense`);
  expect(await idOf('(uid=fresh)')).not.toBe('undefined');
});

it('wants to be told what', async () => {
  expect((await undo()).code).toBe(64);
  expect((await undo('--since', 'yesterday')).code).toBe(64);
});
