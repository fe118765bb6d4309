import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DirectoryOptions, LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import type { Change } from '../../src/ldap/change.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import type { RecordingLog } from '../support/directory-log.ts';
import { recordingLog } from '../support/directory-log.ts';
import type { OpenLdap } from '../support/openldap.ts';
import { PEOPLE, startOpenLdap } from '../support/openldap.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const TIMEOUT_MS = 400;
/** How much later than its time limit an operation may end on a busy machine. */
const LATENESS_MS = 5000;

const CROWD = Array.from({ length: 50 }, (_, index) => `dn: uid=u${index},${PEOPLE}\nobjectClass: account\nuid: u${index}\n`).join('\n');
const ALL = {
  base: PEOPLE,
  scope: 'one',
  filter: { kind: 'substring', attribute: 'uid', initial: 'u', any: [] } satisfies LdapFilter,
  attributes: ['uid'],
} as const;

let server: OpenLdap;
let proxy: TcpProxy;
let log: RecordingLog;
let directory: LdapDirectory;
let added = 0;

function connectTo(urls: readonly string[], options: Partial<DirectoryOptions> = {}): LdapDirectory {
  const { bindDn, bindPassword } = server;
  log = recordingLog();
  return connectDirectory({ urls, bindDn, bindPassword, timeoutMs: TIMEOUT_MS, connections: 2, ...options }, log);
}

function addAccount(): Change & { kind: 'add' } {
  added += 1;
  const uid = `added-${added}`;
  return {
    kind: 'add',
    dn: `uid=${uid},${PEOPLE}`,
    attributes: [
      { name: 'objectClass', values: ['account'] },
      { name: 'uid', values: [uid] },
    ],
  };
}

/** What came of it, and how long it took. */
async function outcomeOf(work: Promise<unknown>): Promise<{ error: unknown; milliseconds: number }> {
  const start = performance.now();
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, milliseconds: performance.now() - start };
}

beforeAll(async () => {
  server = await startOpenLdap({ ldif: CROWD });
});

beforeEach(async () => {
  proxy = await startTcpProxy({ port: server.slapd.port });
  directory = connectTo([`ldap://127.0.0.1:${proxy.port}`]);
});

afterEach(async () => {
  await directory.close();
  await proxy.close();
});

afterAll(async () => {
  await server.stop();
});

describe('a connection that is lost', () => {
  it('is replaced after all of them were reset', async () => {
    await directory.search(ALL);
    for (let round = 0; round < 5; round += 1) {
      proxy.resetAll();
      expect(await directory.search(ALL)).toHaveLength(50);
    }
  });

  it('in the middle of an answer: the search is sent again', async () => {
    await directory.facts();
    proxy.set({ kind: 'cutAfter', bytes: 1000 });

    expect(await directory.search(ALL)).toHaveLength(50);
    expect(proxy.connections).toBeGreaterThan(1);
  });

  it('in the middle of many answers: nothing hangs, and each gets its own', async () => {
    await directory.facts();
    proxy.set({ kind: 'cutAfter', bytes: 5000 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => directory.search(ALL)));

    expect(answers.map((entries) => entries.length)).toEqual(Array.from({ length: 40 }, () => 50));
  });

  it('in the middle of the first page: the listing begins again', async () => {
    await directory.facts();
    proxy.set({ kind: 'cutAfter', bytes: 1000 });
    let count = 0;
    for await (const page of directory.searchPages(ALL)) count += page.length;

    expect(count).toBe(50);
  });

  it('is not missed by a write that was not sent yet', async () => {
    await directory.facts();
    const before = proxy.connections;
    proxy.resetAll();
    await expect.poll(() => proxy.connections, { interval: 1 }).toBeGreaterThan(before);
    const change = addAccount();
    await directory.write(change);

    expect(await server.adminSearch(change.dn)).toHaveLength(1);
  });
});

describe('a server that falls silent', () => {
  it('costs a search its time limit and no more', async () => {
    await directory.facts();
    proxy.set({ kind: 'blackHole' });
    const { error, milliseconds } = await outcomeOf(directory.search(ALL));

    expect(error).toMatchObject({ name: 'DirectoryError', kind: 'unavailable' });
    expect(milliseconds).toBeLessThan(TIMEOUT_MS + LATENESS_MS);
  });

  it('leaves the outcome of a write unknown, in its time limit', async () => {
    await directory.facts();
    proxy.set({ kind: 'blackHole' });
    const { error, milliseconds } = await outcomeOf(directory.write(addAccount()));

    expect(error).toMatchObject({ kind: 'unknownOutcome' });
    expect(milliseconds).toBeLessThan(TIMEOUT_MS + LATENESS_MS);
  });

  it('does not hang those who connect', async () => {
    proxy.set({ kind: 'blackHole' });
    const fresh = connectTo([`ldap://127.0.0.1:${proxy.port}`]);
    const outcomes = await Promise.all([fresh.search(ALL), fresh.facts(), fresh.write(addAccount())].map(outcomeOf));

    for (const { error, milliseconds } of outcomes) {
      expect(error).toMatchObject({ name: 'DirectoryError', kind: 'unavailable' });
      expect(milliseconds).toBeLessThan(TIMEOUT_MS + LATENESS_MS);
    }
    expect(fresh.health().ready).toBe(false);
    await fresh.close();
  });

  it('is used again when it speaks again', async () => {
    await directory.facts();
    proxy.set({ kind: 'blackHole' });
    await outcomeOf(directory.search(ALL));
    proxy.set({ kind: 'none' });
    proxy.resetAll();

    const count = async () => (await directory.search(ALL).catch(() => [])).length;
    await expect.poll(count).toBe(50);
  });
});

describe('a slow operation', () => {
  it('that misses its time limit takes nobody with it', async () => {
    await directory.close();
    directory = connectTo([`ldap://127.0.0.1:${proxy.port}`], { connections: 1 });
    await directory.facts();
    const before = proxy.connections;
    proxy.set({ kind: 'delay', milliseconds: TIMEOUT_MS / 4 });
    const steady = Array.from({ length: 8 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 50));
      return directory.search(ALL);
    });

    expect((await Promise.all(steady)).every((entries) => entries.length === 50)).toBe(true);
    expect(proxy.connections).toBe(before);
  });
});

describe('a server that is away', () => {
  it('is no reason to wait when the directory is made', async () => {
    const fresh = connectTo(['ldap://127.0.0.1:1'], { timeoutMs: 60_000 });

    expect(fresh.health()).toEqual({ ready: false, server: 'ldap://127.0.0.1:1', reason: 'no connection yet' });
    const { error, milliseconds } = await outcomeOf(fresh.search(ALL));
    expect(error).toMatchObject({ name: 'DirectoryError', kind: 'unavailable' });
    expect(milliseconds).toBeLessThan(20_000);
    expect(fresh.health()).toMatchObject({ ready: false, reason: expect.stringContaining('ECONNREFUSED') });
    await fresh.close();
  });

  it('is waited for in vain, and no longer once that is known', async () => {
    const timeoutMs = 4000;
    const patient = connectTo([`ldap://127.0.0.1:${proxy.port}`], { timeoutMs });
    await patient.facts();
    proxy.set({ kind: 'refuse' });
    proxy.resetAll();
    const first = await outcomeOf(patient.search(ALL));
    await expect.poll(() => patient.health().ready, { interval: 10 }).toBe(false);
    const second = await outcomeOf(patient.search(ALL));
    await patient.close();

    expect(first.error).toMatchObject({ kind: 'unavailable' });
    expect(first.milliseconds).toBeGreaterThan(timeoutMs / 2);
    expect(second.error).toMatchObject({ kind: 'unavailable' });
    expect(second.milliseconds).toBeLessThan(timeoutMs / 2);
  });

  it('is bridged when it is back in time', async () => {
    const patient = connectTo([server.url], { timeoutMs: 10_000 });
    await patient.facts();
    await server.slapd.kill('SIGTERM');
    const searching = patient.search(ALL);
    const writing = patient.write(addAccount());
    await server.slapd.restart();

    expect(await searching).toHaveLength(50);
    await writing;
    expect(log.lines.map(({ message }) => message)).toEqual([
      'connected to the directory',
      'lost the connection to the directory',
      'cannot connect to the directory',
      'connected to the directory',
    ]);
    await patient.close();
  });

  it('is found again after kill -9, without a restart of ours and without a request', async () => {
    await directory.facts();
    await server.slapd.kill('SIGKILL');
    await outcomeOf(directory.search(ALL));
    expect(directory.health().ready).toBe(false);
    await server.slapd.restart();

    await expect.poll(() => directory.health().ready, { interval: 10 }).toBe(true);
    expect(await directory.search(ALL)).toHaveLength(50);
    await directory.facts();
  });

  it('never sees an anonymous operation', async () => {
    const load = Array.from({ length: 20 }, async () => {
      for (let round = 0; round < 20; round += 1) {
        const { error } = await outcomeOf(directory.search(ALL).then((entries) => expect(entries).toHaveLength(50)));
        if (error !== undefined) expect(error).toMatchObject({ name: 'DirectoryError', kind: 'unavailable' });
      }
    });
    const breaking = (async () => {
      for (let round = 0; round < 5; round += 1) {
        proxy.resetAll();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await Promise.all([...load, breaking]);
  });
});

describe('the wrong password', () => {
  it('is said at once, to everybody, and not mixed up with an outage', async () => {
    const wrong = connectTo([server.url], { bindPassword: 'guess', timeoutMs: 60_000 });
    const { error, milliseconds } = await outcomeOf(wrong.search(ALL));

    expect(error).toMatchObject({ name: 'DirectoryError', kind: 'credentials', code: 49, dn: server.bindDn });
    expect(milliseconds).toBeLessThan(20_000);
    await expect(wrong.facts()).rejects.toMatchObject({ kind: 'credentials' });
    expect(wrong.health().ready).toBe(false);
    expect(JSON.stringify(log.lines)).not.toContain('guess');
    await wrong.close();
  });

  it('is not sent when it is empty: the bind would be anonymous', async () => {
    const empty = connectTo([server.url], { bindPassword: '' });

    await expect(empty.search(ALL)).rejects.toMatchObject({ kind: 'credentials' });
    await empty.close();
  });
});

describe('close', () => {
  it('ends connections and rejects what comes later', async () => {
    await directory.search(ALL);
    await directory.close();

    await expect(directory.search(ALL)).rejects.toMatchObject({ name: 'DirectoryError', kind: 'unavailable' });
  });

  it('does not wait for a server that is away', async () => {
    proxy.set({ kind: 'blackHole' });
    const fresh = connectTo([`ldap://127.0.0.1:${proxy.port}`], { timeoutMs: 60_000 });
    const waiting = outcomeOf(fresh.search(ALL));
    const { milliseconds } = await outcomeOf(fresh.close());

    expect(milliseconds).toBeLessThan(20_000);
    expect((await waiting).error).toMatchObject({ kind: 'unavailable' });
  });
});
