import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadService } from '../../src/cli/load-service.ts';
import { type Service, startService } from '../../src/cli/start-service.ts';
import { type LdapFreezer, startLdapFreezer } from '../support/ldap-freezer.ts';
import { DISABLED, GROUPS, type OpenLdap, PEOPLE, SUFFIX, startOpenLdap } from '../support/openldap.ts';
import { refuseSecretsIn } from '../support/secret-scanner.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, type Running, startMain } from './support/run-main.ts';

/** The daemon is killed between two LDAP operations of one request, for real, and started again (issue: half-done changes). */

const TOKEN = 'a-token-for-the-tests';
const [OLD_PASSWORD, NEW_PASSWORD] = ['correct horse battery', 'tr0ub4dor and three'];

let ldap: OpenLdap;
let freezer: LdapFreezer;
let stateDirectory: string;
let folder: ConfigurationFolder;
let running: Running | undefined;
let again: Service | undefined;
const log: string[] = [];
let url = '';

beforeAll(async () => {
  // Without referential integrity: what refers to a user has to follow by our own hand.
  ldap = await startOpenLdap({ configure: (text) => text.replace(/^overlay +refint\n(refint_.*\n)*/m, '') });
});
afterAll(() => ldap.stop());

beforeEach(async () => {
  freezer = await startLdapFreezer(ldap.slapd.port);
  stateDirectory = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-state-'));
  folder = makeConfigurationFolder(bridgeText(`ldap://127.0.0.1:${freezer.port}`));
});
afterEach(async () => {
  await kill();
  await again?.stop();
  refuseSecretsIn(log, new Set([TOKEN, ldap.bindPassword, OLD_PASSWORD, NEW_PASSWORD]));
  [again, running] = [undefined, undefined];
  await freezer.close();
  folder.remove();
  rmSync(stateDirectory, { recursive: true });
  await ldap.reset();
});

const environment = () => ({ LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN, STATE_DIRECTORY: stateDirectory });

async function start(): Promise<void> {
  const started = startMain(['serve', '--config', folder.file], { env: environment() });
  running = started;
  await expect.poll(started.stdout, { timeout: 20_000, interval: 10 }).toContain('"msg":"ready"');
  const ready = started
    .stdout()
    .split('\n')
    .find((line) => line.includes('"msg":"ready"'));
  url = `${JSON.parse(ready ?? '{}').url}/scim/v2`;
}

async function kill(): Promise<void> {
  running?.child.kill('SIGKILL');
  await running?.ended;
}

/** The next start, in this process: it has nobody to be killed by. */
async function startAgain(): Promise<void> {
  const loaded = loadService(folder.file, environment());
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  log.length = 0;
  again = await startService(
    loaded.service,
    pino({ formatters: { level: (level) => ({ level }) } }, { write: (line: string) => void log.push(line) }),
  );
  url = `${again.url}/scim/v2`;
}

function logged(message: string): readonly string[] {
  return log.filter((line) => line.includes(`"msg":"${message}`));
}

async function send(method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' };
  const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

const patchOf = (value: object) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', value }],
});

interface Change {
  readonly name: string;
  /** What is replaced; absent: a DELETE. */
  readonly values?: { readonly password?: string; readonly [attribute: string]: unknown };
  /** The LDAP writes of the request, in their order. */
  readonly steps: readonly string[];
  /** Changes the shipped mapping. */
  readonly mapping?: (text: string) => string;
  /** What the account's password is when all is done. */
  readonly password?: 'old' | 'new' | 'locked';
}

const password = NEW_PASSWORD;
const CHANGES: readonly Change[] = [
  { name: 'rename + modify', values: { userName: 'after', title: 'After' }, steps: ['rename', 'modify', 'modify'], password: 'old' },
  { name: 'modify + password', values: { title: 'After', password }, steps: ['modify', 'password'], password: 'new' },
  {
    name: 'disable + password + disable',
    values: { title: 'After', active: false, password },
    steps: ['modify', 'password', 'modify'],
    password: 'locked',
  },
  {
    name: 'rename + modify + password',
    values: { userName: 'after', title: 'After', password },
    steps: ['rename', 'modify', 'password', 'modify'],
    password: 'new',
  },
  { name: 'delete', steps: ['delete', 'modify'] },
  {
    name: 'move + modify',
    mapping: (text) => text.replace(/^ {4}active: .*$/m, `    active: { inactiveBase: '${DISABLED}' }`),
    values: { active: false, title: 'After' },
    steps: ['rename', 'modify', 'modify'],
    password: 'old',
  },
  {
    name: 'leave',
    mapping: (text) => text.replace(/^groups:/m, `  onDelete: { move: { base: '${DISABLED}', rdn: '{ldap:uid}-{id}' } }\n$&`),
    steps: ['rename', 'modify', 'modify'],
    password: 'locked',
  },
];

const POINTS = CHANGES.flatMap((change) =>
  change.steps.flatMap((step, index) =>
    (['before', 'after'] as const).map((when) => ({
      ...change,
      when,
      ordinal: index + 1,
      title: `${change.name}, ${when} ${step} (${index + 1})`,
    })),
  ),
);

/** What there is to know of a user and of a group that she is in. */
async function stateOf(id: string) {
  const [entry] = await ldap.adminSearch(SUFFIX, `(entryUUID=${id})`, ['uid', 'title', 'pwdAccountLockedTime']);
  const [group] = await ldap.adminSearch(GROUPS, '(cn=group)', ['member']);
  const dn = entry?.dn ?? '';
  return {
    dn,
    attributes: Object.fromEntries(entry?.attributes ?? []),
    members: group?.attributes.get('member'),
    password:
      dn === '' ? undefined : (await ldap.accepts(dn, OLD_PASSWORD)) ? 'old' : (await ldap.accepts(dn, NEW_PASSWORD)) ? 'new' : 'locked',
  };
}

async function makeUser(mapping = (text: string) => text): Promise<string> {
  folder.write('mapping.yaml', mapping(readFileSync('config/mappings/openldap.yaml', 'utf8').replace(/^examples:[^]*/m, '')));
  await start();
  const { body } = await send('POST', '/Users', { userName: 'before', title: 'Before', password: OLD_PASSWORD });
  await send('POST', '/Groups', { displayName: 'group', members: [{ value: body.id }] });
  return body.id;
}

describe('killed between two steps', () => {
  it.each(POINTS)('$title', async ({ values, mapping, when, ordinal, steps, password: expectedPassword }) => {
    const change = (replaced: object | undefined) => async (id: string) =>
      replaced === undefined ? send('DELETE', `/Users/${id}`) : send('PATCH', `/Users/${id}`, patchOf(replaced));
    const id = await makeUser(mapping);
    const before = await stateOf(id);
    const written = freezer.writes.length;
    freezer.freeze(when, ordinal);
    const answer = change(values)(id).catch(() => 'no answer');
    await freezer.frozen();
    expect(freezer.writes.slice(written)).toEqual(steps.slice(0, when === 'before' ? ordinal - 1 : ordinal));
    await kill();
    expect(await answer).toBe('no answer');
    const noted = readdirSync(join(stateDirectory, 'intents')).map((name) => readFileSync(join(stateDirectory, 'intents', name), 'utf8'));
    expect(noted).toHaveLength(1);
    expect(noted[0]).not.toMatch(new RegExp(`${OLD_PASSWORD}|${NEW_PASSWORD}`));

    freezer.thaw();
    await startAgain();
    const seen = await send('GET', `/Users/${id}`);
    const after = await stateOf(id);
    expect(readdirSync(join(stateDirectory, 'intents'))).toEqual([]);
    const [settled = '{}'] = logged('a write that had been interrupted is settled');
    expect(JSON.parse(settled)).toMatchObject({ level: 'warn', dn: `uid=before,${PEOPLE}`, settlement: expect.stringMatching(/./) });

    // Fully there or fully not: asked again, the one changes nothing, and the other is as it was.
    if (JSON.parse(settled).settlement === 'finished') {
      const { password: _, ...others } = values ?? {};
      const repeated = await change(values === undefined ? undefined : others)(id);
      expect([seen.status, repeated.status]).toEqual(values === undefined ? [404, 404] : [200, 200]);
      expect(after).toEqual(await stateOf(id));
      expect(after.password).toBe(expectedPassword);
    } else {
      expect(after).toEqual(before);
      expect(seen.status).toBe(200);
    }
  });

  it.each(['before', 'after'] as const)('settles without a restart when the directory falls silent %s the second step', async (when) => {
    const id = await makeUser();
    const before = await stateOf(id);
    freezer.freeze(when, 2);
    const answer = send('PATCH', `/Users/${id}`, patchOf({ userName: 'after', title: 'After' }));
    await freezer.frozen();
    freezer.thaw();
    const { status } = await answer;
    const seen = await send('GET', `/Users/${id}`);
    const after = await stateOf(id);

    expect(seen.status).toBe(200);
    expect(readdirSync(join(stateDirectory, 'intents'))).toEqual([]);
    // Where the answer says that it is done, it is; where it says that it isn't known, it is all there or not at all.
    if (status === 200 || after.dn !== before.dn) {
      expect(after.attributes).toMatchObject({ uid: ['after'], title: ['After'] });
      expect(after.members).toEqual([after.dn]);
    } else {
      expect([status, after]).toEqual([503, before]);
    }
  });

  it('keeps the folder to itself, and notes nothing for a write of one operation', async () => {
    const id = await makeUser();
    freezer.freeze('before', 1);
    void send('PATCH', `/Users/${id}`, patchOf({ title: 'Other' })).catch(() => undefined);
    await freezer.frozen();
    expect(readdirSync(join(stateDirectory, 'intents'))).toEqual([]);
    expect(statSync(join(stateDirectory, 'intents')).mode & 0o777).toBe(0o700);
  });

  it('what somebody else has changed since is set aside, with a loud word', async () => {
    const id = await makeUser();
    freezer.freeze('after', 1);
    void send('PATCH', `/Users/${id}`, patchOf({ userName: 'after', title: 'After' })).catch(() => undefined);
    await freezer.frozen();
    await kill();
    await ldap.adminRename(`uid=after,${PEOPLE}`, 'uid=elsewhere');

    freezer.thaw();
    await startAgain();
    expect((await send('GET', `/Users/${id}`)).body).toMatchObject({ userName: 'elsewhere', title: 'Before' });
    const [line = '{}'] = logged('a write was interrupted and can be neither finished nor undone');
    expect(JSON.parse(line)).toMatchObject({ level: 'error', dn: `uid=before,${PEOPLE}`, reason: expect.stringContaining('by others') });
    expect(readdirSync(join(stateDirectory, 'intents'))).toEqual([expect.stringMatching(/\.unsettled$/)]);
  });

  it('of a tenant that is not configured any more: a warning at each start, and it waits', async () => {
    const id = await makeUser();
    freezer.freeze('after', 1);
    void send('PATCH', `/Users/${id}`, patchOf({ userName: 'after', title: 'After' })).catch(() => undefined);
    await freezer.frozen();
    await kill();
    freezer.thaw();
    const text = readFileSync(folder.file, 'utf8');
    writeFileSync(folder.file, text.replace(/(?<=^tenants:\s+)\w+/m, 'fabrikam'));

    await startAgain();
    const [line = '{}'] = logged('a write was interrupted, and its tenant is not configured any more');
    const [name = 'none'] = readdirSync(join(stateDirectory, 'intents'));
    expect(JSON.parse(line)).toMatchObject({
      level: 'warn',
      tenant: /(?<=^tenants:\s+)\w+/m.exec(text)?.[0],
      dn: `uid=before,${PEOPLE}`,
      file: join(stateDirectory, 'intents', name),
    });
    expect((await send('GET', `/Users/${id}`)).body).toMatchObject({ userName: 'after', title: 'Before' });
    expect(readdirSync(join(stateDirectory, 'intents'))).toEqual([expect.stringMatching(/\.intent$/)]);

    await again?.stop();
    writeFileSync(folder.file, text);
    // this process still runs, and keeps its files to itself: so that the next start takes it for another's
    renameSync(join(stateDirectory, 'intents', name), join(stateDirectory, 'intents', '0-17-1.intent'));
    await startAgain();
    expect(logged('a write was interrupted, and its tenant')).toEqual([]);
    expect((await send('GET', `/Users/${id}`)).body).toMatchObject({ userName: 'after', title: 'After' });
    expect(readdirSync(join(stateDirectory, 'intents'))).toEqual([]);
  });
});
