import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { attributesOf, createGroup, createUser, ENTERPRISE, entryWithId, findIds, patch } from './support/requests.ts';

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** What a client may send of RFC 7643 §8.3: it has no say in `id`, `meta` and `groups`. */
const { id: _id, meta: _meta, groups: _groups, ...babs } = JSON.parse(file('./support/rfc7643-8.3-enterprise-user.json'));
const { password: _password, ...shown } = babs;
const [work, home] = babs.addresses;
const [photo, thumbnail] = babs.photos;

/** Extensions of an operator's own, for which the shipped schema has no attribute. */
const ACME = 'urn:example:scim:schemas:extension:acme:2.0:User';
const ACME_LINES = `
    ${ACME}:badges: { ldap: description, encoding: json }
    ${ACME}:car.plate: carLicense
    ${ACME}:skills: businessCategory
    ${ACME}:portrait: jpegPhoto
    ${ACME}:until: { ldap: acmeUntil, encoding: generalizedTime }
    ${ACME}:key: { ldap: acmeKey, encoding: base64 }
`;
const ACME_SCHEMA = `
schemas:
  ${ACME}:
    extends: User
    attributes:
      badges: { type: complex, multiValued: true, subAttributes: { number: { type: integer }, doors: { multiValued: true } } }
      car: { type: complex, subAttributes: { plate: {} } }
      skills: { multiValued: true }
      portrait: { type: binary }
      until: { type: dateTime }
      key: { type: binary }
`;
const ACME_LDAP = `
attributetype ( 1.3.6.1.4.1.32473.9.1 NAME 'acmeUntil' EQUALITY generalizedTimeMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.32473.9.2 NAME 'acmeKey' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.32473.9.11 NAME 'acmeUser' SUP top AUXILIARY MAY ( acmeUntil $ acmeKey ) )
`;

let bridge: Bridge;
let manager: string;
let id: string;

beforeAll(async () => {
  bridge = await startBridge({
    logsOperations: true,
    files: new Map([
      ['scim-full.schema', file('../../config/schema/scim-full.schema')],
      ['acme.schema', ACME_LDAP],
    ]),
    configure: (text) => text.replace('@DIR@/scim.schema', '@DIR@/scim.schema\ninclude @DIR@/scim-full.schema\ninclude @DIR@/acme.schema'),
    mapping: () =>
      file('../../config/mappings/full-rfc7643.yaml')
        .replace('scimFullUser]', 'scimFullUser, acmeUser]')
        .replace(/^ {2}attributes:.*$/m, (line) => `${line}${ACME_LINES}`)
        .concat(ACME_SCHEMA),
  });
});
afterAll(() => bridge.stop());

beforeEach(async () => {
  await bridge.ldap.reset();
  manager = await createUser(bridge, { displayName: 'John Smith' });
  const { status, body } = await bridge.send('POST', '/Users', sent());
  expect({ status, body }).toMatchObject({ status: 201 });
  id = body.id;
});

/** Babs, whose manager exists here. */
function sent(): Record<string, unknown> {
  return { ...babs, [ENTERPRISE]: { ...babs[ENTERPRISE], manager: { value: manager } } };
}

async function read(): Promise<Record<string, unknown>> {
  const { body } = await bridge.send('GET', `/Users/${id}`);
  return body;
}

/** Her certificate under another serial number, which stands behind `02 02`, an integer of two octets. Nobody looks at the signature. */
function withSerialNumber(serialNumber: number): string {
  const octets = Buffer.from(babs.x509Certificates[0].value, 'base64');
  octets.writeUInt16BE(serialNumber, octets.indexOf(Buffer.from([2, 2, 0x10, 0])) + 2);
  return octets.toString('base64');
}

async function writes(): Promise<readonly string[]> {
  const operations = await bridge.ldap.operations();
  return operations.filter(({ kind }) => kind !== 'SRCH').map(({ kind, attributes = [] }) => [kind, ...attributes].join(' '));
}

describe('the example of RFC 7643 §8.3', () => {
  test('is read as it was sent', async () => {
    const group = await createGroup(bridge, [id], 'Tour Guides');

    const { id: _readId, meta, groups, ...rest } = await read();

    expect(meta).toMatchObject({ resourceType: 'User' });
    expect(groups).toEqual([expect.objectContaining({ value: group })]);
    expect(rest).toEqual({
      ...shown,
      [ENTERPRISE]: { ...shown[ENTERPRISE], manager: expect.objectContaining({ value: manager }) },
    });
  });

  test('has the standard attributes where there are some', async () => {
    const attributes = attributesOf(await entryWithId(bridge, id), 'userpassword', 'objectclass', 'usercertificate;binary', 'manager');

    expect(attributes).toEqual({
      uid: ['bjensen@example.com'],
      cn: ['Ms. Barbara J Jensen, III'],
      sn: ['Jensen'],
      givenname: ['Barbara'],
      scimmiddlename: ['Jane'],
      personaltitle: ['Ms.'],
      generationqualifier: ['III'],
      displayname: ['Babs Jensen'],
      scimnickname: ['Babs'],
      labeleduri: ['https://login.example.com/bjensen'],
      title: ['Tour Guide'],
      employeetype: ['Employee'],
      preferredlanguage: ['en-US'],
      scimlocale: ['en-US'],
      scimtimezone: ['America/Los_Angeles'],
      scimexternalid: ['701984'],
      employeenumber: ['701984'],
      scimcostcenter: ['4130'],
      o: ['Universal Studios'],
      scimdivision: ['Theme Park'],
      departmentnumber: ['Tour Operations'],
      mail: ['bjensen@example.com'],
      telephonenumber: ['555-555-5555'],
      mobile: ['555-555-4444'],
      scimemail: ['{"value":"bjensen@example.com","type":"work","primary":true}', '{"value":"babs@jensen.org","type":"home"}'],
      scimphonenumber: ['{"value":"555-555-5555","type":"work"}', '{"value":"555-555-4444","type":"mobile"}'],
      scimim: ['{"value":"someaimhandle","type":"aim"}'],
      scimphoto: [JSON.stringify(photo), JSON.stringify(thumbnail)],
      scimaddress: [
        '{"formatted":"100 Universal City Plaza\\nHollywood, CA 91608 USA","streetAddress":"100 Universal City Plaza","locality":"Hollywood","region":"CA","postalCode":"91608","country":"USA","type":"work","primary":true}',
        '{"formatted":"456 Hollywood Blvd\\nHollywood, CA 91608 USA","streetAddress":"456 Hollywood Blvd","locality":"Hollywood","region":"CA","postalCode":"91608","country":"USA","type":"home"}',
      ],
    });
  });

  test('has its certificate as octets', async () => {
    const [octets] = valuesOf((await entryWithId(bridge, id)) ?? { dn: '', attributes: new Map() }, 'userCertificate;binary');

    expect(Buffer.from(octets ?? '').toString('base64')).toBe(babs.x509Certificates[0].value);
  });

  test('put back unchanged, or as it was read, writes nothing', async () => {
    const { password: _, ...unchanged } = sent();
    const asRead = await read();
    await bridge.ldap.mark();

    expect((await bridge.send('PUT', `/Users/${id}`, unchanged)).status).toBe(200);
    expect((await bridge.send('PUT', `/Users/${id}`, asRead)).status).toBe(200);

    expect(await writes()).toEqual([]);
  });

  test('put back with the elements in another order and the members of each in another order, writes nothing', async () => {
    const { password: _, ...unchanged } = sent();
    const turned = babs.addresses.toReversed().map((each: object) => Object.fromEntries(Object.entries(each).toReversed()));
    await bridge.ldap.mark();

    expect((await bridge.send('PUT', `/Users/${id}`, { ...unchanged, addresses: turned })).status).toBe(200);

    expect(await writes()).toEqual([]);
  });
});

describe('PATCH of elements', () => {
  test('of a sub-attribute exchanges the one value', async () => {
    await bridge.ldap.mark();

    const { status } = await patch(bridge, `/Users/${id}`, {
      op: 'replace',
      path: 'photos[type eq "photo"].value',
      value: 'https://photos.example.com/new',
    });

    expect(status).toBe(200);
    expect(await writes()).toEqual(['MOD scimPhoto scimPhoto']);
    expect((await read())['photos']).toEqual(
      expect.arrayContaining([{ value: 'https://photos.example.com/new', type: 'photo' }, thumbnail]),
    );
  });

  test('of an element removes it alone', async () => {
    await patch(bridge, `/Users/${id}`, { op: 'remove', path: 'addresses[type eq "home"]' });
    expect((await read())['addresses']).toEqual([work]);

    await patch(bridge, `/Users/${id}`, { op: 'add', path: 'addresses', value: [home] });
    expect((await read())['addresses']).toEqual([work, home]);

    await patch(bridge, `/Users/${id}`, { op: 'remove', path: 'addresses' });
    expect(await read()).not.toHaveProperty('addresses');
  });

  test('of certificates exchanges them', async () => {
    const value = withSerialNumber(0x1001);

    await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'x509Certificates', value: [{ value }] });
    expect((await read())['x509Certificates']).toEqual([{ value }]);

    await patch(bridge, `/Users/${id}`, { op: 'add', path: 'x509Certificates', value: babs.x509Certificates });
    expect((await read())['x509Certificates']).toEqual([{ value }, ...babs.x509Certificates]);

    await patch(bridge, `/Users/${id}`, { op: 'remove', path: `x509Certificates[value eq "${value}"]` });
    expect((await read())['x509Certificates']).toEqual(babs.x509Certificates);
  });

  test('that is no certificate is refused, and nothing is written', async () => {
    const before = await read();

    const answers = [
      await patch(bridge, `/Users/${id}`, { op: 'add', path: 'x509Certificates', value: [{ value: 'bm90IERFUg==' }] }),
      await patch(bridge, `/Users/${id}`, { op: 'add', path: 'x509Certificates', value: [{ value: 'no base64!' }] }),
    ];

    expect(answers.map(({ status, body }) => [status, body.scimType])).toEqual([
      [400, 'invalidValue'],
      [400, 'invalidValue'],
    ]);
    expect(await read()).toEqual(before);
  });

  test('brings along the copies that other applications read', async () => {
    await patch(
      bridge,
      `/Users/${id}`,
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'barbara@example.com' },
      { op: 'remove', path: 'phoneNumbers[type eq "mobile"]' },
    );

    const attributes = attributesOf(await entryWithId(bridge, id));
    expect(attributes).toMatchObject({ mail: ['barbara@example.com'], telephonenumber: ['555-555-5555'] });
    expect(attributes).not.toHaveProperty('mobile');
  });

  test('moves the primary mark', async () => {
    await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'emails[type eq "home"].primary', value: 'True' });

    expect((await read())['emails']).toEqual(
      expect.arrayContaining([
        { value: 'bjensen@example.com', type: 'work', primary: false },
        { value: 'babs@jensen.org', type: 'home', primary: true },
      ]),
    );
  });
});

describe('filters', () => {
  test.each([
    'ims.value eq "someaimhandle"',
    'ims[type eq "aim" and value eq "SomeAimHandle"]',
    'photos pr',
    'photos.value sw "https://photos.example.com/"',
    'addresses.locality co "wood"',
    'addresses[type eq "home"].streetAddress eq "456 Hollywood Blvd"',
    'emails[type eq "work" and value co "@example.com"]',
    'emails eq "babs@jensen.org"',
    'emails.primary eq true',
    'x509Certificates pr',
    'name.middleName eq "jane"',
    'nickName eq "babs" and not (roles pr)',
    `${ENTERPRISE}:costCenter eq "4130"`,
  ])('%s finds her', async (filter) => {
    expect(await findIds(bridge, 'Users', filter)).toEqual([id]);
  });

  test.each([
    'ims.value eq "other"',
    'emails[type eq "home" and value co "@example.com"]',
    'addresses[type eq "home" and primary eq true]',
    'entitlements pr',
    'x509Certificates.value eq "bm90IERFUg=="',
  ])('%s finds nobody', async (filter) => {
    expect(await findIds(bridge, 'Users', filter)).toEqual([]);
  });

  test('a certificate is found by its value', async () => {
    expect(await findIds(bridge, 'Users', `x509Certificates.value eq "${babs.x509Certificates[0].value}"`)).toEqual([id]);
  });

  test('not and ne find those who lack it', async () => {
    expect(await findIds(bridge, 'Users', 'not (photos pr)')).toEqual([manager]);
    expect(await findIds(bridge, 'Users', 'ims.value ne "someaimhandle"')).toEqual([manager]);
  });
});

describe('what others wrote', () => {
  test('is shown when it is JSON for the attribute, kept when it is not, and never rewritten', async () => {
    const values = ['{ "type": "xmpp", "value": "adopted@example.org", "since": 2001 }', 'skype:adopted', '[1]', '{"primary":"perhaps"}'];
    await bridge.ldap.adminAdd(
      `dn: uid=adopted,ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nobjectClass: scimFullUser\nuid: adopted\ncn: A\nsn: A\n${values.map((value) => `scimIm: ${value}`).join('\n')}\n`,
    );
    const [adopted = ''] = await findIds(bridge, 'Users', 'ims[type eq "xmpp"]');
    const { body } = await bridge.send('GET', `/Users/${adopted}`);
    expect(body.ims).toEqual([{ type: 'xmpp', value: 'adopted@example.org' }]);
    await bridge.ldap.mark();

    await bridge.send('PUT', `/Users/${adopted}`, body);
    expect(await writes()).toEqual([]);

    await patch(bridge, `/Users/${adopted}`, { op: 'add', path: 'ims', value: [{ type: 'aim', value: 'a' }] });
    expect(attributesOf(await entryWithId(bridge, adopted))['scimim']).toEqual([...values, '{"value":"a","type":"aim"}']);

    await patch(bridge, `/Users/${adopted}`, { op: 'remove', path: 'ims' });
    expect(attributesOf(await entryWithId(bridge, adopted))['scimim']).toEqual(values.slice(1));
  });
});

describe('an extension of the operator', () => {
  const acme = {
    badges: [{ number: 7, doors: ['north', 'south'] }, { number: 8 }],
    car: { plate: 'HH-AB 1' },
    skills: ['welding', 'flying'],
    portrait: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1]).toString('base64'),
    until: '2027-01-31T17:00:00.25+01:00',
    key: Buffer.from('text, by chance\0').toString('base64'),
  };

  beforeEach(async () => {
    const { status, body } = await patch(bridge, `/Users/${id}`, { op: 'add', path: ACME, value: acme });
    expect({ status, body }).toMatchObject({ status: 200 });
  });

  test('is kept: complex, multi-valued, binary, dates', async () => {
    expect((await read())[ACME]).toEqual({ ...acme, until: '2027-01-31T16:00:00.25Z' });
    expect(attributesOf(await entryWithId(bridge, id))).toMatchObject({
      description: ['{"number":7,"doors":["north","south"]}', '{"number":8}'],
      carlicense: ['HH-AB 1'],
      acmeuntil: ['20270131160000.25Z'],
    });
  });

  test('sent once more, in other spellings, writes nothing', async () => {
    await bridge.ldap.mark();

    const { status } = await patch(bridge, `/Users/${id}`, {
      op: 'replace',
      path: ACME,
      value: { ...acme, until: '2027-01-31T18:00:00.250+02:00', badges: [{ number: '8' }, { doors: ['north', 'south'], number: 7 }] },
    });

    expect(status).toBe(200);
    expect(await writes()).toEqual([]);
  });

  test.each([
    `${ACME}:until eq "2027-01-31T16:00:00.25Z"`,
    `${ACME}:until gt "2027-01-31T16:00:00Z"`,
    `${ACME}:key eq "${acme.key}"`,
    `${ACME}:portrait pr`,
    `${ACME}:badges[number eq 8]`,
    `${ACME}:badges.doors eq "south"`,
    `${ACME}:car.plate eq "hh-ab 1"`,
    `${ACME}:skills eq "flying"`,
  ])('%s finds her', async (filter) => {
    expect(await findIds(bridge, 'Users', filter)).toEqual([id]);
  });

  test('a picture is exchanged', async () => {
    const portrait = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 2]).toString('base64');
    await patch(bridge, `/Users/${id}`, { op: 'replace', path: `${ACME}:portrait`, value: portrait });
    expect((await bridge.send('GET', `/Users/${id}`)).body[ACME].portrait).toBe(portrait);
  });
});

test('/Schemas shows everything', async () => {
  const { body } = await bridge.send('GET', '/Schemas');
  const namesIn = (urn: string): readonly string[] =>
    body.Resources.find((schema: { id: string }) => schema.id === urn).attributes.flatMap(
      ({ name, subAttributes = [] }: { name: string; subAttributes?: readonly { name: string }[] }) => [
        name,
        ...subAttributes.map((sub) => `${name}.${sub.name}`),
      ],
    );
  const standard = JSON.parse(file('../../src/scim/rfc7643-schemas.json'));
  const namesOf = (urn: string): readonly string[] =>
    standard
      .find((schema: { id: string }) => schema.id === urn)
      .attributes.flatMap(({ name, subAttributes = [] }: { name: string; subAttributes?: readonly { name: string }[] }) => [
        name,
        ...subAttributes.map((sub) => `${name}.${sub.name}`),
      ]);
  const ofCertificates = ['x509Certificates.display', 'x509Certificates.type', 'x509Certificates.primary'];
  // Names of other resources would have to be looked up for each reference.
  const ofReferences = ['groups.display', 'members.display', 'manager.displayName'];
  const left = [...ofCertificates, ...ofReferences];
  for (const urn of ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE, 'urn:ietf:params:scim:schemas:core:2.0:Group']) {
    expect(namesIn(urn)).toEqual(expect.arrayContaining(namesOf(urn).filter((name) => !left.includes(name))));
  }
  expect(namesIn(ACME)).toEqual(['badges', 'badges.number', 'badges.doors', 'car', 'car.plate', 'skills', 'portrait', 'until', 'key']);
});
