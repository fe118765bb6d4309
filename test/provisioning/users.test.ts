import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';
import { attributesOf, createUser, ENTERPRISE, entryWithId, patch } from './support/requests.ts';

const CLASSES = ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'scimObject'];
const LOCKED = '000001010000Z';

let bridge: Bridge;

beforeAll(async () => {
  bridge = await startBridge();
});
beforeEach(() => bridge.ldap.reset());
afterAll(() => bridge.stop());

/** What Entra sends of somebody with everything, with the spellings that are easily lost. */
const ANNA = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
  userName: 'Anna.Lindström@Fabrikam.example',
  externalId: 'ext-ÄÖ-01',
  displayName: 'Anna  Lindström (de)',
  name: { formatted: 'Lindström, Anna', givenName: 'Anna', familyName: 'Lindström' },
  title: 'Planerin & "Chefin"',
  preferredLanguage: 'de-DE',
  userType: 'Employee',
  active: true,
  emails: [
    { type: 'work', value: 'Anna.Lindstroem@fabrikam.example', primary: true },
    { type: 'other', value: 'anna@home.example' },
  ],
  phoneNumbers: [
    { type: 'work', value: '+49 30 5550100' },
    { type: 'mobile', value: '+49 170 555-0101' },
    { type: 'fax', value: '+49 30 5550199' },
  ],
  addresses: [
    {
      type: 'work',
      formatted: 'B4/211',
      streetAddress: 'Hafenweg 1\nHinterhof\n2. Stock',
      locality: 'Kiel',
      region: 'SH',
      postalCode: '24103',
      country: 'DE',
    },
  ],
  [ENTERPRISE]: { employeeNumber: '01044', department: 'Öl & Gas' },
};

describe('create', () => {
  it('writes what the mapping file says, and nothing else', async () => {
    const id = await createUser(bridge, ANNA);
    const entry = await entryWithId(bridge, id, 'pwdAccountLockedTime');

    expect(entry?.dn).toBe(`uid=Anna.Lindström@Fabrikam.example,${PEOPLE}`);
    expect(attributesOf(entry)).toEqual({
      objectclass: CLASSES,
      uid: ['Anna.Lindström@Fabrikam.example'],
      scimexternalid: ['ext-ÄÖ-01'],
      displayname: ['Anna  Lindström (de)'],
      cn: ['Lindström, Anna'],
      givenname: ['Anna'],
      sn: ['Lindström'],
      title: ['Planerin & "Chefin"'],
      preferredlanguage: ['de-DE'],
      employeetype: ['Employee'],
      mail: ['Anna.Lindstroem@fabrikam.example'],
      scimothermail: ['anna@home.example'],
      telephonenumber: ['+49 30 5550100'],
      mobile: ['+49 170 555-0101'],
      facsimiletelephonenumber: ['+49 30 5550199'],
      physicaldeliveryofficename: ['B4/211'],
      street: ['Hafenweg 1\nHinterhof\n2. Stock'],
      l: ['Kiel'],
      st: ['SH'],
      postalcode: ['24103'],
      co: ['DE'],
      employeenumber: ['01044'],
      departmentnumber: ['Öl & Gas'],
    });
  });

  it('answers with what was sent, and shows the same ever after', async () => {
    const { status, headers, body } = await bridge.send('POST', '/Users', ANNA);
    const { id, meta, ...shown } = body;

    expect(status).toBe(201);
    expect(shown).toEqual(ANNA);
    const location = `https://scim.example.org/scim/v2/Users/${id}`;
    expect(headers.get('location')).toBe(location);
    expect(meta).toEqual({
      resourceType: 'User',
      location,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      lastModified: meta.created,
      version: expect.stringMatching(/^W\/"\d{14}\.\d{6}Z#/),
    });
    expect((await bridge.send('GET', `/Users/${id}`)).body).toEqual(body);
    expect((await bridge.send('GET', '/Users')).body.Resources).toEqual([body]);
  });

  it('takes a user with nothing but userName', async () => {
    const id = await createUser(bridge, { userName: 'Minimal' });

    expect(attributesOf(await entryWithId(bridge, id, 'pwdAccountLockedTime'))).toEqual({
      objectclass: CLASSES,
      uid: ['Minimal'],
      cn: ['Minimal'],
      sn: ['-'],
    });
    const { body } = await bridge.send('GET', `/Users/${id}`);
    expect(body).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      id,
      userName: 'Minimal',
      name: { formatted: 'Minimal' },
      active: true,
      meta: body.meta,
    });
  });

  it('takes one without surname, whose place the directory keeps with a placeholder that nobody sees', async () => {
    const id = await createUser(bridge, { userName: 'prince', name: { givenName: 'Prince' }, displayName: 'The Artist' });

    expect(attributesOf(await entryWithId(bridge, id), 'objectclass')).toEqual({
      uid: ['prince'],
      givenname: ['Prince'],
      sn: ['-'],
      displayname: ['The Artist'],
      cn: ['The Artist'],
    });
    expect((await bridge.send('GET', `/Users/${id}`)).body.name).toEqual({ givenName: 'Prince', formatted: 'The Artist' });
  });

  it.each([
    ['null, empty texts and empty lists', { title: null, displayName: '', emails: [], phoneNumbers: null, name: { familyName: '' } }],
    ['what is read-only', { id: 'mine', groups: [], meta: { resourceType: 'User', location: 'elsewhere' } }],
    ['what no schema knows', { favouriteColour: 'red', 'urn:example:nobody:1.0:User': { a: 1 } }],
    ['what the standard knows and nobody maps', { nickName: 'Mini', timezone: 'Europe/Berlin', roles: [] }],
  ])('takes no notice of %s', async (_what, more) => {
    const id = await createUser(bridge, { userName: 'minimal', ...more });

    expect(attributesOf(await entryWithId(bridge, id), 'objectclass')).toEqual({ uid: ['minimal'], cn: ['minimal'], sn: ['-'] });
  });

  it.each([
    ['active as text', { active: 'False' }, { active: false }],
    ['attribute names in other letter case', { DISPLAYNAME: 'X', Name: { FamilyName: 'Y' } }, { displayName: 'X' }],
    [
      'an element without type',
      { emails: [{ value: 'a@example.org' }] },
      { emails: [{ type: 'work', value: 'a@example.org', primary: true }] },
    ],
    ['extension attributes at the top', { department: 'IT' }, { [ENTERPRISE]: { department: 'IT' } }],
  ])('understands %s', async (_what, sent, shown) => {
    const id = await createUser(bridge, { userName: 'lenient', ...sent });

    expect((await bridge.send('GET', `/Users/${id}`)).body).toMatchObject(shown);
  });

  it.each([
    ['no userName', { displayName: 'Nobody' }, /^userName: /],
    ['an empty userName', { userName: '' }, /^userName: /],
    ['a number for active', { userName: 'x', active: 7 }, /^active: /],
    ['half a character', '{"userName":"x\\ud800"}', /^userName: /],
    [
      'an e-mail address that the directory cannot hold',
      { userName: 'x', emails: [{ type: 'work', value: 'zoë@example.org' }] },
      /^emails/,
    ],
    ['a body that is a list', [{ userName: 'x' }], /object/],
  ])('refuses %s with 400, and creates nothing', async (_what, sent, detail) => {
    const { status, body } = await bridge.send('POST', '/Users', sent);

    expect(status).toBe(400);
    expect(body.detail).toMatch(detail);
    expect(await bridge.ldap.adminSearch(PEOPLE, '(objectClass=inetOrgPerson)')).toEqual([]);
  });

  it('is inactive from the start when it is told so', async () => {
    const id = await createUser(bridge, { userName: 'off', active: false });

    const entry = await entryWithId(bridge, id, 'pwdAccountLockedTime');
    expect(entry && valuesOf(entry, 'pwdAccountLockedTime')).toEqual([LOCKED]);
    expect((await bridge.send('GET', `/Users/${id}`)).body.active).toBe(false);
  });
});

describe('clearing', () => {
  it.each([
    ['remove', { op: 'Remove', path: 'name.familyName' }],
    ['replace with an empty text', { op: 'Replace', path: 'name.familyName', value: '' }],
    ['replace with null', { op: 'Replace', path: 'name.familyName', value: null }],
    ['a path-less null', { op: 'replace', value: { 'name.familyName': null } }],
    ['a path-less empty text in an object', { op: 'add', value: { name: { familyName: '' } } }],
  ])('the surname by %s leaves the placeholder', async (_what, operation) => {
    const id = await createUser(bridge, { userName: 'anna', name: { formatted: 'Anna L.', givenName: 'Anna', familyName: 'Lind' } });
    const { status, body } = await patch(bridge, `/Users/${id}`, operation);

    expect([status, body.name]).toEqual([200, { formatted: 'Anna L.', givenName: 'Anna' }]);
    expect(attributesOf(await entryWithId(bridge, id), 'objectclass')).toEqual({
      uid: ['anna'],
      cn: ['Anna L.'],
      givenname: ['Anna'],
      sn: ['-'],
    });
  });

  it('every attribute that may be absent, one after the other, leaves no trace of any', async () => {
    const id = await createUser(bridge, ANNA);
    const paths = [
      'externalId',
      'displayName',
      'name',
      'title',
      'preferredLanguage',
      'userType',
      'emails[type eq "work"]',
      'emails[type eq "other"].value',
      'phoneNumbers',
      'addresses[type eq "work"].streetAddress',
      'addresses',
      `${ENTERPRISE}:employeeNumber`,
      ENTERPRISE,
    ];
    for (const path of paths) expect([path, (await patch(bridge, `/Users/${id}`, { op: 'remove', path })).status]).toEqual([path, 200]);

    expect(attributesOf(await entryWithId(bridge, id), 'objectclass', 'cn')).toEqual({ uid: [ANNA.userName], sn: ['-'] });
  });

  it('refuses to take away the userName', async () => {
    const id = await createUser(bridge, { userName: 'anna' });
    const { status, body } = await patch(bridge, `/Users/${id}`, { op: 'remove', path: 'userName' });

    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    expect((await entryWithId(bridge, id))?.dn).toBe(`uid=anna,${PEOPLE}`);
  });
});

describe('PATCH', () => {
  it('writes just what changes', async () => {
    const id = await createUser(bridge, ANNA);
    const before = attributesOf(await entryWithId(bridge, id));
    const { status, body } = await patch(
      bridge,
      `/Users/${id}`,
      { op: 'Replace', path: 'name.familyName', value: 'Berg' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+49 170 1' },
      { op: 'Replace', path: `${ENTERPRISE}:department`, value: 'IT' },
      { op: 'replace', value: { 'addresses[type eq "work"].locality': 'Bonn', active: 'False' } },
    );

    expect(status).toBe(200);
    expect(attributesOf(await entryWithId(bridge, id, 'pwdAccountLockedTime'))).toEqual({
      ...before,
      sn: ['Berg'],
      mobile: ['+49 170 1'],
      departmentnumber: ['IT'],
      l: ['Bonn'],
      pwdaccountlockedtime: [LOCKED],
    });
    expect((await bridge.send('GET', `/Users/${id}`)).body).toEqual(body);
  });

  it('is all or nothing: one wrong operation undoes the right ones before it', async () => {
    const id = await createUser(bridge, ANNA);
    const before = await entryWithId(bridge, id, 'entryCSN');
    const { status, body } = await patch(
      bridge,
      `/Users/${id}`,
      { op: 'replace', path: 'title', value: 'Boss' },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'zoë@example.org' },
    );

    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    expect(await entryWithId(bridge, id, 'entryCSN')).toEqual(before);
  });

  it('writes nothing when nothing changes', async () => {
    const id = await createUser(bridge, ANNA);
    const before = await entryWithId(bridge, id, 'entryCSN');
    const answers = [
      await patch(bridge, `/Users/${id}`),
      await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: ANNA.title }),
      await patch(bridge, `/Users/${id}`, { op: 'remove', path: 'title', value: 'another' }),
      await bridge.send('PUT', `/Users/${id}`, ANNA),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await entryWithId(bridge, id, 'entryCSN')).toEqual(before);
  });

  it('leaves alone what others wrote into attributes and classes that the file does not know', async () => {
    await bridge.ldap.adminAdd(`dn: uid=old,${PEOPLE}
objectClass: inetOrgPerson
uid: old
uid: old-alias
cn: Old Entry
cn: Second Name
sn: Entry
description: by hand
carLicense: B-1
`);
    const [old] = await bridge.ldap.adminSearch(PEOPLE, '(uid=old)', ['entryUUID']);
    const id = String(old && valuesOf(old, 'entryUUID')[0]);
    const { status } = await patch(bridge, `/Users/${id}`, { op: 'add', path: 'externalId', value: 'e1' });

    expect(status).toBe(200);
    expect(attributesOf(await entryWithId(bridge, id))).toEqual({
      objectclass: ['inetOrgPerson', 'scimObject'],
      uid: ['old', 'old-alias'],
      cn: ['Old Entry', 'Second Name'],
      sn: ['Entry'],
      description: ['by hand'],
      carlicense: ['B-1'],
      scimexternalid: ['e1'],
    });
  });
});

describe('PUT', () => {
  it('leaves what was sent, and clears the rest', async () => {
    const id = await createUser(bridge, { ...ANNA, active: false });
    const { status, body } = await bridge.send('PUT', `/Users/${id}`, { userName: ANNA.userName, title: 'New' });

    expect(status).toBe(200);
    expect(body).toMatchObject({ id, userName: ANNA.userName, title: 'New' });
    expect(attributesOf(await entryWithId(bridge, id), 'objectclass', 'cn')).toEqual({ uid: [ANNA.userName], sn: ['-'], title: ['New'] });
    expect((await bridge.send('GET', `/Users/${id}`)).body).toEqual(body);
  });

  it('takes back its own answer without a change', async () => {
    const id = await createUser(bridge, ANNA);
    const { body } = await bridge.send('GET', `/Users/${id}`);

    expect((await bridge.send('PUT', `/Users/${id}`, body)).body).toEqual(body);
  });

  it('needs the userName', async () => {
    const id = await createUser(bridge, ANNA);
    const { status, body } = await bridge.send('PUT', `/Users/${id}`, { displayName: 'x' });

    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
  });
});

describe('DELETE', () => {
  it('removes the entry; afterwards nobody is there, and the name is free', async () => {
    const id = await createUser(bridge, ANNA);
    const first = await bridge.send('DELETE', `/Users/${id}`);

    expect([first.status, first.text]).toEqual([204, '']);
    expect(await entryWithId(bridge, id)).toBeUndefined();
    for (const method of ['GET', 'DELETE']) expect((await bridge.send(method, `/Users/${id}`)).status).toBe(404);
    expect((await patch(bridge, `/Users/${id}`, { op: 'remove', path: 'title' })).status).toBe(404);
    expect((await bridge.send('PUT', `/Users/${id}`, ANNA)).status).toBe(404);
    expect(await createUser(bridge, ANNA)).not.toBe(id);
  });

  it('answers 409 when the entry has others below it', async () => {
    const id = await createUser(bridge, { userName: 'tree' });
    await bridge.ldap.adminAdd(`dn: cn=leaf,uid=tree,${PEOPLE}\nobjectClass: device\ncn: leaf\n`);

    expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(409);
    expect(await entryWithId(bridge, id)).toBeDefined();
  });
});
