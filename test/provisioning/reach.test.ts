import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { DISABLED, GROUPS, PEOPLE, SUFFIX } from '../support/openldap.ts';
import { createGroup, createUser, ENTERPRISE, findIds, memberDns, memberIds, patch } from './support/requests.ts';

const OUTSIDE = `dn: uid=secret,ou=readonly,${SUFFIX}
objectClass: inetOrgPerson
uid: secret
cn: Secret
sn: Secret

dn: uid=gone,${DISABLED}
objectClass: inetOrgPerson
uid: gone
cn: Gone
sn: Gone

dn: cn=admins,ou=readonly,${SUFFIX}
objectClass: groupOfNames
objectClass: scimObject
cn: admins
member: uid=secret,ou=readonly,${SUFFIX}

dn: cn=printer,${PEOPLE}
objectClass: device
cn: printer

dn: uid=robot,${PEOPLE}
objectClass: account
uid: robot

dn: cn=posix,${GROUPS}
objectClass: posixGroup
cn: posix
gidNumber: 1
`;

let bridge: Bridge;
/** Entries that are none of ours, by what they are. */
const outsiders = new Map<string, { readonly id: string; readonly dn: string }>();

beforeAll(async () => {
  bridge = await startBridge({ ldif: OUTSIDE });
  for (const [what, dn] of [
    ['a person in a branch that we may only read', `uid=secret,ou=readonly,${SUFFIX}`],
    ['a person in a branch of leavers', `uid=gone,${DISABLED}`],
    ['a group in another branch', `cn=admins,ou=readonly,${SUFFIX}`],
    ['a device below the base of people', `cn=printer,${PEOPLE}`],
    ['an account below the base of people', `uid=robot,${PEOPLE}`],
    ['a group of another class below the base of groups', `cn=posix,${GROUPS}`],
    ['the account that we bind with', `cn=bridge,${SUFFIX}`],
    ['the password policy', `cn=default,ou=policies,${SUFFIX}`],
    ['the base of people itself', PEOPLE],
    ['the suffix', SUFFIX],
  ] as const) {
    const [entry] = await bridge.ldap.adminSearch(dn, '(objectClass=*)', ['entryUUID']);
    outsiders.set(what, { dn, id: String(entry && valuesOf(entry, 'entryUUID')[0]) });
  }
});
afterAll(() => bridge.stop());

function everything(): Promise<readonly Entry[]> {
  return bridge.ldap.adminSearch(SUFFIX, '(objectClass=*)', ['*', 'entryCSN']);
}

const WHO = [
  'a person in a branch that we may only read',
  'a person in a branch of leavers',
  'a group in another branch',
  'a device below the base of people',
  'an account below the base of people',
  'a group of another class below the base of groups',
  'the account that we bind with',
  'the password policy',
  'the base of people itself',
  'the suffix',
];

describe.each(WHO)('%s', (what) => {
  const outsider = () => outsiders.get(what) ?? { id: '', dn: '' };

  it.each(['Users', 'Groups'])('is not there under /%s, for no verb', async (endpoint) => {
    const before = await everything();
    const path = `/${endpoint}/${outsider().id}`;
    const answers = [
      await bridge.send('GET', path),
      await bridge.send('PUT', path, { userName: 'x', displayName: 'x' }),
      await patch(bridge, path, { op: 'replace', path: 'displayName', value: 'hacked' }),
      await patch(bridge, path),
      await bridge.send('DELETE', path),
    ];

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect(await everything()).toEqual(before);
  });

  it('is found by no filter and in no list', async () => {
    const { id } = outsider();

    for (const endpoint of ['Users', 'Groups'] as const) {
      expect(await findIds(bridge, endpoint, `id eq "${id}"`)).toEqual([]);
      expect(await findIds(bridge, endpoint, `not (id eq "${randomUUID()}")`)).not.toContain(id);
      expect((await bridge.send('GET', `/${endpoint}`)).text).not.toContain(id);
    }
  });

  it('can be nobody’s member: 400, and nothing has changed', async () => {
    const user = await createUser(bridge);
    const group = await createGroup(bridge, [user]);
    const before = await everything();
    const members = [{ value: outsider().id }];
    const answers = [
      await patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: members }),
      await patch(bridge, `/Groups/${group}`, { op: 'replace', path: 'members', value: members }),
      await bridge.send('PUT', `/Groups/${group}`, { displayName: 'renamed', members }),
      await bridge.send('POST', '/Groups', { displayName: 'new', members }),
    ];

    expect(answers.map(({ status, body }) => [status, body.scimType])).toEqual(answers.map(() => [400, 'invalidValue']));
    expect(answers.every(({ body }) => String(body.detail).startsWith('members: '))).toBe(true);
    expect((await patch(bridge, `/Groups/${group}`, { op: 'remove', path: 'members', value: members })).status).toBe(204);
    expect(await everything()).toEqual(before);
  });

  it('can be nobody’s manager: such a reference is left out', async () => {
    const user = await createUser(bridge, { [ENTERPRISE]: { manager: { value: outsider().id } } });
    const { status, body } = await patch(bridge, `/Users/${user}`, { op: 'add', path: `${ENTERPRISE}:manager`, value: outsider().id });

    expect([status, body[ENTERPRISE]]).toEqual([200, undefined]);
    expect(await bridge.ldap.adminSearch(PEOPLE, '(manager=*)')).toEqual([]);
  });
});

describe('members that are none of ours', () => {
  it('are kept by every kind of write, and not shown', async () => {
    const dns = [...outsiders.values()].map(({ dn }) => dn).toSorted();
    const [anna, bert] = [await createUser(bridge, { userName: 'anna' }), await createUser(bridge, { userName: 'bert' })];
    await bridge.ldap.adminAdd(
      `dn: cn=mixed,${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: mixed\n${dns.map((dn) => `member: ${dn}`).join('\n')}\nmember: uid=anna,${PEOPLE}\n`,
    );
    const [group = ''] = await findIds(bridge, 'Groups', 'displayName eq "mixed"');
    expect(await memberIds(bridge, group)).toEqual([anna]);

    const writes = [
      () => patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: bert }] }),
      () => patch(bridge, `/Groups/${group}`, { op: 'remove', path: `members[value eq "${anna}"]` }),
      () => patch(bridge, `/Groups/${group}`, { op: 'replace', path: 'members', value: [{ value: anna }] }),
      () => bridge.send('PUT', `/Groups/${group}`, { displayName: 'mixed', members: [{ value: bert }] }),
      () => patch(bridge, `/Groups/${group}`, { op: 'replace', path: 'displayName', value: 'mixed again' }),
      () => patch(bridge, `/Groups/${group}`, { op: 'remove', path: 'members' }),
      () => bridge.send('PUT', `/Groups/${group}`, { displayName: 'mixed', members: [] }),
    ];
    const shown = [[anna, bert].toSorted(), [bert], [anna], [bert], [bert], [], []];
    for (const [index, write] of writes.entries()) {
      expect((await write()).status).toBeLessThan(300);
      expect(await memberIds(bridge, group)).toEqual(shown[index]);
      expect((await memberDns(bridge, group)).filter((dn) => !dn.startsWith('uid=anna') && !dn.startsWith('uid=bert'))).toEqual(dns);
    }
  });

  it('a manager that is none of ours is kept until another one is named', async () => {
    const boss = await createUser(bridge);
    await bridge.ldap.adminAdd(
      `dn: uid=led,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: led\ncn: Led\nsn: Led\nmanager: uid=gone,${DISABLED}\n`,
    );
    const [led = ''] = await findIds(bridge, 'Users', 'userName eq "led"');

    expect((await bridge.send('GET', `/Users/${led}`)).body[ENTERPRISE]).toBeUndefined();
    expect((await patch(bridge, `/Users/${led}`, { op: 'add', path: 'title', value: 'x' })).status).toBe(200);
    expect((await bridge.send('PUT', `/Users/${led}`, { userName: 'led' })).status).toBe(200);
    expect(await bridge.ldap.adminSearch(PEOPLE, `(&(uid=led)(manager=uid=gone,${DISABLED}))`)).toHaveLength(1);
    const { body } = await patch(bridge, `/Users/${led}`, { op: 'add', path: `${ENTERPRISE}:manager`, value: boss });
    expect(body[ENTERPRISE].manager.value).toBe(boss);
  });
});

describe('ids that are none', () => {
  it.each([
    '',
    'x',
    '*',
    '1',
    '%00',
    '%2F..%2F',
    `${randomUUID()})(uid=*`,
    randomUUID(),
    '__proto__',
    '.search',
    '00000000-0000-0000-0000-000000000000',
  ])('%j answers 404 under every verb', async (id) => {
    const path = `/Users/${encodeURIComponent(id)}`;
    const answers = [
      await bridge.send('GET', path),
      await bridge.send('PUT', path, { userName: 'x' }),
      await patch(bridge, path, { op: 'remove', path: 'title' }),
      await bridge.send('DELETE', path),
    ];

    // Without an id it is the address of the list.
    expect(answers.map(({ status }) => status)).toEqual(id === '' ? [200, 405, 405, 405] : [404, 404, 404, 404]);
  });

  it.each(['x', '*', '', randomUUID(), `uid=anna,${PEOPLE}`])('%j can be no member', async (value) => {
    const { status, body } = await bridge.send('POST', '/Groups', {
      displayName: `g-${randomUUID()}`,
      members: [{ value }, { value: 'y' }],
    });

    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
  });
});
