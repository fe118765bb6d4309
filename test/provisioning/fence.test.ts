import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS } from '../support/openldap.ts';
import { createGroup, createUser, findIds, memberDns, patch, snapshot } from './support/requests.ts';

const ADMINS = `cn=admins,${GROUPS}`;
const FENCE = `
protected:
  below: ['${ADMINS}', 'ou=vault,${GROUPS}']
  matching: ['(employeeType=root)', '(memberOf=cn=keepers,${GROUPS})']
`;

let bridge: Bridge;
let [outsider, admin, nested, root, keeper, vaulted] = ['', '', '', '', '', ''];
let [admins, operators, keepers, plain] = ['', '', '', ''];

beforeAll(async () => {
  bridge = await startBridge({ mapping: (text) => text.replace(/^unmapped:/m, `${FENCE}\n$&`) });
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
      `dn: ou=vault,${GROUPS}\nobjectClass: organizationalUnit\nou: vault\n`,
      `dn: cn=inside,ou=vault,${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: inside\nmember: cn=nobody,dc=example,dc=org\n`,
    ].join('\n'),
  );
  const id = async (endpoint: 'Users' | 'Groups', filter: string) => (await findIds(bridge, endpoint, filter))[0] ?? '';
  [admin = '', nested = '', root = '', keeper = ''] = await Promise.all(
    ['admin', 'nested', 'root', 'keeper'].map((uid) => id('Users', `userName eq "${uid}"`)),
  );
  [admins = '', operators = '', keepers = '', vaulted = ''] = await Promise.all(
    ['admins', 'operators', 'keepers', 'inside'].map((cn) => id('Groups', `displayName eq "${cn}"`)),
  );
  outsider = await createUser(bridge, { userName: 'outsider' });
  plain = await createGroup(bridge, [outsider], 'plain');
});
afterAll(() => bridge.stop());

const set = (path: string, value: unknown) => ({ op: 'replace', path, value });

/** Who or what is behind the fence, and every way to write it. */
const ATTEMPTS: readonly (readonly [string, () => Promise<{ status: number; body: { scimType?: string; detail?: string } }>])[] = [
  ['a member of a protected group', () => patch(bridge, `/Users/${admin}`, set('title', 'x'))],
  ['a member by way of another group', () => patch(bridge, `/Users/${nested}`, set('title', 'x'))],
  ['one who matches a filter', () => patch(bridge, `/Users/${root}`, set('title', 'x'))],
  ['one who matches by an attribute of the overlay', () => patch(bridge, `/Users/${keeper}`, set('title', 'x'))],
  ['the same by PUT', () => bridge.send('PUT', `/Users/${root}`, { userName: 'root', title: 'x' })],
  ['the same by DELETE', () => bridge.send('DELETE', `/Users/${root}`)],
  ['a password', () => patch(bridge, `/Users/${admin}`, set('password', 'something long'))],
  ['switching off', () => patch(bridge, `/Users/${admin}`, set('active', 'False'))],
  ['another name', () => patch(bridge, `/Users/${nested}`, set('userName', 'other'))],
  [
    'a member put into the protected group',
    () => patch(bridge, `/Groups/${admins}`, { op: 'add', path: 'members', value: [{ value: outsider }] }),
  ],
  [
    'one put into a group that is in it',
    () => patch(bridge, `/Groups/${operators}`, { op: 'add', path: 'members', value: [{ value: outsider }] }),
  ],
  ['a member taken out', () => patch(bridge, `/Groups/${admins}`, { op: 'remove', path: 'members', value: [{ value: admin }] })],
  ['all of them taken out', () => patch(bridge, `/Groups/${admins}`, { op: 'remove', path: 'members' })],
  ['the name of the group', () => patch(bridge, `/Groups/${admins}`, set('displayName', 'harmless'))],
  ['the group by PUT', () => bridge.send('PUT', `/Groups/${admins}`, { displayName: 'admins', members: [] })],
  ['the group by DELETE', () => bridge.send('DELETE', `/Groups/${admins}`)],
  ['what lies below a protected entry', () => patch(bridge, `/Groups/${vaulted}`, set('externalId', 'x'))],
  ['becoming one who matches', () => patch(bridge, `/Users/${outsider}`, set('userType', 'root'))],
  ['being created as one who matches', () => bridge.send('POST', '/Users', { userName: 'fresh', userType: 'root' })],
];

describe('behind the fence', () => {
  it.each(ATTEMPTS)('%s is refused, and nothing changes', async (_what, attempt) => {
    const before = await snapshot(bridge);
    const { status, body } = await attempt();
    expect({ status, scimType: body.scimType, says: /protected/.test(body.detail ?? '') }).toEqual({
      status: 400,
      scimType: 'mutability',
      says: true,
    });
    expect(await snapshot(bridge)).toEqual(before);
  });

  it('a bulk request gets no further', async () => {
    const { body } = await bridge.send('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [{ method: 'DELETE', path: `/Users/${admin}` }],
    });
    expect(body.Operations[0]).toMatchObject({ status: '400', response: { scimType: 'mutability' } });
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

  it('a protected group keeps the name of a member who is deleted, and the log says so', async () => {
    const inside = await createUser(bridge, { userName: 'leaver' });
    await bridge.ldap.adminAdd(
      `dn: cn=inside-too,ou=vault,${GROUPS}\nobjectClass: groupOfUniqueNames\ncn: inside-too\nuniqueMember: cn=nobody,dc=example,dc=org\n`,
    );
    expect((await bridge.send('DELETE', `/Users/${inside}`)).status).toBe(204);
    expect(await memberDns(bridge, keepers)).toEqual(['uid=keeper,ou=people,dc=example,dc=org']);
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
