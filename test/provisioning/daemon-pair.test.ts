import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type DaemonPair, startDaemonPair } from '../support/daemon-pair.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { changeAtRandom, RANDOM_USERS } from './support/change-at-random.ts';
import { GROUP_STYLES } from './support/group-styles.ts';
import { createGroup, createUser, createUsers, memberIds, patch } from './support/requests.ts';
import { withoutOverlays } from './support/without-overlays.ts';

/** docs/scaling.md: two daemons that share nothing but two providers, of which both prefer the same. */
describe.each(GROUP_STYLES)('$name, changed by two daemons in front of two providers', ({ mapping, attribute, whenEmpty }) => {
  let pair: DaemonPair;
  let users: readonly string[];

  beforeAll(async () => {
    pair = await startDaemonPair({ mapping: (text) => withoutOverlays(mapping(text)) });
    users = await createUsers(pair, RANDOM_USERS, 'styled-');
  });
  afterAll(() => pair?.stop());

  const user = (number: number): string => users[number] ?? '';
  const change = (group: string, op: 'add' | 'remove', ...ids: readonly string[]) =>
    patch(pair, `/Groups/${group}`, { op, path: 'members', value: ids.map((value) => ({ value })) });

  /** Both daemons show them, and both providers hold as many. */
  async function expectMembers(group: string, ids: Iterable<string>): Promise<void> {
    const expected = [...new Set(ids)].toSorted();
    for (const daemon of pair.daemons) expect(await memberIds(daemon, group)).toEqual(expected);
    await pair.providers.inStep();
    const { first, second } = pair.providers;
    for (const server of [first, second]) {
      const [entry] = await server.adminSearch(GROUPS, `(entryUUID=${group})`, [attribute]);
      const stored = entry === undefined ? [] : valuesOf(entry, attribute).map(String);
      if (expected.length === 0) expect(stored).toEqual(whenEmpty === undefined ? [] : [whenEmpty]);
      // the placeholder may stand beside real members for a while, and is never shown
      else expect(stored.filter((value) => value !== whenEmpty)).toHaveLength(expected.length);
    }
  }

  it('ends as the last word of each of eight clients says', { timeout: 60_000 }, async () => {
    const group = await createGroup(pair, [user(0), user(4)]);
    const expected = await changeAtRandom(pair.daemons, group, users, [user(0), user(4)]);
    expect(await memberIds(pair, group)).toEqual([...expected].toSorted());
    await expectMembers(group, expected);
  });

  it('survives two who remove the last two, and one who adds while another removes the last', { timeout: 60_000 }, async () => {
    const group = await createGroup(pair, [user(0), user(1)]);
    for (let round = 0; round < 10; round += 1) {
      const removals = await Promise.all([0, 1].map((each) => change(group, 'remove', user(each))));
      expect(removals.map(({ status }) => status)).toEqual([204, 204]);
      await expectMembers(group, []);
      expect((await change(group, 'add', user(0))).status).toBe(204);
      const both = await Promise.all([change(group, 'remove', user(0)), change(group, 'add', user(1))]);
      expect(both.map(({ status }) => status)).toEqual([204, 204]);
      await expectMembers(group, [user(1)]);
      expect((await change(group, 'add', user(0))).status).toBe(204);
    }
  });

  it('takes 64 changes at the same time', async () => {
    const group = await createGroup(pair, users.slice(0, 8));
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) => index % users.length).map((each) => change(group, each < 8 ? 'remove' : 'add', user(each))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    await expectMembers(group, users.slice(8));
  });
});

describe('writeFailover: never', () => {
  let pair: DaemonPair;
  beforeAll(async () => {
    pair = await startDaemonPair({ mapping: withoutOverlays, directory: '    timeout: 3s\n    writeFailover: never' });
  });
  afterAll(() => pair?.stop());

  it('loses nobody when the preferred provider ends and comes back while two daemons change a group', { timeout: 90_000 }, async () => {
    const { first, second } = pair.providers;
    const names = Array.from({ length: 200 }, (_, index) => `joining-${index}`);
    const ids: string[] = [];
    for (const userName of names) ids.push(await createUser(pair, { userName }));
    const group = await createGroup(pair);
    const joined = new Set<string>();
    let next = 0;
    const clients = Array.from({ length: 8 }, async (_, client) => {
      for (let turn = next; turn < names.length; turn = next) {
        next += 1;
        const value = [{ value: ids[turn] }];
        const { status } = await patch(pair.daemons[client % 2] ?? pair, `/Groups/${group}`, { op: 'add', path: 'members', value });
        expect([204, 503]).toContain(status);
        if (status === 204) joined.add(`uid=${names[turn]},${PEOPLE}`);
      }
    });
    for (const share of [0.2, 0.6]) {
      await expect.poll(() => next, { timeout: 30_000, interval: 2 }).toBeGreaterThan(names.length * share);
      await first.slapd.kill('SIGKILL');
      await first.slapd.restart();
    }
    await Promise.all(clients);
    await pair.providers.inStep();
    expect(joined.size).toBeGreaterThan(names.length / 2);
    for (const server of [first, second]) {
      const [entry] = await server.adminSearch(GROUPS, `(entryUUID=${group})`, ['member']);
      const stored = entry === undefined ? [] : valuesOf(entry, 'member').map(String);
      expect([...joined].filter((dn) => !stored.includes(dn))).toEqual([]);
    }
    expect(pair.log.filter((line) => line.includes('move to another server'))).toEqual([]);
  });
});
