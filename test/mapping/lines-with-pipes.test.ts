import { describe, expect, test } from 'vitest';
import { formatLdapFilter } from '../../src/ldap/format-ldap-filter.ts';
import { translateFilter } from '../../src/mapping/translate-filter.ts';
import { parseFilter } from '../../src/scim/parse-filter.ts';
import { entry, set } from './support/ada.ts';
import { context, created, readMapped, usersPlan } from './support/plans.ts';

const plan = usersPlan({
  attributes: {
    userName: { ldap: 'uid', transform: 'stripSuffix "@contoso.com"' },
    externalId: { ldap: 'scimExternalId', transform: 'lowercase' },
    'name.familyName': { ldap: 'sn', whenEmpty: '-' },
    userType: {
      ldap: 'employeeType',
      values: new Map([
        ['Employee', 'E'],
        ['Contractor', 'C'],
      ]),
    },
    'addresses[type eq "work"].formatted': { ldap: 'description', transform: 'postalAddress' },
    title: { ldap: 'title', several: 'refuse' },
    nickName: { ldap: 'carLicense', transform: 'split ";" | trim' },
    preferredLanguage: { ldap: 'preferredLanguage', transform: 'trim' },
    'emails[type eq "work"].value': { ldap: 'mail', transform: 'lowercase' },
    'roles.value': { ldap: 'businessCategory', transform: 'stripPrefix "role-"' },
  },
  generated: { cn: { templates: ['{userName}'], places: [], write: 'once' } },
});

const write = (attributes: { readonly [name: string]: unknown }, of = entry()) => set(attributes, of, plan);
const userName = 'ada@contoso.com';

describe('a value outside of what a line takes', () => {
  test.each([
    [{ userName: 'ada@example.org' }, 'userName: takes text that ends with "@contoso.com"'],
    [{ userName, userType: 'Intern' }, 'userType: takes one of: Employee, Contractor'],
    [
      { userName, addresses: [{ type: 'work', formatted: 'a\n\nb' }] },
      'addresses[type eq "work"].formatted: takes lines of text, none of them empty',
    ],
    [
      { userName, nickName: 'a;;b' },
      'nickName: takes text, made of parts with ";" between them, none empty and none twice; each of them is text',
    ],
    [
      { userName, nickName: 'a;A' },
      'nickName: takes text, made of parts with ";" between them, none empty and none twice; each of them is text',
    ],
    [{ userName, roles: [{ value: 'admin' }] }, 'roles.value: takes text that begins with "role-"'],
  ])('%j is refused', (sent, detail) => {
    expect(() => created(plan, sent)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue', detail }));
  });

  test('is kept, and not shown, where it is stored', () => {
    const stored = entry({ employeeType: ['X'], description: ['a\\b'], carLicense: ['a', 'b;c', 'd'] });
    expect(readMapped(plan, stored)).toEqual({ userName, name: { familyName: 'Lovelace' }, nickName: 'a;d' });
    expect(write({ title: 'Dr' }, stored)).toEqual(['add title: Dr']);
    expect(write({ userType: 'Contractor' }, stored)).toEqual(['replace employeeType: C | X']);
    expect(write({ nickName: 'd;e' }, stored)).toEqual(['delete carLicense: a', 'add carLicense: e']);
    expect(write({ nickName: undefined }, stored)).toEqual(['delete carLicense: a | d']);
  });

  test('makes room where there is room for one only', () => {
    const languages = usersPlan({
      attributes: { userName: 'uid', preferredLanguage: { ldap: 'preferredLanguage', values: new Map([['en', 'english']]) } },
    });
    const stored = entry({ preferredLanguage: ['klingon'] });
    expect(readMapped(languages, stored)).toEqual({ userName: 'ada' });
    expect(set({ preferredLanguage: 'en' }, stored, languages)).toEqual([
      'delete preferredLanguage: klingon',
      'add preferredLanguage: english',
    ]);
  });
});

describe('a write', () => {
  test('stores what the steps make of a value', () => {
    expect(
      created(plan, {
        userName: 'Ada@CONTOSO.com',
        externalId: 'ID-7',
        userType: 'employee',
        addresses: [{ type: 'work', formatted: 'Main Street 1\nBonn' }],
        nickName: ' a; b;c',
        roles: [{ value: 'role-admin' }],
      }).slice(2),
    ).toEqual([
      'uid: Ada',
      'scimExternalId: id-7',
      'sn: -',
      'employeeType: E',
      'description: Main Street 1$Bonn',
      'carLicense: a | b | c',
      'businessCategory: admin',
      'cn: Ada@CONTOSO.com',
    ]);
  });

  test('of the same value in another spelling changes nothing', () => {
    const stored = entry({ employeeType: ['e'], carLicense: ['b', 'a'], mail: ['ADA@X.example'] });
    expect(readMapped(plan, stored)).toMatchObject({ userType: 'Employee', nickName: 'b;a', emails: [{ value: 'ada@x.example' }] });
    expect(write({ userName: 'ada@CONTOSO.COM', userType: 'EMPLOYEE', nickName: 'a;b' }, stored)).toEqual([]);
    expect(write({ emails: [{ type: 'work', value: 'Ada@X.Example' }] }, stored)).toEqual([]);
  });

  test('of a set adds and takes away single values', () => {
    expect(write({ nickName: 'a;c' }, entry({ carLicense: ['a', 'b'] }))).toEqual(['delete carLicense: b', 'add carLicense: c']);
  });

  test('that would have to choose between several values is refused where the line says so', () => {
    const stored = entry({ title: ['Dr', 'Prof'] });
    expect(readMapped(plan, stored)).toMatchObject({ title: 'Dr' });
    const detail = 'title: the entry holds several values, and the mapping does not choose between them';
    for (const title of ['Countess', undefined]) {
      expect(() => write({ title }, stored)).toThrow(expect.objectContaining({ status: 400, scimType: 'mutability', detail }));
    }
    expect(write({ title: 'Dr', preferredLanguage: 'en' }, stored)).toEqual(['add preferredLanguage: en']);
    expect(write({ title: 'Prof' }, entry({ title: ['Dr'] }))).toEqual(['delete title: Dr', 'add title: Prof']);
  });
});

describe('a filter', () => {
  const translated = (filter: string): string => {
    const match = translateFilter(parseFilter(filter, plan.resourceType), plan, context);
    return `${formatLdapFilter(match.filter)}${match.exact ? '' : ' ?'}`;
  };

  test.each([
    ['userName eq "ada@contoso.com"', '(uid=ada) ?'],
    ['userName eq "ADA@Contoso.com "', '(uid=ada) ?'],
    ['userName eq "ada"', '(|)'],
    ['userName eq "e7a1d9c0-3f0e-4f0a-9a53-2a3a6b0a4c11"', '(|)'],
    ['userName pr', '(uid=*)'],
    ['userName sw "ada"', '(uid=*) ?'],
    ['userName ne "ada@contoso.com"', '(&) ?'],
    ['externalId eq "ID-7"', '(scimExternalId:caseIgnoreMatch:=id-7) ?'],
    ['userType eq "employee"', '(employeeType=E) ?'],
    ['userType eq "E"', '(|)'],
    ['userType ne "Intern"', '(&)'],
    ['userType pr', '(employeeType=*) ?'],
    ['addresses[type eq "work"].formatted eq "a$\\nb"', '(description=a\\5c24$b) ?'],
    ['nickName eq "b;a"', '(&(carLicense=b)(carLicense=a)) ?'],
    ['nickName eq "a;;b"', '(|)'],
    ['nickName co "a"', '(carLicense=*) ?'],
    ['nickName pr', '(carLicense=*) ?'],
    ['preferredLanguage eq " en "', '(preferredLanguage=en) ?'],
    ['emails.value eq "ADA@X.example"', '(mail=ada@x.example) ?'],
    ['roles[value eq "role-admin"]', '(businessCategory=admin) ?'],
    ['roles[value eq "admin"]', '(|)'],
  ])('%s', (filter, ldap) => {
    expect(translated(filter)).toBe(ldap);
  });
});
