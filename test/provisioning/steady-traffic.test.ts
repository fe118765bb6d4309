import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Answer, type Bridge, startBridgeOn } from '../support/bridge.ts';
import { GROUPS, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { startTwoProviders, type TwoProviders } from '../support/two-providers.ts';
import { createGroup, createUsers, patch } from './support/requests.ts';

/** 50 requests a second of what Entra sends, while the directory is treated badly. Nothing may be answered wrongly, lost, or done twice. */

const PAUSE_MS = 20;
/** More by hand: KILL_ROUNDS=10 FREEZE_SECONDS=120. */
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 4);
const FREEZE_MS = Number(process.env['FREEZE_SECONDS'] ?? 8) * 1000;

/** What was asked of the directory, and what was promised. */
interface Ledger {
  readonly statuses: Map<string, number>;
  /** Names of users that were created (201), and of those whose creation was answered 503. */
  readonly created: Set<string>;
  readonly perhaps: Set<string>;
  /** Ids that were put into the group for good. */
  readonly joined: Set<string>;
  /** The title that each user was given last, when it is known. */
  readonly titles: Map<string, string>;
  readonly wrong: string[];
  slowest: number;
}

function count(ledger: Ledger, kind: string, { status }: Answer): void {
  const key = `${kind} ${status}`;
  ledger.statuses.set(key, (ledger.statuses.get(key) ?? 0) + 1);
}

/** Sends requests at a steady pace until told to stop, and waits for their answers. */
async function traffic(bridge: Bridge, users: readonly string[], group: string, signal: AbortSignal): Promise<Ledger> {
  const ledger: Ledger = {
    statuses: new Map(),
    created: new Set(),
    perhaps: new Set(),
    joined: new Set(),
    titles: new Map(),
    wrong: [],
    slowest: 0,
  };
  const expectStatus = (kind: string, answer: Answer, ...allowed: readonly number[]) => {
    count(ledger, kind, answer);
    if (![...allowed, 503].includes(answer.status)) ledger.wrong.push(`${kind}: ${answer.status} ${answer.text}`);
    if (answer.status === 503 && !/^[1-9]\d*$/.test(answer.headers.get('retry-after') ?? ''))
      ledger.wrong.push(`${kind}: 503 without Retry-After`);
  };
  let turn = 0;
  const kinds: readonly (() => Promise<void>)[] = [
    async () => {
      const name = `new-${randomUUID()}`;
      const answer = await bridge.send('POST', '/Users', { userName: name });
      expectStatus('create', answer, 201);
      (answer.status === 201 ? ledger.created : ledger.perhaps).add(name);
    },
    async () => {
      const id = users[turn % users.length] ?? '';
      const answer = await bridge.send('GET', `/Users/${id}`);
      expectStatus('read', answer, 200);
    },
    async () => {
      const index = turn % users.length;
      const answer = await bridge.send('GET', `/Users?filter=${encodeURIComponent(`userName eq "steady${index}"`)}`);
      expectStatus('find', answer, 200);
      if (answer.status === 200 && answer.body.totalResults !== 1) ledger.wrong.push(`find: ${answer.body.totalResults} results`);
    },
    async () => {
      const id = users[turn % users.length] ?? '';
      const title = randomUUID();
      ledger.titles.delete(id);
      const answer = await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: title });
      expectStatus('update', answer, 200);
      if (answer.status === 200) ledger.titles.set(id, title);
    },
    async () => {
      const id = users[turn % users.length] ?? '';
      const answer = await patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: id }] });
      expectStatus('join', answer, 204);
      if (answer.status === 204) ledger.joined.add(id);
    },
  ];
  const under: Promise<void>[] = [];
  while (!signal.aborted) {
    turn += 1;
    const kind = kinds[turn % kinds.length];
    const started = performance.now();
    if (kind !== undefined) {
      under.push(
        kind().finally(() => {
          ledger.slowest = Math.max(ledger.slowest, performance.now() - started);
        }),
      );
    }
    await sleep(PAUSE_MS);
  }
  await Promise.all(under);
  return ledger;
}

/** The set of entries equals what the answers promised. */
async function expectPromisesKept(ledger: Ledger, ldap: OpenLdap, users: readonly string[]): Promise<void> {
  expect(ledger.wrong).toEqual([]);
  const entries = await ldap.adminSearch(PEOPLE, '(objectClass=inetOrgPerson)', ['uid', 'title', 'entryUUID']);
  const names = entries.flatMap((entry) => valuesOf(entry, 'uid').map(String));
  expect([...ledger.created].filter((name) => !names.includes(name))).toEqual([]);
  expect(names.filter((name) => name.startsWith('new-') && !ledger.created.has(name) && !ledger.perhaps.has(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
  const byId = new Map(entries.map((entry) => [String(valuesOf(entry, 'entryUUID')[0]), entry]));
  const dnOf = (id: string) => byId.get(id)?.dn ?? 'gone';
  expect(users.filter((id) => !byId.has(id))).toEqual([]);
  const titles = [...ledger.titles].map(
    ([id, title]) => [id, title, String(valuesOf(byId.get(id) ?? { dn: '', attributes: new Map() }, 'title')[0])] as const,
  );
  expect(titles.filter(([, promised, held]) => promised !== held)).toEqual([]);
  const [group] = await ldap.adminSearch(GROUPS, '(cn=steady)', ['member']);
  const members = new Set(group === undefined ? [] : valuesOf(group, 'member').map(String));
  expect([...ledger.joined].filter((id) => !members.has(dnOf(id)))).toEqual([]);
}

describe('two providers, of which the first is killed and restarted again and again', () => {
  let providers: TwoProviders;
  let bridge: Bridge;
  let users: readonly string[] = [];
  let group = '';

  beforeAll(async () => {
    providers = await startTwoProviders();
    bridge = await startBridgeOn([providers.first, providers.second], {
      directory: '    timeout: 3s\n    connections: 4\n    writeFailover: 400ms',
    });
    users = await createUsers(bridge, 20, 'steady');
    group = await createGroup(bridge, [], 'steady');
  });
  afterAll(async () => {
    await bridge.stop();
    await providers.stop();
  });

  it(`answers nothing wrongly, loses nothing and does nothing twice`, { timeout: 120_000 }, async () => {
    const end = new AbortController();
    const running = traffic(bridge, users, group, end.signal);
    for (let round = 0; round < ROUNDS; round += 1) {
      await providers.inStep();
      const { first } = providers;
      await first.slapd.kill('SIGKILL');
      await sleep(round % 2 === 0 ? 50 : 1500);
      await first.slapd.restart();
      const inCharge = async () =>
        ((await (await fetch(`${bridge.adminUrl}/readyz`)).json()) as { directories: { corp: unknown } }).directories.corp;
      await expect.poll(inCharge, { timeout: 30_000, interval: 50 }).toEqual({ ready: true, server: first.url });
    }
    end.abort();
    const ledger = await running;
    await providers.inStep();
    await expectPromisesKept(ledger, providers.first, users);
    await expectPromisesKept(ledger, providers.second, users);
    expect(ledger.slowest).toBeLessThan(10_000);
  });
});

describe('a directory that freezes', () => {
  it('answers everything in time, keeps its memory, and is back at once', { timeout: FREEZE_MS + 60_000 }, async () => {
    const ldap = await startOpenLdap();
    const bridge = await startBridgeOn([ldap], { directory: '    timeout: 500ms\n    connections: 2' });
    const users = await createUsers(bridge, 20, 'steady');
    const group = await createGroup(bridge, [], 'steady');
    const pid = ldap.slapd.pid ?? 0;
    const end = new AbortController();
    const running = traffic(bridge, users, group, end.signal);
    await sleep(500);
    process.kill(pid, 'SIGSTOP');
    await sleep(FREEZE_MS / 4);
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    await sleep((FREEZE_MS * 3) / 4);
    globalThis.gc?.();
    const growth = process.memoryUsage().heapUsed - before;
    process.kill(pid, 'SIGCONT');
    const thawed = performance.now();
    await expect.poll(async () => (await bridge.send('GET', '/Users?count=0')).status, { timeout: 20_000, interval: 20 }).toBe(200);
    const recovery = performance.now() - thawed;
    end.abort();
    const ledger = await running;
    await expectPromisesKept(ledger, ldap, users);
    expect(ledger.slowest).toBeLessThan(5000);
    expect(recovery).toBeLessThan(5000 + 2000);
    expect(growth).toBeLessThan(30_000_000);
    await bridge.stop();
    await ldap.stop();
  });
});
