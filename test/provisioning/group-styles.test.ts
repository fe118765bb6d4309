import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startAnother, startBridge } from '../support/bridge.ts';
import { changeAtRandom, RANDOM_USERS } from './support/change-at-random.ts';
import { GROUP_STYLES } from './support/group-styles.ts';
import { createGroup, createUser, createUsers, entryWithId, findIds, memberIds, type Operation, patch } from './support/requests.ts';

const ROUNDS = 10;

describe.each(GROUP_STYLES)('$name', ({ mapping, attribute, whenEmpty, ldif, nests }) => {
  let bridge: Bridge;
  let users: readonly string[];

  beforeAll(async () => {
    bridge = await startBridge({ mapping });
    users = await createUsers(bridge, RANDOM_USERS, 'styled-');
  });
  afterAll(() => bridge.stop());

  const user = (number: number): string => users[number] ?? '';
  const element = (id: string) => ({ value: id });
  const add = (...ids: readonly string[]): Operation => ({ op: 'Add', path: 'members', value: ids.map(element) });
  const remove = (...ids: readonly string[]): Operation => ({ op: 'Remove', path: 'members', value: ids.map(element) });

  /** The stored values, without those that stand in for nobody. */
  async function storedMembers(group: string): Promise<readonly string[]> {
    const entry = await entryWithId(bridge, group);
    return (entry === undefined ? [] : valuesOf(entry, attribute)).map(String);
  }

  async function expectMembers(group: string, ids: Iterable<string>): Promise<void> {
    const expected = [...new Set(ids)].toSorted();
    expect(await memberIds(bridge, group)).toEqual(expected);
    const stored = await storedMembers(group);
    if (expected.length === 0) expect(stored).toEqual(whenEmpty === undefined ? [] : [whenEmpty]);
    else expect(stored).toHaveLength(expected.length);
  }

  it('is created with nobody, with one and with many', async () => {
    for (const members of [[], [user(0)], users]) {
      const group = await createGroup(bridge, members);
      await expectMembers(group, members);
      expect((await findIds(bridge, 'Groups', `id eq "${group}"`)).length).toBe(1);
    }
  });

  it('takes members in and out, one by one and all at once', async () => {
    const group = await createGroup(bridge);
    const steps: readonly (readonly [Operation, readonly string[]])[] = [
      [add(user(0)), [user(0)]],
      [add(user(0), user(1)), [user(0), user(1)]],
      [remove(user(2)), [user(0), user(1)]],
      [remove(user(0), user(2)), [user(1)]],
      [{ op: 'remove', path: `members[value eq "${user(1)}"]` }, []],
      [remove(user(1)), []],
      [{ op: 'add', value: { members: users.map(element) } }, users],
      [{ op: 'replace', path: 'members', value: [element(user(3))] }, [user(3)]],
      [{ op: 'remove', path: 'members' }, []],
    ];
    for (const [operation, members] of steps) {
      expect((await patch(bridge, `/Groups/${group}`, operation)).status).toBe(204);
      await expectMembers(group, members);
    }
  });

  it('is replaced as a whole by the difference', async () => {
    const displayName = 'put-group';
    const group = await createGroup(bridge, [user(0), user(1)], displayName);
    for (const members of [[1, 2], [1, 2], [], [4]]) {
      const { status, body } = await bridge.send('PUT', `/Groups/${group}`, {
        displayName,
        members: members.map((each) => element(user(each))),
      });
      expect({ status, body }).toMatchObject({ status: 200 });
      await expectMembers(group, members.map(user));
    }
  });

  it('ends as the last word of each of eight clients says, whatever they do at the same time by two daemons', async () => {
    const other = await startAnother(bridge, { mapping });
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const group = await createGroup(bridge, [user(0), user(4)]);
        const expected = await changeAtRandom([bridge, other], group, users, [user(0), user(4)], round);
        await expectMembers(group, expected);
        expect((await other.send('GET', `/Groups/${group}`)).body.members ?? []).toHaveLength(expected.size);
      }
    } finally {
      await other.stop();
    }
  });

  it('survives two who remove the last two, and one who adds while another removes the last', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 10; round += 1) {
      const group = await createGroup(bridge, [user(0), user(1)]);
      const removals = await Promise.all([0, 1].map((each) => patch(bridge, `/Groups/${group}`, remove(user(each)))));
      expect(removals.map(({ status }) => status)).toEqual([204, 204]);
      await expectMembers(group, []);
      expect((await patch(bridge, `/Groups/${group}`, add(user(0)))).status).toBe(204);
      const both = await Promise.all([patch(bridge, `/Groups/${group}`, remove(user(0))), patch(bridge, `/Groups/${group}`, add(user(1)))]);
      expect(both.map(({ status }) => status)).toEqual([204, 204]);
      expect(await memberIds(bridge, group)).toEqual([user(1)]);
    }
  });

  it('takes 64 changes at the same time', async () => {
    const group = await createGroup(bridge, users.slice(0, 8));
    const changes = Array.from({ length: 64 }, (_, index) => {
      const number = index % users.length;
      return number < 8 ? remove(user(number)) : add(user(number));
    });
    const answers = await Promise.all(changes.map((change) => patch(bridge, `/Groups/${group}`, change)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    await expectMembers(group, users.slice(8));
  });

  it('refuses who is nobody, by name, and changes nothing', async () => {
    const group = await createGroup(bridge, [user(0)]);
    const nobody = '00000000-0000-4000-8000-000000000000';
    const answers = [
      await patch(bridge, `/Groups/${group}`, add(user(1), nobody)),
      await patch(bridge, `/Groups/${group}`, add(group)),
      await patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: { of: 'something' } }] }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(answers[0]?.body.detail).toContain(nobody);
    expect(answers[1]?.body.detail).toContain(group);
    await expectMembers(group, [user(0)]);
  });

  it('is found by its members, and in its members', async () => {
    const [member, outsider] = [await createUser(bridge), await createUser(bridge)];
    const group = await createGroup(bridge, [member]);
    for (const filter of [`members eq "${member}"`, `members.value eq "${member}"`, `members[value eq "${member}"]`]) {
      expect(await findIds(bridge, 'Groups', filter)).toEqual([group]);
      expect(await findIds(bridge, 'Groups', `id eq "${group}" and ${filter}`)).toEqual([group]);
    }
    expect(await findIds(bridge, 'Groups', `id eq "${group}" and members eq "${outsider}"`)).toEqual([]);
    const shown = async (id: string) => (await bridge.send('GET', `/Users/${id}`)).body.groups;
    expect(await shown(member)).toMatchObject([{ value: group, type: 'direct' }]);
    expect(await shown(outsider)).toBeUndefined();
    expect(await findIds(bridge, 'Users', `id eq "${member}" and groups.value eq "${group}"`)).toEqual([member]);
    expect(await findIds(bridge, 'Users', `id eq "${outsider}" and groups.value eq "${group}"`)).toEqual([]);
  });

  it('shows the groups that hold somebody by way of others, where that is asked for', async () => {
    const [member] = await createUsers(bridge, 1, 'indirect-');
    const group = await createGroup(bridge, [member ?? '']);
    const outer = nests ? [await createGroup(bridge, [group])] : [];
    const outermost = await Promise.all(outer.map((id) => createGroup(bridge, [id])));
    const indirect = await startAnother(bridge, {
      mapping: (text) => mapping(text).replace(/^( +groups:) .*$/m, '$1 { reverse: groups.members, indirect: true }'),
    });
    try {
      const { body } = await indirect.send('GET', `/Users/${member}`);
      const shown = body.groups.map(({ value, type }: { value: string; type: string }) => `${type} ${value}`);
      expect(shown.toSorted()).toEqual([`direct ${group}`, ...[...outer, ...outermost].map((id) => `indirect ${id}`)].toSorted());
    } finally {
      await indirect.stop();
    }
  });

  it('follows a member who gets another name, and forgets one who is deleted', async () => {
    const [renamed, deleted] = [await createUser(bridge), await createUser(bridge)];
    const group = await createGroup(bridge, [renamed, deleted]);
    await patch(bridge, `/Users/${renamed}`, { op: 'replace', path: 'userName', value: `renamed-${renamed}` });
    await expectMembers(group, [renamed, deleted]);
    expect((await bridge.send('DELETE', `/Users/${deleted}`)).status).toBe(204);
    await expectMembers(group, [renamed]);
  });

  // memberUid holds names of users only (RFC 2307 §2.4).
  it.each(nests ? ['groups'] : [])('holds %s', async () => {
    const inner = await createGroup(bridge, [user(0)]);
    const outer = await createGroup(bridge, [inner, user(1)]);
    const { body } = await bridge.send('GET', `/Groups/${outer}`);
    expect(new Map(body.members.map(({ value, type }: { value: string; type: string }) => [value, type]))).toEqual(
      new Map([
        [inner, 'Group'],
        [user(1), 'User'],
      ]),
    );
    expect((await bridge.send('DELETE', `/Groups/${inner}`)).status).toBe(204);
    await expectMembers(outer, [user(1)]);
  });

  it('keeps members from outside, and shows them to nobody', async () => {
    const outside = nests ? 'cn=bridge,dc=example,dc=org' : 'not-one-of-ours';
    await bridge.ldap.adminAdd(
      `dn: cn=shared,ou=groups,dc=example,dc=org\n${ldif}\nobjectClass: scimObject\ncn: shared\n${attribute}: ${outside}\n`,
    );
    const [group = ''] = await findIds(bridge, 'Groups', 'displayName eq "shared"');
    expect(await memberIds(bridge, group)).toEqual([]);
    for (const operation of [add(user(0)), { op: 'replace', path: 'members', value: [element(user(1))] }]) {
      expect((await patch(bridge, `/Groups/${group}`, operation)).status).toBe(204);
      expect(await memberIds(bridge, group)).toHaveLength(1);
      expect(await storedMembers(group)).toContain(outside);
    }
  });
});
