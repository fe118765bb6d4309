import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { attributesOf, createGroup, entryWithId, findIds, memberIds, patch } from './support/requests.ts';

/** Entries that existed before the bridge came: whatever it doesn't map, and however others spell it, is theirs. */

let bridge: Bridge;

const OLD_HAND = `
dn: UID=Old.Hand,${PEOPLE}
objectClass: inetOrgPerson
uid: Old.Hand
cn: Ada  Byron
cn: Augusta Ada King
sn: Byron
title: Countess
mail: Ada@Example.ORG
mail: countess@example.org
employeeNumber: 4711
description: kept by hand
carLicense: KI-NG 1
facsimileTelephoneNumber: +44 1
userPassword: {SSHA}Zm9vYmFyYmF6cXV4cXV4cXV4cXV4cXU=
`;

const adopted = async (filter = 'userName eq "old.hand"'): Promise<string> => {
  const [id = ''] = await findIds(bridge, 'Users', filter);
  return id;
};

const OF_EACH_WRITE = ['modifytimestamp', 'modifiersname', 'entrycsn'];

describe('a person made by hand', () => {
  beforeAll(async () => {
    bridge = await startBridge();
  });
  afterEach(() => bridge.ldap.reset());
  afterAll(() => bridge.stop());

  it.each([
    'userName eq "OLD.hand"',
    'emails[type eq "work"].value eq "ada@example.org"',
    'title sw "count"',
    'name.familyName eq "byron"',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "4711"',
    'active eq true',
  ])('is found by %s', async (filter) => {
    await bridge.ldap.adminAdd(OLD_HAND);
    expect(await findIds(bridge, 'Users', filter)).toHaveLength(1);
  });

  it('is active, and shown with the case that others gave', async () => {
    await bridge.ldap.adminAdd(OLD_HAND);
    expect((await bridge.send('GET', `/Users/${await adopted()}`)).body).toMatchObject({
      userName: 'Old.Hand',
      active: true,
      title: 'Countess',
      emails: [{ type: 'work', value: 'Ada@Example.ORG' }],
    });
  });

  it('gets a value and the class for it, and nothing else changes', async () => {
    await bridge.ldap.adminAdd(OLD_HAND);
    const id = await adopted();
    const before = attributesOf(await entryWithId(bridge, id, '+'), ...OF_EACH_WRITE);
    const { status } = await patch(bridge, `/Users/${id}`, { op: 'add', path: 'externalId', value: 'E1' });
    const after = attributesOf(await entryWithId(bridge, id, '+'), ...OF_EACH_WRITE);

    expect(status).toBe(200);
    expect(after).toEqual({ ...before, scimexternalid: ['E1'], objectclass: ['inetOrgPerson', 'scimObject'] });
    expect((await patch(bridge, `/Users/${id}`, { op: 'remove', path: 'externalId' })).status).toBe(200);
  });

  it('keeps what the file does not map, and the other values, through a PUT, a rename, and being switched off and on', async () => {
    await bridge.ldap.adminAdd(OLD_HAND);
    const id = await adopted();
    const theirs = (entry: Entry | undefined) =>
      entry && ['description', 'carLicense', 'userPassword', 'mail'].map((name) => valuesOf(entry, name).map(String).toSorted());
    const before = theirs(await entryWithId(bridge, id));
    const emails = [{ type: 'work', value: 'Ada@Example.ORG' }];
    const user = { userName: 'old.hand', name: { familyName: 'King' }, emails };
    expect((await bridge.send('PUT', `/Users/${id}`, user)).status).toBe(200);
    expect((await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'userName', value: 'ada' })).status).toBe(200);
    expect((await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'active', value: false })).body.active).toBe(false);
    expect((await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'active', value: true })).body.active).toBe(true);
    const entry = await entryWithId(bridge, id);

    expect(entry?.dn).toBe(`uid=ada,${PEOPLE}`);
    expect(theirs(entry)).toEqual(before);
  });

  it('can be a member of a group made by hand, which keeps members that are nobody of ours', async () => {
    await bridge.ldap.adminAdd(OLD_HAND);
    const outsider = 'cn=service,ou=services,dc=example,dc=org';
    await bridge.ldap.adminAdd(
      `dn: CN=Old Group,${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: Old Group\ndescription: d\nmember: ${outsider}\n`,
    );
    const [group = ''] = await findIds(bridge, 'Groups', 'displayName eq "old group"');
    const id = await adopted();
    expect((await patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: id }] })).status).toBe(204);
    expect(await memberIds(bridge, group)).toEqual([id]);
    expect((await bridge.send('PUT', `/Groups/${group}`, { displayName: 'Old Group' })).status).toBe(200);
    const entry = await entryWithId(bridge, group);
    expect(entry && [valuesOf(entry, 'member'), valuesOf(entry, 'description')]).toEqual([[outsider], ['d']]);
    expect(await createGroup(bridge, [id])).toMatch(/./);
  });
});

describe('a class that demands more', () => {
  const POSIX = `
    uidNumber:     { template: '1{ldap:employeeNumber}', write: once }
    gidNumber:     { template: '{ldap:uidNumber}', write: once }
    homeDirectory: { template: '/home/{ldap:uid}', write: once }`;

  beforeAll(async () => {
    bridge = await startBridge({
      mapping: (text) =>
        text
          .replace(/^ {2}generated:.*$/m, `$&${POSIX}`)
          .replace(/inetOrgPerson, scimObject\]/, 'inetOrgPerson, posixAccount, scimObject]'),
    });
  });
  afterEach(() => bridge.ldap.reset());
  afterAll(() => bridge.stop());

  it('comes with what it demands, made by the lines that write once', async () => {
    await bridge.ldap.adminAdd(OLD_HAND);
    const id = await adopted();
    const { status } = await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: 'Analyst' });
    const entry = await entryWithId(bridge, id);

    expect(status).toBe(200);
    expect(entry && ['objectClass', 'uidNumber', 'gidNumber', 'homeDirectory'].map((name) => valuesOf(entry, name))).toEqual([
      ['inetOrgPerson', 'posixAccount'],
      ['14711'],
      ['14711'],
      ['/home/Old.Hand'],
    ]);
  });

  it('is left out where that cannot be made, and the change is made all the same', async () => {
    await bridge.ldap.adminAdd(OLD_HAND.replace(/^employeeNumber.*\n/m, ''));
    const id = await adopted();
    const { status, body } = await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: 'Analyst' });
    const entry = await entryWithId(bridge, id);

    expect([status, body.title]).toEqual([200, 'Analyst']);
    expect(entry && [valuesOf(entry, 'objectClass'), valuesOf(entry, 'homeDirectory')]).toEqual([['inetOrgPerson'], []]);
  });

  it('that the entry has already gets nothing new', async () => {
    const posix = 'objectClass: posixAccount\nuidNumber: 77\ngidNumber: 100\nhomeDirectory: /srv/ada\n';
    await bridge.ldap.adminAdd(OLD_HAND.replace('objectClass: inetOrgPerson\n', `objectClass: inetOrgPerson\n${posix}`));
    const id = await adopted();
    const before = attributesOf(await entryWithId(bridge, id));
    expect((await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: 'Analyst' })).status).toBe(200);
    expect(attributesOf(await entryWithId(bridge, id))).toEqual({ ...before, title: ['Analyst'] });
  });
});
