import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { createGroup, createUser, findIds, memberDns, patch, snapshot } from './support/requests.ts';

let bridge: Bridge;
let [foreign, ours, theirs, own] = ['', '', '', ''];

const person = (uid: string, more = '') =>
  `dn: uid=${uid},${PEOPLE}\nobjectClass: inetOrgPerson\n${more}uid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${uid}@example.org\n`;

beforeAll(async () => {
  bridge = await startBridge({ mapping: (text) => text.replace(/^unmapped:/m, '  adopt: any\n\nprotected: { owned: true }\n\n$&') });
  await bridge.ldap.adminAdd(
    [
      person('foreign'),
      person('marked', 'objectClass: scimObject\n'),
      `dn: cn=theirs,${GROUPS}\nobjectClass: groupOfNames\ncn: theirs\nmember: uid=foreign,${PEOPLE}\n`,
    ].join('\n'),
  );
  [foreign = ''] = await findIds(bridge, 'Users', 'emails[type eq "work"].value eq "foreign@example.org"');
  [theirs = ''] = await findIds(bridge, 'Groups', 'displayName eq "theirs"');
  ours = await createUser(bridge, { userName: 'ours' });
  own = await createGroup(bridge, [ours], 'own');
});
afterAll(() => bridge.stop());

const set = (path: string, value: unknown) => ({ op: 'replace', path, value });
const member = (value: string) => ({ op: 'add', path: 'members', value: [{ value }] });

/** Every way to write what is not our own. */
const ATTEMPTS: readonly (readonly [string, () => Promise<Answer>])[] = [
  ['an attribute', () => patch(bridge, `/Users/${foreign}`, set('title', 'x'))],
  ['the mark itself, by way of an attribute of its class', () => patch(bridge, `/Users/${foreign}`, set('externalId', 'x'))],
  ['another name', () => patch(bridge, `/Users/${foreign}`, set('userName', 'taken-over'))],
  ['a password', () => patch(bridge, `/Users/${foreign}`, set('password', 'something long'))],
  ['switching off', () => patch(bridge, `/Users/${foreign}`, set('active', 'False'))],
  ['all of a user', () => bridge.send('PUT', `/Users/${foreign}`, { userName: 'foreign', title: 'x' })],
  ['deleting a user', () => bridge.send('DELETE', `/Users/${foreign}`)],
  ['a member who comes', () => patch(bridge, `/Groups/${theirs}`, member(ours))],
  ['a member who goes', () => patch(bridge, `/Groups/${theirs}`, { op: 'remove', path: 'members', value: [{ value: foreign }] })],
  ['the name of a group', () => patch(bridge, `/Groups/${theirs}`, set('displayName', 'x'))],
  ['deleting a group', () => bridge.send('DELETE', `/Groups/${theirs}`)],
];

describe('with owned: true, of an entry that is not our own', () => {
  it.each(ATTEMPTS)('%s is refused, and nothing changes', async (_what, attempt) => {
    const before = await snapshot(bridge);
    const { status, body } = await attempt();
    expect({ status, body }).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
    expect(body.detail).toMatch(
      /^this (User|Group) is protected: it was not created here; .* adds the class scimObject to its entry \(request /,
    );
    expect(await snapshot(bridge)).toEqual(before);
  });

  it('a second one of its name is not made of it', async () => {
    const before = await snapshot(bridge);
    const { status, body } = await bridge.send('POST', '/Users', { userName: 'foreign' });
    expect({ status, scimType: body.scimType }).toEqual({ status: 409, scimType: 'uniqueness' });
    expect(await snapshot(bridge)).toEqual(before);
  });

  it('everything is seen', async () => {
    for (const path of [`/Users/${foreign}`, `/Groups/${theirs}`]) expect((await bridge.send('GET', path)).status).toBe(200);
  });
});

describe('with owned: true, of our own', () => {
  it('users and groups are written as ever, with whomever they refer to', async () => {
    expect((await patch(bridge, `/Users/${ours}`, set('title', 'x'))).status).toBe(200);
    expect((await patch(bridge, `/Groups/${own}`, member(foreign))).status).toBe(204);
    expect(await memberDns(bridge, own)).toContain(`uid=foreign,${PEOPLE}`);
    expect((await patch(bridge, `/Groups/${own}`, { op: 'remove', path: 'members', value: [{ value: foreign }] })).status).toBe(204);
    const leaver = await createUser(bridge, { userName: 'leaver' });
    expect((await patch(bridge, `/Users/${leaver}`, set('userName', 'renamed'))).status).toBe(200);
    expect((await bridge.send('DELETE', `/Users/${leaver}`)).status).toBe(204);
  });

  it('what an operator has marked counts', async () => {
    const [marked = ''] = await findIds(bridge, 'Users', 'userName eq "marked"');
    expect((await patch(bridge, `/Users/${marked}`, set('title', 'x'))).status).toBe(200);
  });
});
