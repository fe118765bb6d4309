import fc from 'fast-check';
import type { LdapValue } from '../../../src/ldap/entry.ts';
import { makeEntry } from '../../../src/ldap/entry.ts';
import { formatEntry } from '../../../src/ldap/format-ldif.ts';
import { GROUPS, PEOPLE } from '../../support/openldap.ts';
import { ANY_CERTIFICATE, elementsOf } from './random-elements.ts';
import type { MappingName } from './shipped-mappings.ts';

/**
 * Characters on which ideas of "the same text" differ: letter case beyond ASCII, one letter in several code points, blanks of all
 * sorts, and what means something in a filter, a DN or LDIF. Without `ẞ` and its like, which slapd's older Unicode tables lack.
 */
const LETTERS = ['a', 'A', 'b', 'B', 'z', '0', '7', ' ', ' ', '-', 'ä', 'Ä', 'a\u0308', 'ß', 'σ', 'ς', 'Σ', 'é', 'E\u0301', 'ﬁ', 'Ａ'];
const ODD_LETTERS = [
  'İ',
  'ı',
  'ǅ',
  '™',
  '\u00a0',
  '\u3000',
  '\t',
  '\n',
  '"',
  '\\',
  '(',
  ')',
  '*',
  '=',
  ',',
  '+',
  '%',
  '日',
  '😀',
  'ЖЕ',
  'же',
];

const textOf = (units: readonly string[], maxLength = 6) =>
  fc.array(fc.constantFrom(...units), { minLength: 1, maxLength }).map((parts) => parts.join(''));

const ANY_TEXT = fc.oneof(
  { weight: 3, arbitrary: textOf(LETTERS, 4) },
  { weight: 2, arbitrary: textOf([...LETTERS, ...ODD_LETTERS]) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('Anna', 'anna', 'Anna B', 'anna  b', 'ANNA', 'Bert', 'true', 'FALSE', '42'),
  },
);
const IA5 = fc.oneof(textOf(['a', 'A', 'b', '@', '.', ' ', '*', '(', '\\', '"']), fc.constantFrom('anna@example.org', 'ANNA@example.org'));
const PHONE = fc.oneof(textOf(['+', '4', '9', ' ', '-', '0', '(', ')']), fc.constantFrom('+49 30 1', '+49-30-1', '+49301'));
const TIME = fc.constantFrom(
  '20240101000000Z',
  '20240101000001Z',
  '20240630120000Z',
  '20240630120000.5Z',
  '20240630120000.25Z',
  '20240630120001Z',
  '20251231235959Z',
);

type Values = readonly (readonly [name: string, values: fc.Arbitrary<readonly LdapValue[]>])[];

/** What the directory takes for one value is there once. */
function atLeastOne(value: fc.Arbitrary<LdapValue>, maxValues: number): fc.Arbitrary<readonly LdapValue[]> {
  return fc.uniqueArray(value, { minLength: 1, maxLength: maxValues, selector: roughKey });
}

function some(value: fc.Arbitrary<LdapValue>, maxValues: number): fc.Arbitrary<readonly LdapValue[]> {
  return fc.option(atLeastOne(value, maxValues), { nil: [], freq: 2 });
}

function elements(attribute: string, text: fc.Arbitrary<string>): fc.Arbitrary<readonly LdapValue[]> {
  return elementsOf(attribute, text, 3).map((list) => [...new Map(list.map((each) => [roughKey(each), each])).values()]);
}

function roughKey(value: LdapValue): string {
  return value
    .toString(typeof value === 'string' ? undefined : 'base64')
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\s-]+/gu, '')
    .replaceAll('ς', 'σ');
}

/** What people have with each mapping file. An inetOrgPerson has to have sn and cn. */
const COMMON: Values = [
  ['sn', atLeastOne(fc.oneof({ weight: 2, arbitrary: ANY_TEXT }, { weight: 1, arbitrary: fc.constantFrom('-', ' - ', '--') }), 3)],
  ['cn', atLeastOne(ANY_TEXT, 3)],
  ['givenName', some(ANY_TEXT, 2)],
  ['displayName', some(ANY_TEXT, 1)],
  ['title', some(ANY_TEXT, 3)],
  ['preferredLanguage', some(ANY_TEXT, 1)],
  ['employeeType', some(ANY_TEXT, 2)],
  ['mail', some(IA5, 3)],
  ['telephoneNumber', some(PHONE, 2)],
  ['mobile', some(PHONE, 1)],
  ['employeeNumber', some(ANY_TEXT, 1)],
  ['departmentNumber', some(ANY_TEXT, 2)],
  ['scimExternalId', some(ANY_TEXT, 1)],
  ['pwdAccountLockedTime', some(fc.constantFrom('000001010000Z', '20240101000000Z'), 1)],
];

/** What they have beside that where a mapping file shows it. */
const OWN: Readonly<Record<MappingName, Values>> = {
  openldap: [
    ['scimOtherMail', some(IA5, 2)],
    ['facsimileTelephoneNumber', some(PHONE, 2)],
    ['physicalDeliveryOfficeName', some(ANY_TEXT, 1)],
    ['street', some(ANY_TEXT, 2)],
    ['l', some(ANY_TEXT, 1)],
    ['st', some(ANY_TEXT, 1)],
    ['postalCode', some(ANY_TEXT, 1)],
    ['co', some(ANY_TEXT, 1)],
  ],
  'full-rfc7643': [
    ['scimMiddleName', some(ANY_TEXT, 1)],
    ['personalTitle', some(ANY_TEXT, 2)],
    ['generationQualifier', some(ANY_TEXT, 2)],
    ['scimNickName', some(ANY_TEXT, 1)],
    ['labeledURI', some(ANY_TEXT, 2)],
    ['scimLocale', some(ANY_TEXT, 1)],
    ['scimTimezone', some(ANY_TEXT, 1)],
    ['scimCostCenter', some(ANY_TEXT, 1)],
    ['o', some(ANY_TEXT, 2)],
    ['scimDivision', some(ANY_TEXT, 1)],
    ['scimEmail', elements('emails', IA5)],
    ['scimPhoneNumber', elements('phoneNumbers', PHONE)],
    ['scimIm', elements('ims', ANY_TEXT)],
    ['scimPhoto', elements('photos', ANY_TEXT)],
    ['scimAddress', elements('addresses', ANY_TEXT)],
    ['scimEntitlement', elements('entitlements', ANY_TEXT)],
    ['scimRole', elements('roles', ANY_TEXT)],
    ['userCertificate;binary', some(ANY_CERTIFICATE, 2)],
  ],
};

const CLASSES = ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'scimObject'];
const OWN_CLASSES: Readonly<Record<MappingName, readonly string[]>> = { openldap: [], 'full-rfc7643': ['scimFullUser'] };

const userDn = (index: number) => `uid=user${index},${PEOPLE}`;
const BESIDE = [`cn=nobody,dc=example,dc=org`, `ou=people,dc=example,dc=org`, `uid=gone,${PEOPLE}`];

/** The UUID with a number, so that a seed gives the same ids each time. */
function uuid(number: number): string {
  return `abcdef00-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** Users with a value here and there of what a mapping file shows, as the LDIF of their entries. */
export function randomUsers(mapping: MappingName, count: number, seed: number): string {
  const held = [...COMMON, ...OWN[mapping]];
  const attributes = fc.tuple(
    fc.tuple(...held.map(([, values]) => values)),
    fc.option(ANY_TEXT, { freq: 3 }),
    fc.array(fc.oneof(fc.nat(count - 1).map(userDn), fc.constantFrom(...BESIDE)), { maxLength: 2 }),
    TIME,
    TIME,
  );
  return fc
    .sample(attributes, { numRuns: count, seed })
    .map(([plain, secondUid, managers, created, modified], index) => {
      const own: [string, readonly LdapValue[]][] = held.map(([name], at) => [name, plain[at] ?? []]);
      const uids = secondUid === null || roughKey(secondUid) === '' ? [`user${index}`] : [`user${index}`, `${secondUid}.${index}`];
      own.push(['uid', index % 2 === 0 ? uids : uids.toReversed()], ['manager', [...new Set(managers)]]);
      own.push(['entryUUID', [uuid(index)]], ['createTimestamp', [created]], ['modifyTimestamp', [modified]]);
      return entryText(userDn(index), [...CLASSES, ...OWN_CLASSES[mapping]], own);
    })
    .join('\n');
}

/** Groups of those users, as the LDIF of their entries. */
export function randomGroups(count: number, users: number, seed: number): string {
  const member = fc.oneof({ weight: 8, arbitrary: fc.nat(users - 1).map(userDn) }, { weight: 2, arbitrary: fc.constantFrom(...BESIDE) });
  const attributes = fc.tuple(fc.uniqueArray(member, { minLength: 1, maxLength: 6 }), fc.option(ANY_TEXT), fc.option(ANY_TEXT));
  return fc
    .sample(attributes, { numRuns: count, seed })
    .map(([members, secondCn, externalId], index) =>
      entryText(
        `cn=group ${index},${GROUPS}`,
        ['top', 'groupOfNames', 'scimObject'],
        [
          ['cn', [`group ${index}`, ...(secondCn === null ? [] : [`${secondCn}.${index}`])]],
          ['member', members],
          ['scimExternalId', externalId === null ? [] : [externalId]],
        ],
      ),
    )
    .join('\n');
}

function entryText(dn: string, objectClasses: readonly string[], attributes: readonly (readonly [string, readonly LdapValue[]])[]): string {
  const held = attributes.filter(([, values]) => values.length > 0).map(([name, values]) => ({ name, values }));
  return formatEntry(makeEntry(dn, [{ name: 'objectClass', values: objectClasses }, ...held]));
}
