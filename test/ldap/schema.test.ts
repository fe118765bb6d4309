import { describe, expect, test } from 'vitest';
import { parseLdapSchema } from '../../src/ldap/schema.ts';

const openLdap = parseLdapSchema(
  [
    "( 2.5.4.0 NAME 'objectClass' EQUALITY objectIdentifierMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )",
    "( 2.5.4.41 NAME 'name' DESC 'RFC4519: common supertype of name attributes' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )",
    "( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'RFC4519: common name(s) for which the entity is known by' SUP name )",
    "( 2.5.4.4 NAME ( 'sn' 'surname' ) SUP name SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{64} )",
    "( 2.5.4.6 NAME ( 'c' 'countryName' ) SUP name SYNTAX 1.3.6.1.4.1.1466.115.121.1.11 SINGLE-VALUE )",
    "( 2.5.4.6.1 NAME 'subCountry' SUP c EQUALITY caseExactMatch )",
    "( 2.5.4.35 NAME 'userPassword' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40{128} )",
    "( 2.5.4.23 NAME ( 'facsimileTelephoneNumber' 'fax' ) SYNTAX 1.3.6.1.4.1.1466.115.121.1.22 )",
    "( 1.2.840.113556.1.2.102 NAME 'memberOf' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 NO-USER-MODIFICATION USAGE dSAOperation X-ORIGIN 'iPlanet Delegated Administrator' )",
    "( 1.3.6.1.1.16.4 NAME 'entryUUID' EQUALITY UUIDMatch ORDERING UUIDOrderingMatch SYNTAX 1.3.6.1.1.16.1 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
    "( 9.1 NAME 'loopA' SUP loopB )",
    "( 9.2 NAME 'loopB' SUP loopA SYNTAX 9.9 )",
    "( 9.3 NAME 'orphan' SUP gone SINGLE-VALUE USAGE userApplications )",
    "( 9.4 NAME 'CN' SYNTAX 9.9 )",
    "( 9.5 NAME 'broken",
  ],
  [
    "( 2.5.6.0 NAME 'top' DESC 'top of the superclass chain' ABSTRACT MUST objectClass )",
    "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( userPassword $ 2.5.4.23 ) )",
    "( 2.5.6.7 NAME ( 'organizationalPerson' 'orgPerson' ) SUP person MAY ( unknownThing $ countryName ) )",
    "( 1.3.6.1.4.1.1466.101.120.111 NAME 'extensibleObject' SUP top AUXILIARY )",
    "( 8.1 NAME 'everything' SUP extensibleObject AUXILIARY )",
    "( 8.2 NAME 'loopC' SUP ( loopD $ top ) AUXILIARY MAY name )",
    "( 8.3 NAME 'loopD' SUP loopC AUXILIARY MUST c )",
    'nonsense',
  ],
);

describe('attributeType', () => {
  const DIRECTORY_STRING = '1.3.6.1.4.1.1466.115.121.1.15';
  const plain = { singleValue: false, noUserModification: false, isOperational: false };
  const named = { equality: 'caseIgnoreMatch', substring: 'caseIgnoreSubstringsMatch' };
  test.each([
    ['its own rules', 'name', { ...plain, ...named, oid: '2.5.4.41', names: ['name'], syntax: DIRECTORY_STRING, maxLength: 32_768 }],
    [
      'inherited rules',
      'CN',
      { ...plain, ...named, oid: '2.5.4.3', names: ['cn', 'commonName'], syntax: DIRECTORY_STRING, maxLength: 32_768 },
    ],
    [
      'a length of its own',
      'surname',
      { ...plain, ...named, oid: '2.5.4.4', names: ['sn', 'surname'], syntax: DIRECTORY_STRING, maxLength: 64 },
    ],
    [
      'a syntax of its own, without length',
      '2.5.4.6',
      { ...plain, ...named, oid: '2.5.4.6', names: ['c', 'countryName'], syntax: '1.3.6.1.4.1.1466.115.121.1.11', singleValue: true },
    ],
    [
      'rules of two ancestors, and SINGLE-VALUE not inherited',
      'subCountry',
      { ...plain, ...named, oid: '2.5.4.6.1', names: ['subCountry'], equality: 'caseExactMatch', syntax: '1.3.6.1.4.1.1466.115.121.1.11' },
    ],
    [
      'no equality rule',
      'fax',
      { ...plain, oid: '2.5.4.23', names: ['facsimileTelephoneNumber', 'fax'], syntax: '1.3.6.1.4.1.1466.115.121.1.22' },
    ],
    [
      'an operational attribute',
      'ENTRYUUID',
      {
        oid: '1.3.6.1.1.16.4',
        names: ['entryUUID'],
        equality: 'UUIDMatch',
        ordering: 'UUIDOrderingMatch',
        syntax: '1.3.6.1.1.16.1',
        singleValue: true,
        noUserModification: true,
        isOperational: true,
      },
    ],
    ['superiors in a circle', 'loopA', { ...plain, oid: '9.1', names: ['loopA'], syntax: '9.9' }],
    ['an unknown superior', 'orphan', { ...plain, oid: '9.3', names: ['orphan'], singleValue: true }],
    ['a name that was taken', '9.4', { ...plain, oid: '9.4', names: ['CN'], syntax: '9.9' }],
    [
      'options',
      'fax;lang-de',
      { ...plain, oid: '2.5.4.23', names: ['facsimileTelephoneNumber', 'fax'], syntax: '1.3.6.1.4.1.1466.115.121.1.22' },
    ],
  ])('%s', (_what, name, type) => {
    expect(openLdap.attributeType(name)).toEqual(type);
  });

  test.each(['broken', '9.5', 'person', 'constructor', ''])('knows no %j', (name) => {
    expect(openLdap.attributeType(name)).toBeUndefined();
  });
});

test.each([
  ['top', { oid: '2.5.6.0', names: ['top'], kind: 'abstract', must: new Set(['objectclass']), may: new Set(), superiors: new Set() }],
  [
    'ORGPERSON',
    {
      oid: '2.5.6.7',
      names: ['organizationalPerson', 'orgPerson'],
      kind: 'structural',
      must: new Set(['sn', 'cn', 'objectclass']),
      may: new Set(['unknownthing', 'countryname', 'userpassword', '2.5.4.23']),
      superiors: new Set(['2.5.6.6', 'person', '2.5.6.0', 'top']),
    },
  ],
  [
    '8.2',
    {
      oid: '8.2',
      names: ['loopC'],
      kind: 'auxiliary',
      must: new Set(['c', 'objectclass']),
      may: new Set(['name']),
      superiors: new Set(['8.3', 'loopd', '2.5.6.0', 'top']),
    },
  ],
  ['nonsense', undefined],
])('objectClass %s', (name, objectClass) => {
  expect(openLdap.objectClass(name)).toEqual(objectClass);
});

test('lists what it knows, each once', () => {
  const namesOf = (all: readonly { readonly names: readonly string[] }[]) => all.map(({ names: [first] }) => first);
  expect(namesOf(openLdap.attributeTypes)).toEqual([
    ...['objectClass', 'name', 'cn', 'sn', 'c', 'subCountry', 'userPassword', 'facsimileTelephoneNumber', 'memberOf', 'entryUUID'],
    ...['loopA', 'loopB', 'orphan', 'CN'],
  ]);
  expect(namesOf(openLdap.objectClasses)).toEqual([
    ...['top', 'person', 'organizationalPerson', 'extensibleObject', 'everything', 'loopC', 'loopD'],
  ]);
});

test.each([
  [['person'], 'sn', true],
  [['top', 'PERSON'], 'SURNAME', true],
  [['2.5.6.6'], '2.5.4.4', true],
  [['person'], 'fax;lang-de', true],
  [['person'], 'objectClass', true],
  [['person'], 'name', false],
  [['loopC'], 'name', true],
  [['loopC'], 'cn', false],
  [['person'], 'c', false],
  [['organizationalPerson'], 'c', true],
  [['organizationalPerson'], 'unknownThing', true],
  [['person'], 'unknownThing', false],
  [['person'], 'memberOf', true],
  [[], 'memberOf', true],
  [[], 'cn', false],
  [['gone'], 'cn', false],
  [['person', 'extensibleObject'], 'orphan', true],
  [['everything'], 'orphan', true],
])('allows(%j, %j) is %j', (classes, attribute, allowed) => {
  expect(openLdap.allows(classes, attribute)).toBe(allowed);
});

test.each<readonly [readonly string[], string, boolean]>([
  [['person'], 'sn', true],
  [['person'], 'SURNAME', true],
  [['person'], 'sn;lang-de', true],
  [['organizationalPerson'], 'sn', true],
  [['person'], 'description', false],
  [['gone'], 'sn', false],
  [[], 'sn', false],
])('demands(%j, %j) is %j', (classes, attribute, demanded) => {
  expect(openLdap.demands(classes, attribute)).toBe(demanded);
});

describe('Active Directory', () => {
  const activeDirectory = parseLdapSchema(
    [
      "( 2.5.4.0 NAME 'objectClass' SYNTAX '1.3.6.1.4.1.1466.115.121.1.38' NO-USER-MODIFICATION )",
      "( 2.5.4.31 NAME 'member' SYNTAX '1.3.6.1.4.1.1466.115.121.1.12' )",
      "( 2.5.4.3 NAME 'cn' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE )",
      "( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE )",
      "( 1.2.840.113556.1.4.2 NAME 'objectGUID' SYNTAX '1.3.6.1.4.1.1466.115.121.1.40' SINGLE-VALUE NO-USER-MODIFICATION )",
      "( 1.2.840.113556.1.4.1 NAME 'name' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE NO-USER-MODIFICATION )",
    ],
    [
      "( 2.5.6.0 NAME 'top' ABSTRACT MUST (objectClass ) MAY (cn $ name ) )",
      "( 1.2.840.113556.1.5.9 NAME 'user' SUP top STRUCTURAL )",
      "( 1.2.840.113556.1.5.6 NAME 'securityPrincipal' SUP top AUXILIARY MUST (sAMAccountName ) )",
    ],
    ["( 1.2.840.113556.1.5.9 NAME 'user' AUX ( securityPrincipal $ gone ) MAY (member ) )"],
  );

  test.each([
    ['member', 'distinguishedNameMatch'],
    ['cn', 'caseIgnoreMatch'],
    ['objectGUID', 'octetStringMatch'],
  ])('publishes no rules: that of %s follows from its syntax', (name, equality) => {
    expect(activeDirectory.attributeType(name)).toMatchObject({ equality });
  });

  test.each([
    [['top', 'user'], 'sAMAccountName', true],
    [['top', 'user'], 'member', true],
    [['top'], 'sAMAccountName', false],
  ])('grants by content rule: allows(%j, %j) is %j', (classes, attribute, allowed) => {
    expect(activeDirectory.allows(classes, attribute)).toBe(allowed);
  });

  test('the class itself is as it was described', () => {
    expect(activeDirectory.objectClass('user')).toMatchObject({ must: new Set(['objectclass']), may: new Set(['cn', 'name']) });
  });
});

test('an empty schema knows nothing', () => {
  const schema = parseLdapSchema([], []);
  expect(schema.attributeType('cn')).toBeUndefined();
  expect(schema.objectClass('top')).toBeUndefined();
  expect(schema.allows(['top'], 'cn')).toBe(false);
});
