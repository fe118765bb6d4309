import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start389ds } from '../support/389ds.ts';
import { type Bridge, startContainerBridge } from '../support/bridge.ts';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { startSamba } from '../support/samba.ts';
import type { TestDirectory } from '../support/test-directory.ts';
import { changeAtRandom, RANDOM_USERS } from './support/change-at-random.ts';
import { createGroup, createUsers, findIds, memberIds, type Operation, patch } from './support/requests.ts';

/** Groups of directories that have neither the assertion control nor permissive modify. */
const KINDS: readonly (readonly [string, () => Promise<Bridge<TestDirectory>>])[] = [
  ['389 Directory Server', async () => startContainerBridge(await start389ds(), '389ds')],
  ['Active Directory (Samba)', async () => startContainerBridge(await startSamba(), 'active-directory')],
];

describe.skipIf(!hasContainerEngine).each(KINDS)(`the groups of %s${skippedWithoutEngine}`, (_name, start) => {
  let bridge: Bridge;
  let users: readonly string[];

  beforeAll(async () => {
    // What these tests do with it, every directory can.
    bridge = (await start()) as unknown as Bridge;
    users = await createUsers(bridge, RANDOM_USERS, 'g');
  }, FIRST_START_MS);
  afterAll(() => bridge?.stop());

  const user = (number: number): string => users[number] ?? '';
  const change = (op: string, ...ids: readonly string[]): Operation => ({ op, path: 'members', value: ids.map((value) => ({ value })) });

  it('may be empty, take members in and out again, and be replaced', async () => {
    const group = await createGroup(bridge, [], 'steps');
    const steps: readonly (readonly [Operation, readonly string[]])[] = [
      [change('add', user(0)), [user(0)]],
      [change('add', user(0), user(1)), [user(0), user(1)]],
      [change('remove', user(2)), [user(0), user(1)]],
      [change('remove', user(0), user(2)), [user(1)]],
      [change('replace', user(3)), [user(3)]],
      [{ op: 'remove', path: 'members' }, []],
    ];
    for (const [operation, members] of steps) {
      expect((await patch(bridge, `/Groups/${group}`, operation)).status).toBe(204);
      expect(await memberIds(bridge, group)).toEqual(members.toSorted());
    }
  });

  it('end as the last word of each of eight clients says', { timeout: 120_000 }, async () => {
    const group = await createGroup(bridge, [user(0), user(4)], 'random');
    const expected = await changeAtRandom([bridge], group, users, [user(0), user(4)]);
    expect(await memberIds(bridge, group)).toEqual([...expected].toSorted());
  });

  it('take 64 changes at the same time', { timeout: 120_000 }, async () => {
    const group = await createGroup(bridge, users.slice(0, 8), 'many');
    const changes = Array.from({ length: 64 }, (_, index) =>
      change(index % users.length < 8 ? 'remove' : 'add', user(index % users.length)),
    );
    const answers = await Promise.all(changes.map((each) => patch(bridge, `/Groups/${group}`, each)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect(await memberIds(bridge, group)).toEqual(users.slice(8).toSorted());
  });

  it('are found by their members, and hold groups', async () => {
    const inner = await createGroup(bridge, [user(5)], 'inner');
    const outer = await createGroup(bridge, [inner, user(6)], 'outer');
    expect(await findIds(bridge, 'Groups', `id eq "${outer}" and members eq "${inner}"`)).toEqual([outer]);
    expect(await memberIds(bridge, outer)).toEqual([inner, user(6)].toSorted());
    expect((await patch(bridge, `/Groups/${inner}`, change('add', inner))).status).toBe(400);
  });
});
