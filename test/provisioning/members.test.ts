import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS } from '../support/openldap.ts';
import { createGroup, createUsers, findIds, memberDns, memberIds, type Operation, patch } from './support/requests.ts';
import { withoutOverlays } from './support/without-overlays.ts';

const NOBODY = 'cn=nobody,dc=example,dc=org';

describe.each(['full', 'bare'] as const)('%s', (variant) => {
  let bridge: Bridge;
  let users: readonly string[];

  beforeAll(async () => {
    bridge = await startBridge(variant === 'full' ? {} : { variant, mapping: withoutOverlays });
    users = await createUsers(bridge, 5, 'member-');
  });
  afterAll(() => bridge.stop());

  /** The ids of users by their numbers. */
  const ids = (...numbers: readonly number[]): readonly string[] => numbers.map((number) => users[number] ?? '');
  const elements = (...numbers: readonly number[]) => ids(...numbers).map((value) => ({ value }));
  const byFilter = (number: number) => `members[value eq "${users[number]}"]`;

  async function expectMembers(group: string, numbers: readonly number[]): Promise<void> {
    expect(await memberIds(bridge, group)).toEqual(ids(...numbers).toSorted());
    expect(await memberDns(bridge, group)).toHaveLength(Math.max(1, numbers.length));
    if (numbers.length === 0) expect(await memberDns(bridge, group)).toEqual([NOBODY]);
  }

  const add = (...numbers: readonly number[]): Operation => ({ op: 'Add', path: 'members', value: elements(...numbers) });
  const remove = (...numbers: readonly number[]): Operation => ({ op: 'Remove', path: 'members', value: elements(...numbers) });
  const replace = (...numbers: readonly number[]): Operation => ({ op: 'replace', path: 'members', value: elements(...numbers) });

  /** Members before, operations of one request, members afterwards. */
  const TABLE: readonly (readonly [string, readonly number[], () => readonly Operation[], readonly number[]])[] = [
    ['adds the first one', [], () => [add(0)], [0]],
    ['adds one to others', [0], () => [add(1)], [0, 1]],
    ['adds several', [0], () => [add(1, 2, 3)], [0, 1, 2, 3]],
    ['adds who is there', [0, 1], () => [add(1)], [0, 1]],
    ['adds who is there and who is not', [0, 1], () => [add(1, 2)], [0, 1, 2]],
    ['adds one twice in one list', [], () => [add(1, 1)], [1]],
    ['adds by several operations', [], () => [add(0), add(1), add(2)], [0, 1, 2]],
    ['adds by a bare id', [0], () => [{ op: 'add', path: 'members', value: users[1] }], [0, 1]],
    ['adds by one object', [0], () => [{ op: 'add', path: 'members', value: { value: users[1], display: 'x', type: 'User' } }], [0, 1]],
    ['adds without a path', [0], () => [{ op: 'add', value: { members: elements(1) } }], [0, 1]],
    ['adds an id in capitals', [], () => [{ op: 'add', path: 'members', value: [{ value: users[1]?.toUpperCase() }] }], [1]],
    ['adds by the URN', [], () => [{ op: 'add', path: 'urn:ietf:params:scim:schemas:core:2.0:Group:members', value: elements(0) }], [0]],
    ['adds nothing', [0], () => [{ op: 'add', path: 'members', value: [] }], [0]],
    ['adds null, which is nothing', [0], () => [{ op: 'add', path: 'members', value: null }], [0]],
    ['removes one of several by list', [0, 1, 2], () => [remove(1)], [0, 2]],
    ['removes one of several by filter', [0, 1, 2], () => [{ op: 'remove', path: byFilter(1) }], [0, 2]],
    ['removes by a bare id', [0, 1], () => [{ op: 'remove', path: 'members', value: users[0] }], [1]],
    [
      'removes several by a filter',
      [0, 1, 2],
      () => [{ op: 'remove', path: `members[value eq "${users[0]}" or value eq "${users[2]}"]` }],
      [1],
    ],
    ['removes several by list', [0, 1, 2], () => [remove(0, 2)], [1]],
    ['removes the last one', [0], () => [remove(0)], []],
    ['removes the last one by filter', [0], () => [{ op: 'remove', path: byFilter(0) }], []],
    ['removes the last two', [0, 1], () => [remove(0, 1)], []],
    ['removes who is not there', [0], () => [remove(1)], [0]],
    ['removes who is there and who is not', [0, 1], () => [remove(1, 2)], [0]],
    ['removes the last one and who is not there', [0], () => [remove(0, 1)], []],
    ['removes from nobody', [], () => [remove(0)], []],
    ['removes an id that names nobody', [0], () => [{ op: 'remove', path: 'members', value: [{ value: 'nobody' }] }], [0]],
    ['removes an empty list, which is nobody', [0, 1], () => [{ op: 'remove', path: 'members', value: [] }], [0, 1]],
    ['removes everybody', [0, 1, 2], () => [{ op: 'remove', path: 'members' }], []],
    ['removes everybody from nobody', [], () => [{ op: 'remove', path: 'members' }], []],
    ['exchanges one for another', [0], () => [add(1), remove(0)], [1]],
    ['exchanges the other way round', [0], () => [remove(0), add(1)], [1]],
    ['exchanges everybody', [0, 1], () => [remove(0, 1), add(2, 3)], [2, 3]],
    ['adds and removes the same one', [0], () => [add(1), remove(1)], [0]],
    ['removes and adds the same one', [0, 1], () => [remove(1), add(1)], [0, 1]],
    ['adds and removes the same one in an empty group', [], () => [add(0), remove(0)], []],
    ['removes and adds the only one', [0], () => [remove(0), add(0)], [0]],
    ['adds who is there, removes who is not', [0, 1], () => [add(0), remove(2)], [0, 1]],
    ['adds who is there, removes another', [0, 1], () => [add(0), remove(1)], [0]],
    ['replaces some', [0, 1, 2], () => [replace(1, 3)], [1, 3]],
    ['replaces with the same', [0, 1], () => [replace(1, 0)], [0, 1]],
    ['replaces with nobody', [0, 1], () => [replace()], []],
    ['replaces nobody with nobody', [], () => [replace()], []],
    ['replaces nobody', [], () => [replace(0)], [0]],
    ['replaces with null, which is nobody', [0], () => [{ op: 'replace', path: 'members', value: null }], []],
    ['removes everybody and adds some', [0, 1], () => [{ op: 'remove', path: 'members' }, add(2)], [2]],
    ['adds and then replaces', [0], () => [add(1), replace(2)], [2]],
    ['replaces and then adds and removes', [0], () => [replace(1, 2), add(3), remove(1)], [2, 3]],
    ['removes by a filter that needs the list', [0, 1], () => [{ op: 'remove', path: `members[not (value eq "${users[0]}")]` }], [0]],
    ['changes nothing by no operation', [0], () => [], [0]],
  ];

  it.each(TABLE)('%s', async (_what, before, operations, after) => {
    const group = await createGroup(bridge, ids(...before));
    await expectMembers(group, before);
    const once = await patch(bridge, `/Groups/${group}`, ...operations());

    expect([once.status, once.text]).toEqual([204, '']);
    await expectMembers(group, after);
  });

  it.each([
    ['to nobody', [0, 1], []],
    ['from nobody', [], [0, 1]],
    ['to others', [0, 1], [2, 3]],
    ['to some more and some less', [0, 1, 2], [2, 3]],
    ['to the same in another order', [0, 1], [1, 0]],
  ] as const)('PUT brings the list %s', async (_what, before, after) => {
    const displayName = `put-${Math.random()}`;
    const group = await createGroup(bridge, ids(...before), displayName);
    const { status, body } = await bridge.send('PUT', `/Groups/${group}`, { displayName, members: elements(...after) });

    expect(status).toBe(200);
    expect((body.members ?? []).map(({ value }: { value: string }) => value).toSorted()).toEqual(ids(...after).toSorted());
    await expectMembers(group, after);
  });

  it('PUT without members empties the list', async () => {
    const group = await createGroup(bridge, ids(0, 1), 'put-without');
    expect((await bridge.send('PUT', `/Groups/${group}`, { displayName: 'put-without' })).status).toBe(200);
    await expectMembers(group, []);
  });

  it('a change of something else leaves the members', async () => {
    const group = await createGroup(bridge, ids(0, 1));
    expect((await patch(bridge, `/Groups/${group}`, { op: 'add', path: 'externalId', value: 'e' })).status).toBe(204);
    expect((await patch(bridge, `/Groups/${group}`, { op: 'replace', value: { id: group, displayName: `new ${variant}` } })).status).toBe(
      204,
    );
    await expectMembers(group, [0, 1]);
  });

  it('an id that names nobody is refused, and nobody is added', async () => {
    const group = await createGroup(bridge, ids(0));
    const { status, body } = await patch(bridge, `/Groups/${group}`, add(1), { op: 'add', path: 'members', value: [{ value: 'nobody' }] });

    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    await expectMembers(group, [0]);
  });

  it('a null to remove is refused: it might mean anything', async () => {
    const group = await createGroup(bridge, ids(0, 1));
    expect((await patch(bridge, `/Groups/${group}`, { op: 'remove', path: 'members', value: null })).status).toBe(400);
    await expectMembers(group, [0, 1]);
  });

  it('groups may be members of groups, and are told apart from users', async () => {
    const inner = await createGroup(bridge, ids(0));
    const outer = await createGroup(bridge, [inner, ...ids(1)]);
    const { body } = await bridge.send('GET', `/Groups/${outer}`);
    const shown = new Map(body.members.map((member: { value: string }) => [member.value, member]));

    expect(shown.get(inner)).toEqual({ value: inner, type: 'Group', $ref: `https://scim.example.org/scim/v2/Groups/${inner}` });
    expect(shown.get(users[1])).toEqual({ value: users[1], type: 'User', $ref: `https://scim.example.org/scim/v2/Users/${users[1]}` });
  });

  it('the placeholder beside real members is never shown, and goes with the next one that is added', async () => {
    await bridge.ldap.adminAdd(
      `dn: cn=race,${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: race\nmember: ${NOBODY}\nmember: uid=member-0,ou=people,dc=example,dc=org\n`,
    );
    const [group = ''] = await findIds(bridge, 'Groups', 'displayName eq "race"');

    expect(await memberIds(bridge, group)).toEqual(ids(0));
    expect(await findIds(bridge, 'Groups', 'displayName eq "race" and members.value pr')).toEqual([group]);
    expect((await patch(bridge, `/Groups/${group}`, remove(0))).status).toBe(204);
    await expectMembers(group, []);
    expect(await findIds(bridge, 'Groups', 'displayName eq "race" and members pr')).toEqual([]);
    expect((await patch(bridge, `/Groups/${group}`, add(1))).status).toBe(204);
    await expectMembers(group, [1]);
  });

  it('membership is found by every form of filter', async () => {
    const group = await createGroup(bridge, ids(4));
    const [id = ''] = ids(4);

    for (const filter of [
      `members eq "${id}"`,
      `members.value eq "${id}"`,
      `members[value eq "${id}"]`,
      `id eq "${group}" and members eq "${id}"`,
      `members eq ${id} and id eq ${group}`,
      `Members.Value EQ "${id}"`,
    ]) {
      expect([filter, await findIds(bridge, 'Groups', filter)]).toEqual([filter, [group]]);
    }
    expect(await findIds(bridge, 'Groups', `id eq "${group}" and members eq "${ids(0)[0]}"`)).toEqual([]);
    expect(await findIds(bridge, 'Groups', 'members eq "nobody"')).toEqual([]);
    expect(await findIds(bridge, 'Groups', `members eq "${id.toUpperCase()}"`)).toEqual([]); // ids are caseExact (RFC 7643 §3.1)
  });
});
