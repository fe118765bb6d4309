import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DirectoryOptions, LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import type { Change } from '../../src/ldap/change.ts';
import { valuesOf } from '../../src/ldap/entry.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import { type RecordingLog, recordingLog } from '../support/directory-log.ts';
import { BRIDGE_DN, BRIDGE_PASSWORD, GROUPS, type OpenLdap, PEOPLE, SUFFIX, startOpenLdap } from '../support/openldap.ts';
import { startTwoProviders, type TwoProviders } from '../support/two-providers.ts';

const TIMEOUT_MS = 1000;
const FAILOVER_MS = 1500;
const TEAM = `cn=team,${GROUPS}`;
const LDIF = `dn: ${TEAM}\nobjectClass: groupOfNames\ncn: team\nmember: uid=nobody,${PEOPLE}\n`;
const ANY: LdapFilter = { kind: 'present', attribute: 'objectClass' };

const opened: LdapDirectory[] = [];
let log: RecordingLog;
let added = 0;

function connectTo(servers: readonly (OpenLdap | string)[], options: Partial<Omit<DirectoryOptions, 'sasl'>> = {}): LdapDirectory {
  const urls = servers.map((server) => (typeof server === 'string' ? server : server.url));
  log = recordingLog();
  const given = {
    urls,
    bindDn: BRIDGE_DN,
    bindPassword: BRIDGE_PASSWORD,
    timeoutMs: TIMEOUT_MS,
    connections: 2,
    writeFailoverMs: FAILOVER_MS,
    returnCheckMs: 100,
    ...options,
  };
  const directory = connectDirectory(given, log);
  opened.push(directory);
  return directory;
}

function addAccount(): Change & { kind: 'add' } {
  added += 1;
  const attributes = [
    { name: 'objectClass', values: ['account'] },
    { name: 'uid', values: [`s${added}`] },
  ];
  return { kind: 'add', dn: `uid=s${added},${PEOPLE}`, attributes };
}

function addMember(dn: string): Change {
  return { kind: 'modify', dn: TEAM, modifications: [{ operation: 'add', attribute: 'member', values: [dn] }] };
}

async function isThere(server: OpenLdap, dn: string): Promise<boolean> {
  return (await server.adminSearch(dn).catch(() => [])).length > 0;
}

async function membersOn(server: OpenLdap): Promise<readonly string[]> {
  const [entry] = await server.adminSearch(TEAM);
  return entry === undefined ? [] : valuesOf(entry, 'member').map(String);
}

function inCharge(directory: LdapDirectory, server: OpenLdap): Promise<void> {
  return expect.poll(() => directory.health(), { interval: 10 }).toEqual({ ready: true, server: server.url });
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((directory) => directory.close()));
});

describe('two providers', () => {
  let providers: TwoProviders;
  beforeAll(async () => {
    providers = await startTwoProviders({ ldif: LDIF });
  });
  afterEach(async () => {
    providers.heal();
    await providers.first.slapd.restart();
    await providers.second.slapd.restart();
    await providers.inStep();
  });
  afterAll(() => providers.stop());

  it('the second takes over when the first has been away for long enough, not before, and gives back what it got', async () => {
    const { first, second } = providers;
    const directory = connectTo([first, second]);
    await directory.facts();
    await first.slapd.kill('SIGKILL');
    const killed = performance.now();
    await expect(directory.write(addAccount())).rejects.toMatchObject({ kind: 'unavailable' });
    await inCharge(directory, second);
    expect(performance.now() - killed).toBeGreaterThanOrEqual(FAILOVER_MS * 0.9);

    const meanwhile = addAccount();
    await directory.write(meanwhile);
    expect(await isThere(second, meanwhile.dn)).toBe(true);

    await first.slapd.restart();
    await inCharge(directory, first);
    expect(await isThere(first, meanwhile.dn)).toBe(true);
    expect(log.lines.filter(({ message }) => message === 'reads and writes move to another server').map(({ fields }) => fields)).toEqual([
      { from: first.url, to: second.url, reason: 'away' },
      { from: second.url, to: first.url, reason: 'preferredIsBack' },
    ]);
  });

  it('a first that is back in time keeps the writes', async () => {
    const { first, second } = providers;
    const directory = connectTo([first, second], { timeoutMs: 5000, writeFailoverMs: 10_000 });
    await directory.facts();
    await first.slapd.kill('SIGKILL');
    const change = addAccount();
    const writing = directory.write(change);
    await first.slapd.restart();
    await writing;

    expect(directory.health().server).toBe(first.url);
    expect(await isThere(first, change.dn)).toBe(true);
  });

  it('with writeFailover never, nobody takes over', async () => {
    const { first, second } = providers;
    const directory = connectTo([first, second], { writeFailoverMs: Number.POSITIVE_INFINITY });
    await directory.facts();
    await first.slapd.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, FAILOVER_MS));
    await expect(directory.write(addAccount())).rejects.toMatchObject({ kind: 'unavailable' });
    expect(directory.health()).toMatchObject({ ready: false, server: first.url });
  });

  it('a partition between them loses no member: the writes stay, and go back only when it is over', async () => {
    const { first, second } = providers;
    const directory = connectTo([first, second]);
    await directory.facts();
    await first.slapd.kill('SIGKILL');
    await inCharge(directory, second);
    providers.partition();
    await directory.write(addMember(`uid=during,${PEOPLE}`));
    await first.slapd.restart();

    // The first is back and doesn't know of it. A write that went there now would win or lose as a whole: one of the two would be gone.
    await expect
      .poll(() => log.lines.map(({ fields }) => ('obstacle' in fields ? fields.obstacle : '')), { timeout: 10_000 })
      .toContain('it has not got all that was written elsewhere');
    await directory.write(addMember(`uid=still-during,${PEOPLE}`));
    expect(directory.health().server).toBe(second.url);

    providers.heal();
    await inCharge(directory, first);
    await directory.write(addMember(`uid=after,${PEOPLE}`));
    await providers.inStep();
    const expected = ['nobody', 'during', 'still-during', 'after'].map((uid) => `uid=${uid},${PEOPLE}`);
    expect((await membersOn(first)).toSorted()).toEqual(expected.toSorted());
    expect((await membersOn(second)).toSorted()).toEqual(expected.toSorted());
  });

  it('under a load of writes nothing is lost or doubled by taking over and giving back', async () => {
    const { first, second } = providers;
    const directory = connectTo([first, second], { timeoutMs: 3000 });
    await directory.facts();
    const changes: { change: Change & { kind: 'add' }; outcome: string }[] = [];
    const end = new AbortController();
    const load = Array.from({ length: 4 }, async () => {
      while (!end.signal.aborted) {
        const change = addAccount();
        const outcome = await directory.write(change).then(
          () => 'done',
          (error: { kind: string }) => error.kind,
        );
        changes.push({ change, outcome });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    await first.slapd.kill('SIGKILL');
    await inCharge(directory, second);
    await first.slapd.restart();
    await inCharge(directory, first);
    end.abort();
    await Promise.all(load);
    await providers.inStep();

    const outcomes = new Set(changes.map(({ outcome }) => outcome));
    expect([...outcomes].filter((outcome) => !['done', 'unavailable', 'unknownOutcome'].includes(outcome))).toEqual([]);
    const held = new Set((await first.adminSearch(PEOPLE, '(objectClass=account)', ['1.1'])).map(({ dn }) => dn));
    expect(changes.filter(({ change, outcome }) => outcome === 'done' && !held.has(change.dn))).toEqual([]);
    expect(changes.filter(({ change, outcome }) => outcome === 'unavailable' && held.has(change.dn))).toEqual([]);
  });
});

describe('a first server that does not answer at the start', () => {
  let server: OpenLdap;
  beforeAll(async () => {
    server = await startOpenLdap();
  });
  afterAll(() => server.stop());

  it('is waited for no longer than one that goes away', async () => {
    const directory = connectTo(['ldap://127.0.0.1:1', server], { writeFailoverMs: 200 });
    await inCharge(directory, server);
    expect(await directory.search({ base: PEOPLE, scope: 'base', filter: ANY, attributes: [] })).toHaveLength(1);
  });

  it('is passed over too when it takes the connection and does not speak', async () => {
    const mute = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const address = mute.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const directory = connectTo([`ldap://127.0.0.1:${port}`, server], { writeFailoverMs: 200 });

    await inCharge(directory, server);
    expect(await directory.search({ base: PEOPLE, scope: 'base', filter: ANY, attributes: [] })).toHaveLength(1);
    await directory.close();
    mute.close();
  });
});

describe('a server that takes no writes', () => {
  let server: OpenLdap;
  let other: OpenLdap;
  beforeAll(async () => {
    [server, other] = await Promise.all([startOpenLdap(), startOpenLdap()]);
  });
  afterAll(() => Promise.all([server.stop(), other.stop()]));

  it('makes way for the next one', async () => {
    const readOnly = await startOpenLdap({ configure: (text) => text.replace('\nmaxsize', '\nreadonly on\nmaxsize') });
    const directory = connectTo([readOnly, server], { timeoutMs: 5000 });
    const change = addAccount();
    await directory.write(change);
    expect(await isThere(server, change.dn)).toBe(true);

    const alone = connectTo([readOnly]);
    await expect(alone.write(addAccount())).rejects.toMatchObject({ kind: 'unavailable', code: 53 });
    await readOnly.stop();
  });

  /** A consumer that never gets anything, and sends those who write elsewhere. */
  function consumerOf(url: string): Promise<OpenLdap> {
    const syncrepl = `syncrepl rid=009 provider=ldap://127.0.0.1:1 type=refreshAndPersist retry="60 +" searchbase="${SUFFIX}" bindmethod=simple\nupdateref ${url}\n`;
    return startOpenLdap({ variant: 'bare', configure: (text) => `${text}${syncrepl}` });
  }

  it('and refers to another one sends us there, if it is configured, whatever the order', async () => {
    const consumer = await consumerOf(server.url);
    const directory = connectTo([consumer, other, server], { timeoutMs: 5000 });
    const change = addAccount();
    await directory.write(change);

    expect(await isThere(server, change.dn)).toBe(true);
    expect(await isThere(other, change.dn)).toBe(false);
    await consumer.stop();
  });

  it('and refers to a stranger sends nobody there', async () => {
    const consumer = await consumerOf(other.url);
    const directory = connectTo([consumer], { timeoutMs: 5000 });
    const change = addAccount();

    await expect(directory.write(change)).rejects.toMatchObject({ kind: 'referral', code: 10 });
    expect(await isThere(other, change.dn)).toBe(false);
    await consumer.stop();
  });
});
