import { describe, expect, test } from 'vitest';
import { attributesToRead, attributesToWrite, idOf, lensesFor, readEntry, storedReferences } from '../../src/mapping/read-entry.ts';
import { readProjection } from '../../src/scim/projection.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE, USER_SCHEMA } from '../../src/scim/schema.ts';
import { ada, bob, context, entryOf, OUTSIDER, readMapped, shippedPlan, staff, usersPlan } from './support/plans.ts';

const {
  users,
  groups: [groups = users],
} = shippedPlan('openldap.yaml');

test('an entry as a resource', () => {
  const entry = entryOf({
    createTimestamp: ['20260131083000Z'],
    modifyTimestamp: ['20260131093000.5Z'],
    uid: ['ada'],
    cn: ['Ada Lovelace'],
    sn: ['-'],
    mail: ['ada@x.example', 'second@x.example'],
    l: ['Kiel'],
    manager: [OUTSIDER, bob.dn],
    memberOf: [staff.dn, 'cn=admins,dc=elsewhere'],
    pwdAccountLockedTime: ['000001010000Z'],
    userPassword: ['{SSHA}x'],
    description: ['not mapped'],
  });
  const read = readEntry(users, users.lenses, entry, 'https://scim.example.org/Users/1', context);
  expect(JSON.stringify(read)).not.toMatch(/null|:""|\[\]|\{\}|SSHA/);
  expect(read).toEqual({
    schemas: [USER_SCHEMA, ENTERPRISE],
    id: ada.id,
    userName: 'ada',
    name: { formatted: 'Ada Lovelace' },
    emails: [{ type: 'work', value: 'ada@x.example', primary: true }],
    addresses: [{ type: 'work', locality: 'Kiel' }],
    [ENTERPRISE]: { manager: { value: bob.id, $ref: bob.location } },
    groups: [{ value: staff.id, $ref: staff.location, type: 'direct' }],
    active: false,
    meta: {
      resourceType: 'User',
      created: '2026-01-31T08:30:00Z',
      lastModified: '2026-01-31T09:30:00.5Z',
      location: 'https://scim.example.org/Users/1',
      version: 'W/"20260131083000.000001Z#000000#000#000000"',
    },
  });
});

test('a constant shows up with the rest of its element, not alone', () => {
  expect(readMapped(users, entryOf({ uid: ['ada'], scimOtherMail: ['o@x.example'] }))).toEqual({
    userName: 'ada',
    emails: [{ type: 'other', value: 'o@x.example' }],
    active: true,
  });
});

test('the first value is the one in the name, otherwise the server’s first', () => {
  const entry = entryOf({ uid: ['countess', 'ada'], cn: ['Ada', 'Countess'] }, 'uid=ADA,ou=people,dc=example,dc=org');
  expect(readMapped(users, entry)).toMatchObject({ userName: 'ada', name: { formatted: 'Ada' } });
});

test('bytes are not shown as text', () => {
  const entry = { dn: 'uid=ada', attributes: new Map([['title', [Buffer.from([0xff]), 'Countess']]]) };
  expect(readMapped(users, entry)).toMatchObject({ title: 'Countess' });
});

test('members say what they are', () => {
  expect(readMapped(groups, entryOf({ cn: ['Staff'], member: [bob.dn, staff.dn] }))).toMatchObject({
    members: [
      { value: bob.id, type: 'User' },
      { value: staff.id, type: 'Group' },
    ],
  });
});

test('names that mean something to JavaScript stay names', () => {
  expect(readMapped(users, entryOf({ uid: ['__proto__'], __proto__: ['x'], constructor: ['x'] }))).toEqual({
    userName: '__proto__',
    active: true,
  });
});

test('values that are not of the attribute’s type are kept and not shown', () => {
  const plan = usersPlan({
    attributes: {
      userName: 'uid',
      'urn:example:acme:2.0:User:count': 'title',
      'urn:example:acme:2.0:User:on': 'scimActive',
      'urn:example:acme:2.0:User:since': 'employeeType',
    },
    schemas: new Map([
      [
        'urn:example:acme:2.0:User',
        {
          extends: 'User',
          attributes: new Map([
            ['count', { type: 'integer', multiValued: false }],
            ['on', { type: 'boolean', multiValued: false }],
            ['since', { type: 'dateTime', multiValued: false }],
          ]),
        },
      ],
    ]),
  });
  const shown = (title: string, scimActive: string, employeeType: string) =>
    readMapped(plan, entryOf({ uid: ['ada'], title: [title], scimActive: [scimActive], employeeType: [employeeType] }));
  expect(shown('x', 'yes', 'yesterday')).toEqual({ userName: 'ada' });
  expect(shown('7', 'TRUE', '2026-01-31T08:30:00Z')).toEqual({
    userName: 'ada',
    'urn:example:acme:2.0:User': { count: 7, on: true, since: '2026-01-31T08:30:00Z' },
  });
});

describe('what is asked for', () => {
  const pathsFor = (attributes?: string[], excluded?: string[]) =>
    lensesFor(users, readProjection(attributes, excluded, users.resourceType)).map(({ path }) => path);

  test('lines that an answer needs', () => {
    expect(lensesFor(users, undefined)).toBe(users.lenses);
    expect(pathsFor(['userName', 'name.givenName'])).toEqual(['userName', 'name.givenName']);
    expect(pathsFor(['id'])).toEqual([]);
    expect(lensesFor(groups, readProjection(undefined, ['members'], groups.resourceType)).map(({ path }) => path)).toEqual([
      'displayName',
      'externalId',
    ]);
    expect(pathsFor()).not.toContain('password');
  });

  test('an element is read whole: its type and its constants show what else it has', () => {
    const mails = ['emails[type eq "work"].value', 'emails[type eq "work"].primary', 'emails[type eq "other"].value'];
    expect(pathsFor(['emails.primary'])).toEqual(mails);
    expect(pathsFor(['emails.type'])).toEqual(mails);
  });

  test('LDAP attributes, each once', () => {
    expect(attributesToRead(users, lensesFor(users, readProjection(['userName'], undefined, users.resourceType)))).toEqual([
      'entryUUID',
      'createTimestamp',
      'modifyTimestamp',
      'entryCSN',
      'uid',
    ]);
    const written = attributesToWrite(users, []);
    expect(written).toEqual(['entryUUID', 'createTimestamp', 'modifyTimestamp', 'entryCSN', 'objectClass', 'uid', 'cn']);
    const plan = usersPlan({
      attributes: { userName: 'uid' },
      generated: { title: { templates: ['{ldap:mail}'], places: [], write: 'once' } },
    });
    expect(attributesToWrite(plan, plan.lenses)).toEqual(expect.arrayContaining(['title', 'mail']));
  });

  test('a password is never asked for', () => {
    expect(attributesToWrite(users, users.lenses).map((name) => name.toLowerCase())).not.toContain('userpassword');
  });

  test('references to resolve', () => {
    expect(storedReferences(users.lenses, entryOf({ manager: [bob.dn], memberOf: [staff.dn], seeAlso: ['cn=x'] }))).toEqual([
      { value: bob.dn, by: undefined, targets: ['users'] },
      { value: staff.dn, by: undefined, targets: ['groups'] },
    ]);
  });

  test('an entry without a readable id does not exist for us', () => {
    expect(idOf(users, entryOf({ entryUUID: [] }))).toBeUndefined();
    expect(idOf(users, { dn: '', attributes: new Map([['entryuuid', [Buffer.from([0xff])]]]) })).toBeUndefined();
    expect(idOf(users, entryOf({}))).toBe(ada.id);
  });
});
