import fc from 'fast-check';
import type { LdapValue } from '../../../src/ldap/entry.ts';
import { makeEntry } from '../../../src/ldap/entry.ts';
import { formatEntry } from '../../../src/ldap/format-ldif.ts';
import { GROUPS, PEOPLE } from '../../support/openldap.ts';

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

/** What an attribute may hold, and how many values of it. */
const ATTRIBUTES: readonly (readonly [name: string, value: fc.Arbitrary<string>, maxValues: number])[] = [
  ['sn', fc.oneof({ weight: 2, arbitrary: ANY_TEXT }, { weight: 1, arbitrary: fc.constantFrom('-', ' - ', '--') }), 3],
  ['cn', ANY_TEXT, 3],
  ['givenName', ANY_TEXT, 2],
  ['displayName', ANY_TEXT, 1],
  ['title', ANY_TEXT, 3],
  ['preferredLanguage', ANY_TEXT, 1],
  ['employeeType', ANY_TEXT, 2],
  ['mail', IA5, 3],
  ['scimOtherMail', IA5, 2],
  ['telephoneNumber', PHONE, 2],
  ['mobile', PHONE, 1],
  ['facsimileTelephoneNumber', PHONE, 2],
  ['physicalDeliveryOfficeName', ANY_TEXT, 1],
  ['street', ANY_TEXT, 2],
  ['l', ANY_TEXT, 1],
  ['st', ANY_TEXT, 1],
  ['postalCode', ANY_TEXT, 1],
  ['co', ANY_TEXT, 1],
  ['employeeNumber', ANY_TEXT, 1],
  ['departmentNumber', ANY_TEXT, 2],
  ['scimExternalId', ANY_TEXT, 1],
  ['pwdAccountLockedTime', fc.constantFrom('000001010000Z', '20240101000000Z'), 1],
];
/** An inetOrgPerson has to have these. */
const DEMANDED: ReadonlySet<string> = new Set(['sn', 'cn']);

const userDn = (index: number) => `uid=user${index},${PEOPLE}`;
const BESIDE = [`cn=nobody,dc=example,dc=org`, `ou=people,dc=example,dc=org`, `uid=gone,${PEOPLE}`];

/** The UUID with a number, so that a seed gives the same ids each time. */
function uuid(number: number): string {
  return `abcdef00-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

function values(value: fc.Arbitrary<string>, maxValues: number, isDemanded: boolean): fc.Arbitrary<readonly string[]> {
  // What the directory takes for one value it takes once.
  const some = fc.uniqueArray(value, { minLength: 1, maxLength: maxValues, selector: roughKey });
  return isDemanded ? some : fc.option(some, { nil: [], freq: 2 });
}

function roughKey(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\s-]+/gu, '')
    .replaceAll('ς', 'σ');
}

/** Users with a value here and there, as the LDIF of their entries. */
export function randomUsers(count: number, seed: number): string {
  const attributes = fc.tuple(
    fc.tuple(...ATTRIBUTES.map(([name, value, maxValues]) => values(value, maxValues, DEMANDED.has(name)))),
    fc.option(ANY_TEXT, { freq: 3 }),
    fc.array(fc.oneof(fc.nat(count - 1).map(userDn), fc.constantFrom(...BESIDE)), { maxLength: 2 }),
    TIME,
    TIME,
  );
  return fc
    .sample(attributes, { numRuns: count, seed })
    .map(([plain, secondUid, managers, created, modified], index) => {
      const own: [string, readonly LdapValue[]][] = ATTRIBUTES.map(([name], at) => [name, plain[at] ?? []]);
      const uids = secondUid === null || roughKey(secondUid) === '' ? [`user${index}`] : [`user${index}`, `${secondUid}.${index}`];
      own.push(['uid', index % 2 === 0 ? uids : uids.toReversed()], ['manager', [...new Set(managers)]]);
      own.push(['entryUUID', [uuid(index)]], ['createTimestamp', [created]], ['modifyTimestamp', [modified]]);
      return entryText(userDn(index), ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'scimObject'], own);
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
  const held = attributes.filter(([, some]) => some.length > 0).map(([name, some]) => ({ name, values: some }));
  return formatEntry(makeEntry(dn, [{ name: 'objectClass', values: objectClasses }, ...held]));
}
