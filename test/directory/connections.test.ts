import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DirectoryObserver } from '../../src/directory/directory-observer.ts';
import type { DirectoryOptions, LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import { type RecordingLog, recordingLog } from '../support/directory-log.ts';
import { BRIDGE_DN, BRIDGE_PASSWORD, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const TIMEOUT_MS = 500;
/** As many as one connection carries at a time. */
const IN_FLIGHT = 32;
const ANY: LdapFilter = { kind: 'present', attribute: 'objectClass' };
const ONE = { base: PEOPLE, scope: 'base', filter: ANY, attributes: [] } as const;

let server: OpenLdap;
let proxy: TcpProxy;
let log: RecordingLog;
let told: unknown[][];
let directory: LdapDirectory | undefined;

function connectTo(options: Partial<Omit<DirectoryOptions, 'sasl'>> & { readonly bindPassword?: string } = {}): LdapDirectory {
  log = recordingLog();
  told = [];
  const urls = [`ldap://127.0.0.1:${proxy.port}`];
  const given = { urls, bindDn: BRIDGE_DN, bindPassword: BRIDGE_PASSWORD, timeoutMs: TIMEOUT_MS, connections: 1, ...options };
  const tell =
    (event: string) =>
    (...about: unknown[]) =>
      void told.push([event, ...about.filter((one) => typeof one !== 'number' || event === 'operationEnded')]);
  const observer: DirectoryObserver = {
    operationEnded: (operation, result) => tell('operationEnded')(operation, result),
    waitEnded: tell('waitEnded'),
    connection: tell('connection'),
    writesMoved: tell('writesMoved'),
    writeSettled: tell('writeSettled'),
  };
  directory = connectDirectory(given, log, observer);
  return directory;
}

beforeAll(async () => {
  server = await startOpenLdap();
});

beforeEach(async () => {
  proxy = await startTcpProxy({ port: server.slapd.port });
});

afterEach(async () => {
  await directory?.close();
  await proxy.close();
});

afterAll(() => server.stop());

describe('the line of those who wait', () => {
  it('is bounded: when it is full the next one is sent away at once', async () => {
    const connected = connectTo({ mostWaiting: 3, timeoutMs: 60_000 });
    await connected.facts();
    proxy.set({ kind: 'hold' });
    const searches = Array.from({ length: IN_FLIGHT + 3 }, () => connected.search(ONE));
    expect(connected.statistics()).toMatchObject({ connections: 1, inFlight: IN_FLIGHT, waiting: 3 });

    const started = performance.now();
    await expect(connected.search(ONE)).rejects.toMatchObject({ name: 'DirectoryError', kind: 'unavailable' });
    expect(performance.now() - started).toBeLessThan(20_000);
    proxy.set({ kind: 'none' });
    expect((await Promise.all(searches)).every((entries) => entries.length === 1)).toBe(true);
    expect(connected.statistics()).toMatchObject({ inFlight: 0, waiting: 0 });
    expect(told).toContainEqual(['waitEnded', 'queueFull']);
    expect(told.filter(([event, outcome]) => event === 'waitEnded' && outcome === 'served').length).toBeGreaterThanOrEqual(3);
  });

  it('is left at the time limit, which counts from the asking', async () => {
    const timeoutMs = 2000;
    const connected = connectTo({ timeoutMs });
    await connected.facts();
    proxy.set({ kind: 'blackHole' });
    const started = performance.now();
    const ends = await Promise.all(
      Array.from({ length: IN_FLIGHT * 3 }, () => connected.search(ONE).catch((error: { kind: string }) => error.kind)),
    );
    expect(performance.now() - started).toBeLessThan(timeoutMs * 3);
    expect(new Set(ends)).toEqual(new Set(['unavailable']));
  });
});

describe('a search that nobody waits for any longer', () => {
  it('is abandoned on its way, and leaves the line while it waits; others go on', async () => {
    const connected = connectTo({ timeoutMs: 60_000 });
    await connected.facts();
    proxy.set({ kind: 'hold' });
    const gone = new AbortController();
    const started = performance.now();
    const left = Array.from({ length: IN_FLIGHT + 2 }, () => connected.search({ ...ONE, signal: gone.signal }));
    const staying = connected.search(ONE);
    gone.abort();

    for (const search of left) await expect(search).rejects.toMatchObject({ name: 'DirectoryError', kind: 'unavailable' });
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(connected.statistics()).toMatchObject({ connections: 1, inFlight: 1, waiting: 0 });
    proxy.set({ kind: 'none' });
    expect(await staying).toHaveLength(1);
    await expect(connected.search({ ...ONE, signal: gone.signal })).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('an idle connection', () => {
  it('that was cut without a word is noticed and replaced before anybody asks', async () => {
    const connected = connectTo({ probeAfterMs: 50 });
    await connected.facts();
    const before = proxy.connections;
    proxy.set({ kind: 'blackHole' });
    await expect.poll(() => told.filter(([event, what]) => event === 'connection' && what === 'lost')).not.toEqual([]);
    proxy.set({ kind: 'none' });

    await expect.poll(() => connected.health().ready).toBe(true);
    expect(proxy.connections).toBeGreaterThan(before);
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'lost the connection to the directory', fields: expect.objectContaining({}) }),
    );
  });

  it('that works is kept, and spoken over now and then', async () => {
    const busy = await startOpenLdap({ logsOperations: true });
    const kept = connectDirectory(
      { urls: [busy.url], bindDn: BRIDGE_DN, bindPassword: BRIDGE_PASSWORD, timeoutMs: 5000, connections: 1, probeAfterMs: 20 },
      recordingLog(),
    );
    await kept.facts();
    await busy.mark();
    await expect.poll(async () => (await busy.operations()).filter(({ dn }) => dn === '').length).toBeGreaterThan(1);
    expect(kept.statistics().connections).toBe(1);
    await kept.close();
    await busy.stop();
  });
});

describe('whoever counts', () => {
  it('is told of connections, of operations with their results, and of waits', async () => {
    const connected = connectTo();
    await connected.facts();
    await connected.search(ONE);
    await connected.search({ ...ONE, base: `ou=nowhere,${PEOPLE}` }).catch(() => undefined);
    await connected.write({ kind: 'delete', dn: `uid=nobody,${PEOPLE}` }).catch(() => undefined);

    const url = `ldap://127.0.0.1:${proxy.port}`;
    expect(told).toContainEqual(['connection', 'opened', url]);
    expect(told).toContainEqual(['operationEnded', 'search', 0]);
    expect(told).toContainEqual(['operationEnded', 'search', 32]);
    expect(told).toContainEqual(['operationEnded', 'delete', 32]);
  });

  it('is told of a write that was settled', async () => {
    const connected = connectTo({ timeoutMs: 3000 });
    await connected.facts();
    proxy.set({ kind: 'loseAnswerToWrite' });
    await connected.write({
      kind: 'modify',
      dn: PEOPLE,
      modifications: [{ operation: 'replace', attribute: 'description', values: ['x'] }],
    });
    expect(told).toContainEqual(['operationEnded', 'modify', 'noAnswer']);
    expect(told).toContainEqual(['writeSettled', 'done']);
  });
});

describe('a server that refuses our account', () => {
  it('is asked three times and then once a minute, however many ask us: the account must not get locked', async () => {
    const refused = connectTo({ bindPassword: 'guess', connections: 4 });
    const refusals = () => told.filter(([event, what]) => event === 'connection' && what === 'refused').length;
    await expect.poll(refusals, { timeout: 20_000 }).toBe(3);
    expect(log.lines.at(-1)).toEqual({
      level: 'error',
      message: expect.stringMatching(/refuses the account of the bridge .* once a minute/),
      fields: expect.objectContaining({
        server: `ldap://127.0.0.1:${proxy.port}`,
        reason: expect.stringContaining('49 (invalidCredentials)'),
      }),
    });

    // as long as the last pause, and longer than any of an outage
    const until = performance.now() + 5500;
    while (performance.now() < until) {
      await expect(refused.search(ONE)).rejects.toMatchObject({ kind: 'credentials' });
      await sleep(50);
    }
    expect(refusals()).toBe(3);
    expect(refused.health()).toMatchObject({ ready: false, reason: expect.stringContaining('invalidCredentials') });
  });
});

describe('a database that is full', () => {
  it('is red for readiness, while what is read goes on', async () => {
    const small = await startOpenLdap({ configure: (text) => text.replace(/maxsize .*/, 'maxsize 450000') });
    const full = connectDirectory(
      { urls: [small.url], bindDn: BRIDGE_DN, bindPassword: BRIDGE_PASSWORD, timeoutMs: 5000, connections: 1 },
      recordingLog(),
    );
    let error: unknown;
    for (let count = 0; error === undefined && count < 2000; count += 1) {
      const attributes = [
        { name: 'objectClass', values: ['account'] },
        { name: 'uid', values: [`u${count}`] },
        { name: 'description', values: ['x'.repeat(2000)] },
      ];
      error = await full.write({ kind: 'add', dn: `uid=u${count},${PEOPLE}`, attributes }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
    }
    expect(error).toMatchObject({ name: 'DirectoryError', kind: 'refused', code: 80 });
    expect(full.health()).toMatchObject({ ready: false, reason: 'the directory answered the add with result 80 (other)' });
    expect(await full.search(ONE)).toHaveLength(1);
    await full.close();
    await small.stop();
  });
});
