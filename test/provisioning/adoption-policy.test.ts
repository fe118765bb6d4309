import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { createGroup, createUser, entryWithId, findIds, memberIds, patch, snapshot } from './support/requests.ts';

/** `adopt` in the mapping file: who was there before us, and isn't ours. */

const person = (uid: string, more = '') =>
  `dn: uid=${uid},${PEOPLE}\nobjectClass: inetOrgPerson\n${more}uid: ${uid}\ncn: ${uid}\nsn: ${uid}\n`;
const group = (cn: string, member: string, below = GROUPS) =>
  `dn: cn=${cn},${below}\nobjectClass: groupOfNames\ncn: ${cn}\nmember: ${member}\n`;
const set = (path: string, value: unknown) => ({ op: 'replace', path, value });

/** An entry below ou=groups as it is, whoever sees it. */
async function groupEntry(bridge: Bridge, cn: string): Promise<Entry | undefined> {
  const [entry] = await bridge.ldap.adminSearch(GROUPS, `(cn=${cn})`, ['*', 'entryUUID']);
  return entry;
}

const idOf = (entry: Entry | undefined) => String(entry === undefined ? '' : valuesOf(entry, 'entryUUID')[0]);

describe('groups, of which the file says nothing', () => {
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge();
  });
  afterEach(() => bridge.ldap.reset());
  afterAll(() => bridge.stop());

  it('are not there for clients, whatever they ask', async () => {
    await bridge.ldap.adminAdd(`${person('ada')}\n${group('Admins', `uid=ada,${PEOPLE}`)}`);
    const before = await snapshot(bridge);
    const id = idOf(await groupEntry(bridge, 'Admins'));
    const [ada = ''] = await findIds(bridge, 'Users', 'userName eq "ada"');

    expect(await findIds(bridge, 'Groups', 'displayName eq "admins"')).toEqual([]);
    expect((await bridge.send('GET', '/Groups')).body.totalResults).toBe(0);
    for (const request of [
      () => bridge.send('GET', `/Groups/${id}`),
      () => patch(bridge, `/Groups/${id}`, { op: 'add', path: 'members', value: [{ value: ada }] }),
      () => patch(bridge, `/Groups/${id}`, set('displayName', 'x')),
      () => bridge.send('PUT', `/Groups/${id}`, { displayName: 'Admins' }),
      () => bridge.send('DELETE', `/Groups/${id}`),
    ])
      expect((await request()).status).toBe(404);
    expect((await bridge.send('GET', `/Users/${ada}`)).body.groups).toBeUndefined();
    expect((await bridge.send('POST', '/Groups', { displayName: 'x', members: [{ value: id }] })).status).toBe(400);
    expect(await snapshot(bridge)).toEqual(before);
  });

  it.each([
    ['in the same place', GROUPS],
    ['further down, where the directory would not mind', `ou=more,${GROUPS}`],
  ])('that collide with a new one, %s, are not taken over: 409, with the way out', async (_where, below) => {
    await bridge.ldap.adminAdd(
      `dn: ou=more,${GROUPS}\nobjectClass: organizationalUnit\nou: more\n\n${group('Domain Admins', `cn=x,${PEOPLE}`, below)}`,
    );
    const own = await createGroup(bridge, [], 'plain');
    const before = await snapshot(bridge);
    for (const answer of [
      await bridge.send('POST', '/Groups', { displayName: 'domain admins', externalId: 'E1' }),
      await patch(bridge, `/Groups/${own}`, set('displayName', 'Domain Admins')),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
      expect(answer.body.detail).toMatch(
        /^displayName: belongs to a Group that was not created here and is not adopted; give one of the two another name; or an operator sets "adopt: listed" for groups in the mapping file and hands it over with: scim-ldap-bridge adopt /,
      );
    }
    expect(await snapshot(bridge)).toEqual(before);
  });

  it('with the name of one of ours are told apart from it', async () => {
    await createGroup(bridge, [], 'ours');
    const { status, body } = await bridge.send('POST', '/Groups', { displayName: 'Ours' });
    expect(status).toBe(409);
    expect(body.detail).toMatch(/^displayName: is in use already/);
  });

  it('let their members follow a new name, and forget who is deleted: a free name may be given to somebody else', async () => {
    const ada = await createUser(bridge, { userName: 'ada' });
    const bob = await createUser(bridge, { userName: 'bob' });
    await bridge.ldap.adminAdd(`${group('Admins', `uid=ada,${PEOPLE}`)}member: uid=bob,${PEOPLE}\n`);
    expect((await patch(bridge, `/Users/${ada}`, set('userName', 'countess'))).status).toBe(200);
    expect((await bridge.send('DELETE', `/Users/${bob}`)).status).toBe(204);
    const entry = await groupEntry(bridge, 'Admins');
    expect(entry && valuesOf(entry, 'member')).toEqual([`uid=countess,${PEOPLE}`]);
  });
});

describe('adopt: listed', () => {
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge({
      mapping: (text) =>
        text
          .replace(/^unmapped:/m, `  adopt: listed\n\nprotected:\n  below: ['cn=admins,${GROUPS}']\n\n$&`)
          .replace(/^groups:/m, '  adopt: listed\n\n$&'),
    });
  });
  afterEach(() => bridge.ldap.reset());
  afterAll(() => bridge.stop());

  it('shows who is marked, with those who were in it before, and says how to hand over the others', async () => {
    await bridge.ldap.adminAdd(
      `${person('ada', 'objectClass: scimObject\n')}\n${person('bob')}\n${group('Marked', `uid=ada,${PEOPLE}`).replace('cn:', 'objectClass: scimObject\ncn:')}\n${group('Bare', `uid=ada,${PEOPLE}`)}`,
    );
    expect(await findIds(bridge, 'Users', 'userName pr')).toHaveLength(1);
    const [marked = ''] = await findIds(bridge, 'Groups', 'displayName pr');
    expect(await memberIds(bridge, marked)).toEqual(await findIds(bridge, 'Users', 'userName eq "ada"'));
    for (const [path, body] of [
      ['/Groups', { displayName: 'Bare' }],
      ['/Users', { userName: 'bob' }],
    ] as const) {
      const answer = await bridge.send('POST', path, body);
      expect(answer.status).toBe(409);
      expect(answer.body.detail).toMatch(
        /not adopted; give one of the two another name; or an operator hands it over with: scim-ldap-bridge adopt /,
      );
    }
  });

  it('does not hide a way behind the fence: who is in a protected group by way of one that clients do not see', async () => {
    const ada = await createUser(bridge, { userName: 'ada' });
    await bridge.ldap.adminAdd(`${group('operators', `uid=ada,${PEOPLE}`)}\n${group('admins', `cn=operators,${GROUPS}`)}`);
    const { status, body } = await patch(bridge, `/Users/${ada}`, set('title', 'x'));
    expect([status, body.scimType]).toEqual([400, 'mutability']);
    expect((await entryWithId(bridge, ada))?.attributes.has('title')).toBe(false);
  });
});
