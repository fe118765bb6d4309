import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textsOf } from '../../src/ldap/entry.ts';
import { type Bridge, type BridgeOptions, startBridge } from '../support/bridge.ts';
import { BRIDGE_DN, GROUPS, PEOPLE } from '../support/openldap.ts';
import { createGroup, createUser, ENTERPRISE, findIds, memberDns, patch, snapshot } from './support/requests.ts';

const ADMINS = `cn=admins,${GROUPS}`;
const FENCE = `
protected:
  below: ['${ADMINS}', 'ou=vault,${GROUPS}', 'cn=reserved,${GROUPS}', 'ou=safe,${PEOPLE}']
  matching: ['(employeeType=root)', '(uid=svc-*)', '(memberOf=cn=keepers,${GROUPS})']
`;
const PLACEMENT = `  placement: [{ when: 'userType eq "Safe"', base: 'ou=safe,${PEOPLE}' }]\n`;

let bridge: Bridge;
let [outsider, admin, nested, root, keeper, vaulted] = ['', '', '', '', '', ''];
let [admins, operators, plain] = ['', '', ''];

beforeAll(async () => {
  bridge = await startBridge({
    mapping: (text) => text.replace(/^unmapped:/m, `${FENCE}\n$&`).replace(/^ {2}attributes:/m, `${PLACEMENT}$&`),
  });
  const dn = (uid: string) => `uid=${uid},ou=people,dc=example,dc=org`;
  const person = (uid: string, more = '') => `dn: ${dn(uid)}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\n${more}`;
  const group = (cn: string, member: string) =>
    `dn: cn=${cn},${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: ${cn}\nmember: ${member}\n`;
  await bridge.ldap.adminAdd(
    [
      person('admin'),
      person('nested'),
      person('root', 'employeeType: root\n'),
      person('keeper'),
      group('operators', dn('nested')),
      `${group('admins', dn('admin'))}member: cn=operators,${GROUPS}\n`,
      group('keepers', dn('keeper')),
      `dn: ou=safe,${PEOPLE}\nobjectClass: organizationalUnit\nou: safe\n`,
      `dn: ou=vault,${GROUPS}\nobjectClass: organizationalUnit\nou: vault\n`,
      `dn: cn=inside,ou=vault,${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: inside\nmember: cn=nobody,dc=example,dc=org\n`,
    ].join('\n'),
  );
  const id = async (endpoint: 'Users' | 'Groups', filter: string) => (await findIds(bridge, endpoint, filter))[0] ?? '';
  [admin = '', nested = '', root = '', keeper = ''] = await Promise.all(
    ['admin', 'nested', 'root', 'keeper'].map((uid) => id('Users', `userName eq "${uid}"`)),
  );
  [admins = '', operators = '', vaulted = ''] = await Promise.all(
    ['admins', 'operators', 'inside'].map((cn) => id('Groups', `displayName eq "${cn}"`)),
  );
  outsider = await createUser(bridge, { userName: 'outsider' });
  plain = await createGroup(bridge, [outsider], 'plain');
});
afterAll(() => bridge.stop());

const set = (path: string, value: unknown) => ({ op: 'replace', path, value });

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}
const patching = (path: string, ...operations: readonly object[]): Request => ({ method: 'PATCH', path, body: { Operations: operations } });
const putting = (path: string, body: object): Request => ({ method: 'PUT', path, body });
const posting = (path: string, body: object): Request => ({ method: 'POST', path, body });
const deleting = (path: string): Request => ({ method: 'DELETE', path });
const members = (op: string, ...ids: readonly string[]) => ({ op, path: 'members', value: ids.map((value) => ({ value })) });

/** Who or what is behind the fence, and every way to write it. */
const ATTEMPTS: readonly (readonly [string, () => Request])[] = [
  ['a member of a protected group', () => patching(`/Users/${admin}`, set('title', 'x'))],
  ['a member by way of another group', () => patching(`/Users/${nested}`, set('title', 'x'))],
  ['one who matches a filter', () => patching(`/Users/${root}`, set('title', 'x'))],
  ['one who matches by an attribute of the overlay', () => patching(`/Users/${keeper}`, set('title', 'x'))],
  ['what matches, taken away', () => patching(`/Users/${root}`, { op: 'remove', path: 'userType' })],
  ['the same by PUT', () => putting(`/Users/${root}`, { userName: 'root', title: 'x' })],
  ['the same by DELETE', () => deleting(`/Users/${root}`)],
  ['a password', () => patching(`/Users/${admin}`, set('password', 'something long'))],
  ['a password by PUT', () => putting(`/Users/${nested}`, { userName: 'nested', password: 'something long' })],
  ['switching off', () => patching(`/Users/${admin}`, set('active', 'False'))],
  ['another name', () => patching(`/Users/${nested}`, set('userName', 'other'))],
  ['a reference', () => patching(`/Users/${admin}`, set(`${ENTERPRISE}:manager`, outsider))],
  ['a move to elsewhere', () => patching(`/Users/${root}`, set('userType', 'Safe'))],
  ['a member put into the protected group', () => patching(`/Groups/${admins}`, members('add', outsider))],
  ['a member put into it without a path', () => patching(`/Groups/${admins}`, { op: 'add', value: { members: [{ value: outsider }] } })],
  ['one put into a group that is in it', () => patching(`/Groups/${operators}`, members('add', outsider))],
  ['a group put into it', () => patching(`/Groups/${admins}`, members('add', plain))],
  ['a member taken out', () => patching(`/Groups/${admins}`, members('remove', admin))],
  ['a member taken out by a filter', () => patching(`/Groups/${admins}`, { op: 'remove', path: `members[value eq "${admin}"]` })],
  ['all of them taken out', () => patching(`/Groups/${admins}`, { op: 'remove', path: 'members' })],
  ['others in their place', () => patching(`/Groups/${admins}`, members('replace', outsider))],
  ['the name of the group', () => patching(`/Groups/${admins}`, set('displayName', 'harmless'))],
  ['its name together with members', () => patching(`/Groups/${admins}`, set('displayName', 'harmless'), members('add', outsider))],
  ['the group by PUT', () => putting(`/Groups/${admins}`, { displayName: 'admins', members: [] })],
  ['the group by DELETE', () => deleting(`/Groups/${admins}`)],
  ['a group in it by DELETE', () => deleting(`/Groups/${operators}`)],
  ['what lies below a protected entry', () => patching(`/Groups/${vaulted}`, set('externalId', 'x'))],
  ['becoming one who matches', () => patching(`/Users/${outsider}`, set('userType', 'root'))],
  ['becoming one who matches by PUT', () => putting(`/Users/${outsider}`, { userName: 'outsider', userType: 'root' })],
  ['being created as one who matches', () => posting('/Users', { userName: 'fresh', userType: 'root' })],
  ['a name that matches', () => patching(`/Users/${outsider}`, set('userName', 'svc-outsider'))],
  ['being created with a name that matches', () => posting('/Users', { userName: 'svc-fresh' })],
  ['a name that is protected', () => patching(`/Groups/${plain}`, set('displayName', 'reserved'))],
  ['being created with a name that is protected', () => posting('/Groups', { displayName: 'reserved' })],
  ['a move to where all is protected', () => patching(`/Users/${outsider}`, set('userType', 'Safe'))],
  ['being created where all is protected', () => posting('/Users', { userName: 'fresh', userType: 'Safe' })],
];

describe('behind the fence', () => {
  it.each(ATTEMPTS)('%s is refused, and nothing changes', async (_what, attempt) => {
    const before = await snapshot(bridge);
    const { method, path, body: request } = attempt();
    const { status, body } = await bridge.send(method, path, request);
    expect({ status, scimType: body.scimType, says: /protected/.test(body.detail ?? '') }).toEqual({
      status: 400,
      scimType: 'mutability',
      says: true,
    });
    expect(await snapshot(bridge)).toEqual(before);
  });

  it('a bulk request gets no further, by none of these ways', async () => {
    const before = await snapshot(bridge);
    const Operations = ATTEMPTS.map(([, attempt], index) => {
      const { method, path, body: data } = attempt();
      return { method, path, bulkId: `b${index}`, ...(data === undefined ? {} : { data }) };
    });
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
    const { body } = await bridge.send('POST', '/Bulk', { schemas, Operations });
    const refused = body.Operations.map((each: { status: string; response?: { scimType?: string } }) => [
      each.status,
      each.response?.scimType,
    ]);
    expect(refused).toEqual(ATTEMPTS.map(() => ['400', 'mutability']));
    expect(await snapshot(bridge)).toEqual(before);
  });

  it('the groups of a user are no way in: they are read only', async () => {
    const before = await memberDns(bridge, admins);
    await patch(bridge, `/Users/${outsider}`, { op: 'add', path: 'groups', value: [{ value: admins }] });
    await bridge.send('PUT', `/Users/${outsider}`, { userName: 'outsider', groups: [{ value: admins }] });
    expect(await memberDns(bridge, admins)).toEqual(before);
  });

  it('everybody can be seen', async () => {
    for (const path of [`/Users/${root}`, `/Groups/${admins}`]) expect((await bridge.send('GET', path)).status).toBe(200);
  });
});

describe('outside of it', () => {
  it('everything goes on as ever', async () => {
    expect((await patch(bridge, `/Users/${outsider}`, set('title', 'x'))).status).toBe(200);
    expect((await patch(bridge, `/Groups/${plain}`, { op: 'add', path: 'members', value: [{ value: admin }] })).status).toBe(204);
    expect((await patch(bridge, `/Groups/${plain}`, { op: 'remove', path: 'members', value: [{ value: admin }] })).status).toBe(204);
    expect((await bridge.send('POST', '/Users', { userName: 'another', userType: 'Employee' })).status).toBe(201);
  });
});

describe('who is protected and refers to somebody else', () => {
  it('keeps the name of whom is renamed or deleted, and the log says so', async () => {
    const bare = await startBridge({ variant: 'bare', mapping: (text) => `${text}\nprotected: { matching: ['(employeeType=root)'] }\n` });
    try {
      const [leaver, renamed] = [await createUser(bare, { userName: 'leaver' }), await createUser(bare, { userName: 'renamed' })];
      const names = ['leaver', 'renamed'].map((uid) => `uid=${uid},${PEOPLE}`);
      const protectedPerson = `dn: uid=root,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: root\ncn: root\nsn: root\nemployeeType: root\n`;
      await bare.ldap.adminAdd(protectedPerson + names.map((name) => `manager: ${name}\n`).join(''));
      const managers = async () => textsOf((await bare.ldap.adminSearch(PEOPLE, '(uid=root)'))[0], 'manager').toSorted();

      expect((await bare.send('DELETE', `/Users/${leaver}`)).status).toBe(204);
      expect((await patch(bare, `/Users/${renamed}`, set('userName', 'renamed-since'))).status).toBe(200);
      expect(await managers()).toEqual(names);
      expect(bare.log.filter((line) => line.includes('protected'))).not.toEqual([]);
    } finally {
      await bare.stop();
    }
  });
});

describe('without any fence', () => {
  const OWN = `uid=bridge,${PEOPLE}`;
  const PASSWORD = 'a-password-of-the-bridge';
  const person = (uid: string) =>
    `\ndn: uid=${uid},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nuserPassword: ${PASSWORD}\n`;
  const ways = (path: string, userName: string): readonly Request[] => [
    patching(path, set('title', 'x')),
    patching(path, set('password', 'something long')),
    patching(path, set('active', 'False')),
    patching(path, set('userName', 'other')),
    putting(path, { userName, title: 'x' }),
    deleting(path),
  ];

  const user = `gidNumber=${process.getgid?.()}[+]uidNumber=${process.getuid?.()},cn=peercred,cn=external,cn=auth`;
  const external: BridgeOptions = {
    configure: (text) => `authz-regexp "^${user}$" "${OWN}"\n${text.replaceAll(BRIDGE_DN, OWN)}`,
    url: ({ slapd }) => slapd.ldapiUrl,
    isExternal: true,
  };

  it.each<readonly [string, string, BridgeOptions]>([
    ['the entry that the bridge binds as', 'bridge', {}],
    ['the entry that the bridge is by SASL EXTERNAL', 'bridge', external],
    ['the base of the mapping file', 'everybody', { mapping: (text) => text.replace(`base: ${PEOPLE}`, `base: uid=everybody,${PEOPLE}`) }],
  ])('%s is protected all the same', async (_what, uid, options) => {
    const open = await startBridge({
      configure: (text) => text.replaceAll(BRIDGE_DN, OWN),
      ldif: ['bridge', 'everybody'].map(person).join(''),
      bind: { dn: OWN, password: PASSWORD },
      ...options,
    });
    try {
      const [id = ''] = await findIds(open, 'Users', `userName eq "${uid}"`);
      const before = await snapshot(open);
      for (const { method, path, body: request } of ways(`/Users/${id}`, uid)) {
        const { status, body } = await open.send(method, path, request);
        expect({ method, request, status, scimType: body?.scimType }).toEqual({ method, request, status: 400, scimType: 'mutability' });
      }
      expect(await snapshot(open)).toEqual(before);
    } finally {
      await open.stop();
    }
  });
});

describe('a fence with a hole', () => {
  it('lets nobody through', async () => {
    const holed = await startBridge({
      mapping: (text) => text.replace(/^unmapped:/m, "protected: { matching: ['(noSuchAttribute=x)'] }\n\n$&"),
    });
    try {
      const { status, headers } = await holed.send('POST', '/Users', { userName: 'anybody' });
      expect([status, headers.get('retry-after')]).toEqual([503, '60']);
      expect(holed.log.join('')).toContain('an attribute that the directory does not know');
    } finally {
      await holed.stop();
    }
  });
});
