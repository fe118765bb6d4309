import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { DISABLED, GROUPS, PEOPLE, SUFFIX } from '../support/openldap.ts';
import { find, patch, snapshot } from './support/requests.ts';

const COUNTER = `cn=uidNext,ou=scim,${SUFFIX}`;
const OU_SCIM = `dn: ou=scim,${SUFFIX}
objectClass: organizationalUnit
ou: scim
`;

/** People whose clients send an address and nothing else: what POSIX needs is made. Contractors live elsewhere. */
function posix(range: string) {
  return (mapping: string): string =>
    mapping
      .replace(
        /^ {2}objectClass: \[top, person.*$/m,
        '  objectClass: [top, person, organizationalPerson, inetOrgPerson, scimObject, posixAccount]',
      )
      .replace(/^ {2}rdn: uid.*$/m, `  rdn: uid\n  placement: [{ when: 'userType eq "Contractor"', base: '${DISABLED}' }]`)
      .replace(/^ {4}userName: .*$/m, '    userName: { ldap: description, required: true }')
      .replace(/^ {4}groups: .*$/m, '')
      .replace(/^ {4}active: .*$/m, '')
      .replace(/^ {4}password: .*$/m, '')
      .replace(
        /^ {2}generated: .*$/m,
        `  generated:
    uid: { template: '{userName | before "@" | ascii | lowercase | truncate 8}', unique: true }
    uidNumber: { allocate: ${range}, counter: '${COUNTER}', write: once }
    gidNumber: { template: '{ldap:uidNumber}', write: once }
    homeDirectory: { template: '/home/{ldap:uid}', write: once }
    userPassword: { random: 32, write: once }
    carLicense: { random: 32 }`,
      );
}

const one = (entry: Entry | undefined, attribute: string): string =>
  String(entry === undefined ? undefined : valuesOf(entry, attribute)[0]);
const people = (bridge: Bridge) => bridge.ldap.adminSearch(SUFFIX, '(objectClass=posixAccount)');
const create = (bridge: Bridge, userName: string, more: object = {}) => bridge.send('POST', '/Users', { userName, ...more });
const counter = async (bridge: Bridge) => one((await bridge.ldap.adminSearch(COUNTER))[0], 'uidNumber');
const errors = (bridge: Bridge): readonly object[] => bridge.log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);

describe('what a POSIX account needs and nobody sends', () => {
  let bridge: Bridge;
  /** Another daemon in front of the same directory. */
  let other: Bridge;

  beforeAll(async () => {
    bridge = await startBridge({ variant: 'bare', ldif: OU_SCIM, mapping: posix('20000-20099'), service: '' });
    other = await startBridge({ variant: 'bare', mapping: posix('20000-20099'), url: () => bridge.ldap.url });
  });
  afterAll(async () => {
    await other.stop();
    await bridge.stop();
  });

  it('is made, and counted from the highest number in use', async () => {
    await bridge.ldap.adminAdd(`dn: cn=old,${GROUPS}
objectClass: posixGroup
cn: old
gidNumber: 7

dn: uid=old,${PEOPLE}
objectClass: account
objectClass: posixAccount
uid: old
cn: Old
uidNumber: 20006
gidNumber: 7
homeDirectory: /home/old

dn: uid=root,${PEOPLE}
objectClass: account
objectClass: posixAccount
uid: root
cn: Beyond the range
uidNumber: 30000
gidNumber: 7
homeDirectory: /root
`);
    const { status, body } = await create(bridge, 'Zoë.Ångström@contoso.com');
    expect([status, body.userName]).toEqual([201, 'Zoë.Ångström@contoso.com']);
    const [entry] = await bridge.ldap.adminSearch(`uid=zoe.angs,${PEOPLE}`);
    expect(Object.fromEntries(entry?.attributes ?? [])).toMatchObject({
      uid: ['zoe.angs'],
      uidnumber: ['20007'],
      gidnumber: ['20007'],
      homedirectory: ['/home/zoe.angs'],
      userpassword: [expect.stringMatching(/^[\w-]{32}$/)],
    });
    expect(await counter(bridge)).toBe('20008');
    const told = bridge.log.join();
    expect(told).toContain('uid=zoe.angs');
    for (const secret of ['userPassword', 'carLicense']) expect(told).not.toContain(one(entry, secret));
  });

  it('is made for 32 who come to two daemons at once, and for nobody twice', async () => {
    const before = Number(await counter(bridge));
    const names = Array.from({ length: 32 }, (_, index) => `grace.hopper@${index % 2 === 0 ? 'navy' : 'contoso'}${index}.example`);
    const answers = await Promise.all(names.map((name, index) => create(index % 4 < 2 ? bridge : other, name)));
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));

    const entries = await bridge.ldap.adminSearch(PEOPLE, '(uid=grace*)');
    expect(entries.map((entry) => one(entry, 'uid')).toSorted()).toEqual(
      ['grace.ho', ...Array.from({ length: 31 }, (_, index) => (index < 8 ? `grace.h${index + 2}` : `grace.${index + 2}`))].toSorted(),
    );
    const numbers = entries.map((entry) => Number(one(entry, 'uidNumber'))).toSorted((a, b) => a - b);
    expect(new Set(numbers).size).toBe(32);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(before);
    expect(Number(await counter(bridge))).toBeGreaterThan(Math.max(...numbers));
    expect(new Set(entries.map((entry) => one(entry, 'userPassword'))).size).toBe(32);
  });

  it('is not made again for somebody else after a delete', async () => {
    const { body } = await create(bridge, 'ada@contoso.com');
    const number = one((await bridge.ldap.adminSearch(`uid=ada,${PEOPLE}`))[0], 'uidNumber');
    expect((await bridge.send('DELETE', `/Users/${body.id}`)).status).toBe(204);
    await create(bridge, 'ada@contoso.com');
    expect(Number(one((await bridge.ldap.adminSearch(`uid=ada,${PEOPLE}`))[0], 'uidNumber'))).toBeGreaterThan(Number(number));
  });

  it('is unlike that of people in other branches, and of numbers that others gave', async () => {
    const next = Number(await counter(bridge));
    await bridge.ldap.adminAdd(`dn: uid=byhand,${DISABLED}
objectClass: account
objectClass: posixAccount
uid: byhand
cn: By hand
uidNumber: ${next}
gidNumber: 7
homeDirectory: /home/byhand
`);
    await create(bridge, 'byhand@contoso.com');
    const [entry] = await bridge.ldap.adminSearch(PEOPLE, '(uid=byhand2)');
    expect(one(entry, 'uidNumber')).toBe(String(next + 1));
    const contractor = await create(bridge, 'ByHand@contoso.com.example', { userType: 'Contractor' });
    expect(contractor.status).toBe(201);
    expect((await bridge.ldap.adminSearch(DISABLED, '(uid=byhand3)')).length).toBe(1);
  });

  it('stays as it is when other things change', async () => {
    const { body } = await create(bridge, 'kim@contoso.com');
    const [before] = await bridge.ldap.adminSearch(`uid=kim,${PEOPLE}`);
    expect((await patch(bridge, `/Users/${body.id}`, { op: 'replace', path: 'userName', value: 'kimberly@contoso.com' })).status).toBe(200);
    const [after] = await bridge.ldap.adminSearch(`uid=kim,${PEOPLE}`);
    for (const name of ['uid', 'uidNumber', 'gidNumber', 'homeDirectory', 'userPassword']) {
      expect([name, one(after, name)]).toEqual([name, one(before, name)]);
    }
  });

  it('is given to somebody who was there before us, but for the password', async () => {
    await bridge.ldap.adminAdd(`dn: uid=adopted,${PEOPLE}
objectClass: inetOrgPerson
objectClass: scimObject
uid: adopted
cn: Adopted
sn: Adopted
description: adopted@contoso.com
userPassword: known-to-the-person
`);
    const found = await find(bridge, 'Users', 'userName eq "adopted@contoso.com"');
    const next = await counter(bridge);
    expect((await patch(bridge, `/Users/${found.body.Resources[0].id}`, { op: 'add', path: 'title', value: 'Dr' })).status).toBe(200);
    const [entry] = await bridge.ldap.adminSearch(`uid=adopted,${PEOPLE}`);
    expect(Object.fromEntries(entry?.attributes ?? [])).toMatchObject({
      objectclass: ['inetOrgPerson', 'scimObject', 'posixAccount'],
      title: ['Dr'],
      uidnumber: [next],
      gidnumber: [next],
      homedirectory: ['/home/adopted'],
      userpassword: ['known-to-the-person'],
    });
  });

  it('is refused when there is nothing to make a name of, and nothing is written', async () => {
    const before = [await snapshot(bridge), await counter(bridge)];
    const { status, body } = await create(bridge, '@contoso.com');
    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    expect([await snapshot(bridge), await counter(bridge)]).toEqual(before);
  });
});

describe('a counter', () => {
  let bridge: Bridge;
  beforeEach(async () => {
    bridge = await startBridge({ variant: 'bare', ldif: OU_SCIM, mapping: posix('20000-20001') });
  });
  afterEach(() => bridge.stop());

  it('that has come to the end of its range is 503, told loudly, and nothing is written', async () => {
    expect([(await create(bridge, 'a@x')).status, (await create(bridge, 'b@x')).status]).toEqual([201, 201]);
    expect((await people(bridge)).map((entry) => one(entry, 'uidNumber'))).toEqual(['20000', '20001']);
    const before = await snapshot(bridge);
    const { status, body, headers } = await create(bridge, 'c@x');
    expect([status, headers.get('retry-after')]).toEqual([503, '60']);
    expect(body.detail).toMatch(/^uidNumber: the directory has no number left/);
    expect(errors(bridge)).toContainEqual(
      expect.objectContaining({
        attribute: 'uidNumber',
        range: '20000-20001',
        counter: COUNTER,
        msg: 'all numbers of the range are taken: make it wider in the mapping file',
      }),
    );
    expect(await snapshot(bridge)).toEqual(before);
    expect(await counter(bridge)).toBe('20002');
  });

  it('that was made by hand below the range begins with it', async () => {
    await bridge.ldap.adminAdd(`dn: ${COUNTER}
objectClass: applicationProcess
objectClass: extensibleObject
cn: uidNext
uidNumber: 7
`);
    await create(bridge, 'a@x');
    expect((await people(bridge)).map((entry) => one(entry, 'uidNumber'))).toEqual(['20000']);
    expect(await counter(bridge)).toBe('20001');
  });

  it('without a number is 503, and told', async () => {
    await bridge.ldap.adminAdd(`dn: ${COUNTER}
objectClass: applicationProcess
cn: uidNext
`);
    expect((await create(bridge, 'a@x')).status).toBe(503);
    const told = { counter: COUNTER, msg: 'the counter holds no number: give it the next free one' };
    expect(errors(bridge)).toContainEqual(expect.objectContaining(told));
    expect(await people(bridge)).toEqual([]);
  });
});

it('a counter whose parent is missing is 503: nothing is made up', async () => {
  const bridge = await startBridge({ variant: 'bare', mapping: posix('20000-20001') });
  try {
    expect((await create(bridge, 'a@x')).status).toBe(503);
    expect(await people(bridge)).toEqual([]);
  } finally {
    await bridge.stop();
  }
});
