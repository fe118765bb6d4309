import { describe, expect, test } from 'vitest';
import { formatLdapFilter } from '../../src/ldap/format-ldap-filter.ts';
import { parseLdapSchema } from '../../src/ldap/schema.ts';
import type { LensContext } from '../../src/mapping/lens.ts';
import { lensesOfFilter, matchId, referencedIds, searchFilter, translateFilter } from '../../src/mapping/translate-filter.ts';
import { parseFilter } from '../../src/scim/parse-filter.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE } from '../../src/scim/schema.ts';
import { bob, context, shippedPlan, staff, usersPlan } from './support/plans.ts';

const {
  users,
  groups: [groups = users],
} = shippedPlan('openldap.yaml');

/** The LDAP filter as text; `?` behind it where the candidates have to be checked. */
function translated(filter: string, plan = users, within: LensContext = context): string {
  const match = translateFilter(parseFilter(filter, plan.resourceType), plan, within);
  return `${formatLdapFilter(match.filter)}${match.exact ? '' : ' ?'}`;
}

const EVERYBODY = '(&)';
const NOBODY = '(|)';

describe('translateFilter, on users', () => {
  test.each([
    ['userName eq "Mara"', '(uid=Mara) ?'],
    ['userName eq "a*(b)\\\\"', '(uid=a\\2a\\28b\\29\\5c) ?'],
    ['externalId eq "x"', '(scimExternalId=x) ?'],
    ['displayName eq "x"', '(displayName=x)'],
    ['displayName ne "x"', '(!(displayName=x))'],
    ['displayName pr', '(displayName=*)'],
    ['displayName eq null', '(!(displayName=*))'],
    ['displayName ne null', '(displayName=*)'],
    ['displayName co "x"', '(displayName=*) ?'],
    ['not (displayName co "x")', `${EVERYBODY} ?`],
    ['displayName eq ""', NOBODY],
    ['displayName eq "a" and title eq "b"', '(&(displayName=a)(title=b)) ?'],
    ['displayName eq "a" or displayName eq "b"', '(|(displayName=a)(displayName=b))'],
    ['not (displayName eq "a" or displayName eq "b")', '(!(|(displayName=a)(displayName=b)))'],
    ['name pr', '(|(cn=*)(givenName=*)(sn=*)) ?'],
    ['name[familyName eq "x" and givenName pr]', '(&(sn=x)(givenName=*)) ?'],
    ['name.familyName eq "-"', NOBODY],
    ['name.familyName pr', '(sn=*) ?'],
    ['emails.value eq "a@x"', '(|(mail=a@x)(scimOtherMail=a@x)) ?'],
    ['emails eq "a@x"', '(|(mail=a@x)(scimOtherMail=a@x)) ?'],
    ['emails[type eq "work"].value eq "a@x"', '(mail=a@x) ?'],
    ['emails[type eq "WORK" and value eq "a@x"]', '(mail=a@x) ?'],
    ['emails[value eq "a@x"]', '(|(mail=a@x)(scimOtherMail=a@x)) ?'],
    ['emails[type eq "home"]', NOBODY],
    ['emails[type eq "work"]', '(mail=*)'],
    ['emails[type ne "work"]', '(scimOtherMail=*)'],
    ['emails[type sw "w"]', '(mail=*)'],
    ['emails[primary eq true]', '(mail=*)'],
    ['emails[primary eq false]', NOBODY],
    ['emails.primary eq true', '(mail=*)'],
    ['emails.primary pr', '(mail=*)'],
    ['emails.type eq "other"', '(scimOtherMail=*)'],
    ['emails.type pr', '(|(mail=*)(scimOtherMail=*))'],
    ['emails pr', '(|(mail=*)(scimOtherMail=*))'],
    ['emails[not (type eq "work")]', '(scimOtherMail=*)'],
    ['emails[value eq "zoë@x"]', NOBODY],
    ['emails.value eq "not an address, but text"', '(|(mail=not an address, but text)(scimOtherMail=not an address, but text)) ?'],
    ['phoneNumbers[type eq "fax"].value eq "1"', '(facsimileTelephoneNumber=*) ?'],
    ['phoneNumbers[type eq "work"].value eq "7d4f0b3e#"', NOBODY],
    [`${ENTERPRISE}:employeeNumber eq "7"`, '(employeeNumber=7)'],
    ['manager eq "nobody"', NOBODY],
    [`manager eq "${bob.id}"`, '(manager=uid=bob,ou=people,dc=example,dc=org) ?'],
    [`manager ne "${bob.id}"`, `${EVERYBODY} ?`],
    [`${ENTERPRISE}:manager.$ref pr`, '(manager=*) ?'],
    [`manager[value eq "${bob.id}"]`, '(manager=uid=bob,ou=people,dc=example,dc=org) ?'],
    [`groups eq "${staff.id}"`, '(memberOf=cn=staff,ou=groups,dc=example,dc=org)'],
    [`groups[value eq "${staff.id}" and type eq "direct"]`, '(&(memberOf=cn=staff,ou=groups,dc=example,dc=org)(memberOf=*)) ?'],
    ['groups.type eq "direct"', '(memberOf=*) ?'],
    ['active eq true', '(!(pwdAccountLockedTime=000001010000Z))'],
    ['active eq false', '(pwdAccountLockedTime=000001010000Z)'],
    ['active ne true', '(pwdAccountLockedTime=000001010000Z)'],
    ['active eq "x"', NOBODY],
    ['active pr', EVERYBODY],
    [`id eq "${bob.id}"`, `(entryUUID=${bob.id})`],
    ['id eq "x"', NOBODY],
    ['id sw "x"', `${EVERYBODY} ?`],
    ['id pr', EVERYBODY],
    ['schemas eq "x"', `${EVERYBODY} ?`],
    ['meta.resourceType eq "User"', `${EVERYBODY} ?`],
    ['meta.version pr', '(entryCSN=*)'],
    ['meta.created pr', EVERYBODY],
    ['meta.created gt "2026-01-31T08:30:00.5+01:00"', '(createTimestamp>=20260131073000Z) ?'],
    ['meta.lastModified le "2026-01-31T08:30:00"', '(modifyTimestamp<=20260131083001Z) ?'],
    ['meta.lastModified eq "2026-01-31T08:30:00Z"', '(&(modifyTimestamp>=20260131083000Z)(modifyTimestamp<=20260131083001Z)) ?'],
    ['meta.lastModified eq "yesterday"', NOBODY],
    ['meta.lastModified co "2026"', `${EVERYBODY} ?`],
    ['meta.lastModified lt "9999-12-31T23:59:59-14:00"', `${EVERYBODY} ?`],
  ])('%s', (filter, ldap) => {
    expect(translated(filter)).toBe(ldap);
  });

  test.each([
    ['nickName eq "x"', 'filter: nickName is not mapped here'],
    ['emails.display eq "x"', 'filter: emails.display is not mapped here'],
    ['ims[type eq "x"]', 'filter: ims is not mapped here'],
    ['division pr', `filter: ${ENTERPRISE}:division is not mapped here`],
  ])('%s is refused', (filter, detail) => {
    expect(() => translated(filter)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidFilter', detail }));
  });
});

describe('translateFilter, on groups', () => {
  test.each([
    ['displayName eq "Staff"', '(cn=Staff) ?'],
    [`members eq "${bob.id}"`, '(member=uid=bob,ou=people,dc=example,dc=org)'],
    [`id eq "${staff.id}" and members[value eq "${bob.id}"]`, `(&(entryUUID=${staff.id})(member=uid=bob,ou=people,dc=example,dc=org))`],
    [`members.value eq "${bob.id.toUpperCase()}"`, NOBODY],
    ['members.value eq "x"', NOBODY],
    ['members.type eq "User"', '(member=*) ?'],
    ['members pr', '(member=*) ?'],
    ['members eq null', `${EVERYBODY} ?`],
  ])('%s', (filter, ldap) => {
    expect(translated(filter, groups)).toBe(ldap);
  });
});

describe('lines and the directory’s rules', () => {
  const plan = usersPlan({
    attributes: {
      userName: { ldap: 'uid', caseExact: true },
      title: { ldap: 'displayName', whenEmpty: 'none' },
      nickName: 'scimExternalId',
      displayName: 'testTag',
      'name.honorificPrefix': { kind: 'constant', constant: 'Dr' },
      'urn:example:acme:2.0:User:count': 'testCount',
      'urn:example:acme:2.0:User:room': 'carLicense',
      'urn:example:acme:2.0:User:id': 'employeeNumber',
      active: { kind: 'state', ldap: 'employeeType', inactive: 'off', active: 'on' },
    },
    schemas: new Map([
      [
        'urn:example:acme:2.0:User',
        {
          extends: 'User',
          attributes: new Map([
            ['count', { type: 'integer', multiValued: false }],
            ['room', { type: 'integer', multiValued: false }],
            ['id', { type: 'string', multiValued: false }],
          ]),
        },
      ],
    ]),
  });

  test.each([
    ['a server that is laxer is checked', 'userName eq "x"', '(uid=x) ?'],
    ['one that is stricter is asked by another rule', 'nickName eq "x"', '(scimExternalId:caseIgnoreMatch:=x) ?'],
    ['of the same syntax', 'displayName eq "x"', '(testTag:caseIgnoreIA5Match:=x) ?'],
    ['a placeholder is not found', 'title eq "NONE"', NOBODY],
    ['nor counted', 'title pr', '(&(displayName=*)(!(displayName=none))) ?'],
    ['integers', 'urn:example:acme:2.0:User:count eq 7', '(testCount=7)'],
    ['integers in text have many spellings', 'urn:example:acme:2.0:User:room eq 7', '(carLicense=*) ?'],
    ['a literal of another type', 'urn:example:acme:2.0:User:count eq "seven"', NOBODY],
    ['an attribute of ours that is called id', 'urn:example:acme:2.0:User:id eq "x"', '(employeeNumber=x)'],
    ['a constant', 'name.honorificPrefix eq "DR"', EVERYBODY],
    ['another constant', 'name.honorificPrefix eq "Prof"', NOBODY],
    ['a part of a constant', 'name.honorificPrefix sw "D"', EVERYBODY],
    ['a constant is always there', 'name pr', EVERYBODY],
    ['the state as a word', 'active eq false', '(employeeType=off)'],
  ])('%s', (_title, filter, ldap) => {
    expect(translated(filter, plan)).toBe(ldap);
  });

  /** RFC 4511 §4.5.1.7: what the schema lacks is undefined, and its negation is too. */
  test.each([
    ['active eq true', EVERYBODY],
    ['active eq false', NOBODY],
    ['not (title pr)', `${EVERYBODY} ?`],
    ['title ne "x"', `${EVERYBODY} ?`],
    ['title eq "x"', '(displayName=x) ?'],
  ])('without the attributes in the schema: %s', (filter, ldap) => {
    expect(translated(filter, plan, { ...context, schema: parseLdapSchema([], []) })).toBe(ldap);
  });
});

test('referencedIds are the ids that have to be resolved first', () => {
  const ids = (filter: string, plan = groups) => referencedIds(parseFilter(filter, plan.resourceType), plan);
  expect(ids('displayName eq "a" and (members eq "b" or not (members[value eq "c" and value ne "d"]))')).toEqual(['b', 'c', 'd']);
  expect(ids('members pr or members eq null')).toEqual([]);
  expect(ids('manager eq "b"', users)).toEqual(['b']);
});

test('lensesOfFilter are the lines that have to be read to check a candidate', () => {
  const paths = (filter: string) => lensesOfFilter(parseFilter(filter, users.resourceType), users).map(({ path }) => path);
  expect(paths('emails[type eq "work" and value co "x"]')).toEqual([
    'emails[type eq "work"].value',
    'emails[type eq "work"].primary',
    'emails[type eq "other"].value',
  ]);
  expect(paths('not (title co "x" or userName pr)')).toEqual(['userName', 'title']);
});

test('matchId takes a UUID for entryUUID, and any text for an id of another kind', () => {
  expect(matchId({ id: 'entryUUID', idEncoding: 'text' }, '*').filter).toEqual({ kind: 'or', filters: [] });
  expect(matchId({ id: 'nsUniqueId', idEncoding: 'text' }, '1a2b-3c').filter).toEqual({
    kind: 'equality',
    attribute: 'nsUniqueId',
    value: '1a2b-3c',
  });
  expect(matchId({ id: 'nsUniqueId', idEncoding: 'text' }, '').filter).toEqual({ kind: 'or', filters: [] });
});

test('searchFilter adds the class filter', () => {
  const { filter } = translateFilter(parseFilter('displayName eq "x"', users.resourceType), users, context);
  expect(formatLdapFilter(searchFilter(users, filter))).toBe('(&(objectClass=inetOrgPerson)(displayName=x))');
});
