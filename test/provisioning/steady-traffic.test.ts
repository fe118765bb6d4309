import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Answer, type Bridge, startBridgeOn } from '../support/bridge.ts';
import { GROUPS, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { startTwoProviders, type TwoProviders } from '../support/two-providers.ts';
import { usedMemory } from '../support/used-memory.ts';
import { createGroup, createUsers, patch } from './support/requests.ts';

/** 50 requests a second of what Entra sends, while the directory is treated badly. Nothing may be answered wrongly, lost, or done twice. */

const PAUSE_MS = 20;
/** More by hand: KILL_ROUNDS=10 FREEZE_SECONDS=120. */
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 4);
const FREEZE_MS = Number(process.env['FREEZE_SECONDS'] ?? 8) * 1000;

/** Milliseconds since the epoch. */
interface Span {
  readonly began: number;
  readonly ended: number;
}

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
  /** When each request that was answered 503 began and ended. */
  readonly unavailable: Span[];
  slowest: number;
}

function count(ledger: Ledger, kind: string, { status }: Answer): void {
  const key = `${kind} ${status}`;
  ledger.statuses.set(key, (ledger.statuses.get(key) ?? 0) + 1);
}

/** When the bridge logged that it has a server again, the first time after a moment. */
function firstConnectedAfter(log: readonly string[], moment: number): number {
  const times = log.filter((line) => line.includes('"connected to the directory"')).map((line) => Number(JSON.parse(line).time));
  return Math.min(...times.filter((time) => time >= moment));
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
    unavailable: [],
    slowest: 0,
  };
  const expectStatus = (kind: string, answer: Answer, ...allowed: readonly number[]) => {
    count(ledger, kind, answer);
    if (![...allowed, 503].includes(answer.status)) ledger.wrong.push(`${kind}: ${answer.status} ${answer.text}`);
    if (answer.status === 503 && !/^[1-9]\d*$/.test(answer.headers.get('retry-after') ?? ''))
      ledger.wrong.push(`${kind}: 503 without Retry-After`);
  };
  let turn = 0;
  const kinds: readonly (() => Promise<Answer>)[] = [
    async () => {
      const name = `new-${randomUUID()}`;
      const answer = await bridge.send('POST', '/Users', { userName: name });
      expectStatus('create', answer, 201);
      (answer.status === 201 ? ledger.created : ledger.perhaps).add(name);
      return answer;
    },
    async () => {
      const id = users[turn % users.length] ?? '';
      const answer = await bridge.send('GET', `/Users/${id}`);
      expectStatus('read', answer, 200);
      return answer;
    },
    async () => {
      const index = turn % users.length;
      const answer = await bridge.send('GET', `/Users?filter=${encodeURIComponent(`userName eq "steady${index}"`)}`);
      expectStatus('find', answer, 200);
      if (answer.status === 200 && answer.body.totalResults !== 1) ledger.wrong.push(`find: ${answer.body.totalResults} results`);
      return answer;
    },
    async () => {
      const id = users[turn % users.length] ?? '';
      const title = randomUUID();
      ledger.titles.delete(id);
      const answer = await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: title });
      expectStatus('update', answer, 200);
      if (answer.status === 200) ledger.titles.set(id, title);
      return answer;
    },
    async () => {
      const id = users[turn % users.length] ?? '';
      const answer = await patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: id }] });
      expectStatus('join', answer, 204);
      if (answer.status === 204) ledger.joined.add(id);
      return answer;
    },
  ];
  const timed = async (send: () => Promise<Answer>) => {
    const began = Date.now();
    const { status } = await send();
    const ended = Date.now();
    if (status === 503) ledger.unavailable.push({ began, ended });
    ledger.slowest = Math.max(ledger.slowest, ended - began);
  };
  const under: Promise<void>[] = [];
  while (!signal.aborted) {
    turn += 1;
    const kind = kinds[turn % kinds.length];
    if (kind !== undefined) under.push(timed(kind));
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

const TIMEOUT_MS = 3000;
const FAILOVER_MS = 400;
/** How much later than its time an outage may end on a busy machine. */
const LATENESS_MS = 3000;

describe('two providers, of which the first is killed and restarted again and again', () => {
  let providers: TwoProviders;
  let bridge: Bridge;
  let users: readonly string[] = [];
  let group = '';

  beforeAll(async () => {
    providers = await startTwoProviders();
    bridge = await startBridgeOn([providers.first, providers.second], {
      directory: `    timeout: ${TIMEOUT_MS}ms\n    connections: 4\n    writeFailover: ${FAILOVER_MS}ms`,
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
    const kills: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await providers.inStep();
      const { first } = providers;
      kills.push(Date.now());
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
    // 503 is for those who were on their way at a kill, or came while no server was in charge; and that has an end
    const outages = kills.map((began) => ({ began, ended: firstConnectedAfter(bridge.log, began) }));
    expect(outages.filter(({ began, ended }) => ended - began > FAILOVER_MS + TIMEOUT_MS + LATENESS_MS)).toEqual([]);
    const isInside = (one: Span) => outages.some(({ began, ended }) => one.ended >= began && one.began <= ended);
    expect(ledger.unavailable.filter((one) => !isInside(one))).toEqual([]);
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
    const before = usedMemory();
    await sleep((FREEZE_MS * 3) / 4);
    const growth = usedMemory() - before;
    process.kill(pid, 'SIGCONT');
    const thawed = performance.now();
    await expect.poll(async () => (await bridge.send('GET', '/Users?count=0')).status, { timeout: 20_000, interval: 20 }).toBe(200);
    const recovery = performance.now() - thawed;
    end.abort();
    const ledger = await running;
    await expectPromisesKept(ledger, ldap, users);
    expect(ledger.slowest).toBeLessThan(5000);
    expect(recovery).toBeLessThan(5000);
    expect(growth).toBeLessThan(30_000_000);
    await bridge.stop();
    await ldap.stop();
  });
});
