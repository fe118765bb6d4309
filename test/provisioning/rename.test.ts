import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { createGroup, createUser, ENTERPRISE, entryWithId, findIds, memberDns, memberIds, patch } from './support/requests.ts';
import { withoutOverlays } from './support/without-overlays.ts';

/** The overlay does its work after the answer; the directory's own is done before it. */
const SETTLING = { interval: 20 };

/** An attribute that we may not write: the directory refuses it in the step after the rename. */
function configure(text: string): string {
  const rule = 'access to attrs=employeeType by dn.exact="cn=bridge,dc=example,dc=org" read by * none\n';
  return text.replace('access       to dn.subtree="dc=example', `${rule}$&`);
}

describe.each(['full', 'bare'] as const)('%s', (variant) => {
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge(variant === 'full' ? { configure } : { variant, configure, mapping: withoutOverlays });
  });
  afterAll(() => bridge.stop());

  const rename = (id: string, userName: string) => patch(bridge, `/Users/${id}`, { op: 'Replace', path: 'userName', value: userName });

  it('changes the DN and nothing else, and the id stays', async () => {
    const id = await createUser(bridge, { userName: 'anna', name: { formatted: 'Anna Lind', familyName: 'Lind' }, title: 'Boss' });
    const { status, body } = await rename(id, 'anna.berg');
    const entry = await entryWithId(bridge, id);

    expect([status, body.id, body.userName, body.title]).toEqual([200, id, 'anna.berg', 'Boss']);
    expect(entry?.dn).toBe(`uid=anna.berg,${PEOPLE}`);
    expect(entry && [valuesOf(entry, 'uid'), valuesOf(entry, 'cn'), valuesOf(entry, 'title')]).toEqual([
      ['anna.berg'],
      ['Anna Lind'],
      ['Boss'],
    ]);
    expect(await findIds(bridge, 'Users', 'userName eq "anna"')).toEqual([]);
    expect(await findIds(bridge, 'Users', 'userName eq "ANNA.berg"')).toEqual([id]);
  });

  it('takes memberships and reports along', async () => {
    const [boss, other] = [await createUser(bridge, { userName: 'boss-1' }), await createUser(bridge)];
    const report = await createUser(bridge, { [ENTERPRISE]: { manager: { value: boss } } });
    const groups = [await createGroup(bridge, [boss]), await createGroup(bridge, [boss, other]), await createGroup(bridge, [other])];
    expect((await rename(boss, 'boss-2')).status).toBe(200);

    await expect
      .poll(() => bridge.ldap.adminSearch('dc=example,dc=org', `(|(member=uid=boss-1,${PEOPLE})(manager=uid=boss-1,${PEOPLE}))`), SETTLING)
      .toEqual([]);
    expect(await Promise.all(groups.map((group) => memberIds(bridge, group)))).toEqual([[boss], [boss, other].toSorted(), [other]]);
    expect(await memberDns(bridge, groups[0] ?? '')).toEqual([`uid=boss-2,${PEOPLE}`]);
    expect((await bridge.send('GET', `/Users/${report}`)).body[ENTERPRISE].manager.value).toBe(boss);
    if (variant === 'full') {
      const { body } = await bridge.send('GET', `/Users/${boss}`);
      expect(body.groups.map(({ value }: { value: string }) => value).toSorted()).toEqual(groups.slice(0, 2).toSorted());
    }
  });

  it('comes with other changes in one request, all or none of them', async () => {
    const id = await createUser(bridge, { userName: 'both-1', title: 'Old' });
    const group = await createGroup(bridge, [id]);
    const done = await patch(bridge, `/Users/${id}`, { op: 'replace', value: { userName: 'both-2', title: 'New', active: 'False' } });

    expect([done.status, done.body.userName, done.body.title, done.body.active]).toEqual([200, 'both-2', 'New', false]);
    const refused = await patch(bridge, `/Users/${id}`, { op: 'replace', value: { userName: 'both-3', title: 'Newer', userType: 'x' } });
    expect([refused.status, refused.body.scimType]).toEqual([400, 'mutability']);
    expect((await entryWithId(bridge, id))?.dn).toBe(`uid=both-2,${PEOPLE}`);
    expect((await bridge.send('GET', `/Users/${id}`)).body).toMatchObject({ userName: 'both-2', title: 'New', active: false });
    await expect.poll(() => memberDns(bridge, group), SETTLING).toEqual([`uid=both-2,${PEOPLE}`]);
  });

  it('works by PUT, by a path-less value and in letter case alone', async () => {
    const id = await createUser(bridge, { userName: 'ways' });
    const group = await createGroup(bridge, [id]);
    const ways = [
      () => bridge.send('PUT', `/Users/${id}`, { userName: 'Ways' }),
      () => patch(bridge, `/Users/${id}`, { op: 'replace', value: { userName: 'WAYS, Anna+' } }),
      () => patch(bridge, `/Users/${id}`, { op: 'Add', path: 'urn:ietf:params:scim:schemas:core:2.0:User:userName', value: 'ways' }),
    ];
    for (const [index, way] of ways.entries()) {
      const answer = await way();
      expect([answer.status, answer.body.userName]).toEqual([200, ['Ways', 'WAYS, Anna+', 'ways'][index]]);
    }
    await expect.poll(() => memberIds(bridge, group), SETTLING).toEqual([id]);
    expect((await entryWithId(bridge, id))?.dn).toBe(`uid=ways,${PEOPLE}`);
  });

  it('in letter case alone takes nobody out of a list', async () => {
    const id = await createUser(bridge, { userName: 'case' });
    const group = await createGroup(bridge, [id, await createUser(bridge)]);
    const report = await createUser(bridge, { [ENTERPRISE]: { manager: { value: id } } });
    expect((await rename(id, 'Case')).body.userName).toBe('Case');

    await expect.poll(() => memberIds(bridge, group), SETTLING).toContain(id);
    await expect.poll(async () => (await bridge.send('GET', `/Users/${report}`)).body[ENTERPRISE]?.manager.value, SETTLING).toBe(id);
  });

  it('keeps the other naming values of an entry that others made', async () => {
    await bridge.ldap.adminAdd(`dn: uid=multi+cn=Multi,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: multi\nuid: alias\ncn: Multi\nsn: M\n`);
    const [id = ''] = await findIds(bridge, 'Users', 'userName eq "multi"');
    const { status, body } = await rename(id, 'multi-2');
    const entry = await entryWithId(bridge, id);

    expect([status, body.userName]).toEqual([200, 'multi-2']);
    expect(entry && new Set(valuesOf(entry, 'uid'))).toEqual(new Set(['alias', 'multi-2']));
    expect(entry && valuesOf(entry, 'cn')).toEqual(['Multi']);
  });

  it('of a group leaves its members, and groups that hold it follow', async () => {
    const user = await createUser(bridge);
    const inner = await createGroup(bridge, [user], 'inner, old');
    const outer = await createGroup(bridge, [inner]);
    const { status } = await patch(bridge, `/Groups/${inner}`, { op: 'Replace', path: 'displayName', value: 'inner; new' });

    expect(status).toBe(204);
    expect(await memberIds(bridge, inner)).toEqual([user]);
    expect((await entryWithId(bridge, inner))?.dn).toBe(`cn=inner\\3B new,${GROUPS}`);
    await expect.poll(() => memberIds(bridge, outer), SETTLING).toEqual([inner]);
  });

  it('of a group with a change of its members is all or nothing', async () => {
    const [anna, bert] = [await createUser(bridge), await createUser(bridge)];
    const group = await createGroup(bridge, [anna], 'change-1');
    const renameTo = (value: string) => ({ op: 'replace', path: 'displayName', value });
    const done = await patch(bridge, `/Groups/${group}`, renameTo('change-2'), { op: 'add', path: 'members', value: [{ value: bert }] });

    expect(done.status).toBe(204);
    expect((await entryWithId(bridge, group))?.dn).toBe(`cn=change-2,${GROUPS}`);
    expect(await memberIds(bridge, group)).toEqual([anna, bert].toSorted());
    const refused = await patch(
      bridge,
      `/Groups/${group}`,
      renameTo('change-3'),
      { op: 'add', path: 'externalId', value: 'x'.repeat(20) },
      { op: 'add', path: 'members', value: [{ value: 'nobody' }] },
    );
    expect(refused.status).toBe(400);
    expect((await bridge.send('GET', `/Groups/${group}`)).body).toMatchObject({ displayName: 'change-2' });
    expect((await entryWithId(bridge, group))?.dn).toBe(`cn=change-2,${GROUPS}`);
  });

  it('and a delete let the rest of a group be, and leave the placeholder for the last one', async () => {
    const [boss, other] = [await createUser(bridge, { userName: 'leaver' }), await createUser(bridge)];
    const report = await createUser(bridge, { [ENTERPRISE]: { manager: { value: boss } } });
    const groups = [await createGroup(bridge, [boss]), await createGroup(bridge, [boss, other])];
    expect((await bridge.send('DELETE', `/Users/${boss}`)).status).toBe(204);

    await expect
      .poll(() => bridge.ldap.adminSearch('dc=example,dc=org', `(|(member=uid=leaver,${PEOPLE})(manager=uid=leaver,${PEOPLE}))`), SETTLING)
      .toEqual([]);
    expect(await memberDns(bridge, groups[0] ?? '')).toEqual(['cn=nobody,dc=example,dc=org']);
    expect(await Promise.all(groups.map((group) => memberIds(bridge, group)))).toEqual([[], [other]]);
    expect((await bridge.send('GET', `/Users/${report}`)).body[ENTERPRISE]).toBeUndefined();
  });
});

it('takes more references along than the server shows in one search', async () => {
  const bridge = await startBridge({ variant: 'bare', mapping: withoutOverlays });
  try {
    const id = await createUser(bridge, { userName: 'everywhere' });
    const groups = Array.from(
      { length: 520 },
      (_, index) =>
        `dn: cn=g${index},${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: g${index}\nmember: uid=everywhere,${PEOPLE}\n`,
    );
    await bridge.ldap.adminAdd(groups.join('\n'));
    const renamed = await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'userName', value: 'renamed' });

    expect(renamed.status).toBe(200);
    expect(await bridge.ldap.adminSearch(GROUPS, `(member=uid=everywhere,${PEOPLE})`)).toEqual([]);
    expect(await bridge.ldap.adminSearch(GROUPS, `(member=uid=renamed,${PEOPLE})`)).toHaveLength(520);
    expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(204);
    expect(await bridge.ldap.adminSearch(GROUPS, '(member=cn=nobody,dc=example,dc=org)')).toHaveLength(520);
  } finally {
    await bridge.stop();
  }
});
