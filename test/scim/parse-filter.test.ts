import { describe, expect, it } from 'vitest';
import { ScimError } from '../../src/scim/errors.ts';
import { formatFilter } from '../../src/scim/format-filter.ts';
import { MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parseFilter } from '../../src/scim/parse-filter.ts';
import { defineResourceType } from '../../src/scim/resource-type.ts';
import { defineAttribute, ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';
import { processorTime } from '../support/processor-time.ts';

const BADGE_SCHEMA = 'urn:example:scim:schemas:extension:acme:2.0:User';
const user = defineResourceType('User', standardSchema(USER_SCHEMA), [
  standardSchema(ENTERPRISE_USER_SCHEMA),
  {
    id: BADGE_SCHEMA,
    name: 'Acme',
    description: '',
    attributes: [
      defineAttribute('badge', { type: 'integer' }),
      defineAttribute('weight', { type: 'decimal' }),
      defineAttribute('hired', { type: 'dateTime' }),
      defineAttribute('nicknames', { multiValued: true }),
      defineAttribute('pin', { mutability: 'writeOnly' }),
    ],
  },
  // A URN that another one begins with.
  { id: `${BADGE_SCHEMA}:car`, name: 'Car', description: '', attributes: [defineAttribute('plate')] },
]);
const group = defineResourceType('Group', standardSchema(GROUP_SCHEMA), []);

/** The filter in canonical text: what was understood. */
const read = (text: string, type = user): string => formatFilter(parseFilter(text, type));

function failureOf(text: string, type = user): string {
  try {
    parseFilter(text, type);
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    expect(error).toMatchObject({ status: 400, scimType: 'invalidFilter' });
    return error.detail;
  }
  throw new Error(`accepted: ${text.slice(0, 100)}`);
}

describe('filters of RFC 7644 §3.4.2.2', () => {
  it.each([
    ['userName eq "bjensen"'],
    ['name.familyName co "O\'Malley"'],
    ['userName sw "J"'],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"', 'userName sw "J"'],
    ['title pr'],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"'],
    ['meta.lastModified ge "2011-05-13T04:42:34Z"'],
    ['meta.lastModified lt "2011-05-13T04:42:34Z"'],
    ['meta.lastModified le "2011-05-13T04:42:34Z"'],
    ['title pr and userType eq "Employee"'],
    ['title pr or userType eq "Intern"'],
    ['schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"'],
    [
      'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
      'userType eq "Employee" and (emails.value co "example.com" or emails.value co "example.org")',
    ],
    [
      'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
      'userType ne "Employee" and not (emails.value co "example.com" or emails.value co "example.org")',
    ],
    ['userType eq "Employee" and (emails.type eq "work")', 'userType eq "Employee" and emails.type eq "work"'],
    ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]'],
    ['emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]'],
  ])('%s', (text, canonical = text) => {
    expect(read(text)).toBe(canonical);
  });
});

describe('filters of entra-scim-client §5, §8, §13, §16', () => {
  it.each([
    ['userName eq "7d4f0b3e-5a52-4b0e-9d0c-0f7a2c1b9e11"'],
    ['externalId eq "mwolf"'],
    ['emails[type eq "work"].value eq "a@b.example"', 'emails[type eq "work" and value eq "a@b.example"]'],
    ['emails[type eq "work"] eq "a@b.example"', 'emails[type eq "work" and value eq "a@b.example"]'],
    ['emails.value eq "a@b.example"'],
    ['emails eq "a@b.example"', 'emails.value eq "a@b.example"'],
    [`${ENTERPRISE_USER_SCHEMA}:employeeNumber eq "1044"`],
    [`${ENTERPRISE_USER_SCHEMA}.department eq "Sales"`, `${ENTERPRISE_USER_SCHEMA}:department eq "Sales"`],
    [`${ENTERPRISE_USER_SCHEMA}:manager.value eq "9f2c"`],
    [`${ENTERPRISE_USER_SCHEMA}:manager eq "9f2c"`, `${ENTERPRISE_USER_SCHEMA}:manager.value eq "9f2c"`],
    ['id eq "9f2c" and manager eq "41aa"', `id eq "9f2c" and ${ENTERPRISE_USER_SCHEMA}:manager.value eq "41aa"`],
    ['department eq "Sales"', `${ENTERPRISE_USER_SCHEMA}:department eq "Sales"`],
    ['userName Eq "x"', 'userName eq "x"'],
    ['USERNAME EQ "x" AND Name.FamilyName SW "y" Or NOT (Title PR)', '(userName eq "x" and name.familyName sw "y") or not (title pr)'],
    [`${ENTERPRISE_USER_SCHEMA.toUpperCase()}:DEPARTMENT pr`, `${ENTERPRISE_USER_SCHEMA}:department pr`],
    ['meta.created gt "2024-01-01T00:00:00.1234567Z"'],
    ['(userName sw "a" or emails.value co "b") and active eq true'],
    ['roles[primary eq "True"].value eq "Admin"', 'roles[primary eq true and value eq "Admin"]'],
  ])('%s', (text, canonical = text) => {
    expect(read(text)).toBe(canonical);
  });

  it.each([
    ['displayName eq "Research and Development"'],
    ['displayName eq "a eq b or (c)]["'],
    ['DisplayName eq "Tours"', 'displayName eq "Tours"'],
    ['id eq "g1" and members eq "u1"', 'id eq "g1" and members.value eq "u1"'],
    ['members[value eq "u1"] and id eq "g1"'],
    ['members.$ref eq "https://x.example/Users/1"'],
  ])('of groups: %s', (text, canonical = text) => {
    expect(read(text, group)).toBe(canonical);
  });
});

describe('structure', () => {
  it('binds and closer than or, and keeps chains flat', () => {
    expect(parseFilter('title pr or userName pr and active pr or locale pr', user)).toMatchObject({
      kind: 'or',
      filters: [{ kind: 'present' }, { kind: 'and', filters: [{ kind: 'present' }, { kind: 'present' }] }, { kind: 'present' }],
    });
  });

  it('resolves a path against the schemas', () => {
    const { attributes } = standardSchema(USER_SCHEMA);
    const emails = attributes.find(({ name }) => name === 'emails');
    expect(parseFilter('EMAILS.Type eq "work"', user)).toStrictEqual({
      kind: 'compare',
      path: { schema: user.schema, isExtension: false, attribute: emails, sub: emails?.subAttributes[2] },
      operator: 'eq',
      value: 'work',
    });
    expect(parseFilter('emails[type pr]', user)).toStrictEqual({
      kind: 'valuePath',
      path: { schema: user.schema, isExtension: false, attribute: emails },
      filter: { kind: 'present', path: { schema: user.schema, isExtension: false, attribute: emails?.subAttributes[2] } },
    });
  });

  it('takes the longest known URN', () => {
    expect(read(`${BADGE_SCHEMA}:badge eq 1`)).toBe(`${BADGE_SCHEMA}:badge eq 1`);
    expect(read(`${BADGE_SCHEMA}:car:plate eq "K"`)).toBe(`${BADGE_SCHEMA}:car:plate eq "K"`);
    expect(read(`${BADGE_SCHEMA}:car.plate eq "K"`)).toBe(`${BADGE_SCHEMA}:car:plate eq "K"`);
  });

  it('reads a comparison behind brackets as part of them, and ne as its negation', () => {
    expect(read('emails[type eq "a" or type eq "b"].value sw "x"')).toBe('emails[(type eq "a" or type eq "b") and value sw "x"]');
    expect(read('emails[type eq "a" and primary eq true].value pr')).toBe('emails[type eq "a" and primary eq true and value pr]');
    expect(read('emails[type eq "work"].value ne "x"')).toBe('not (emails[type eq "work" and value eq "x"])');
    expect(read('nicknames[value sw "M"]')).toBe(`${BADGE_SCHEMA}:nicknames[value sw "M"]`);
  });

  it('reads many blanks as one', () => {
    expect(read('  not  ( title   pr )  and  emails[ type  eq  "work" ]  ')).toBe('not (title pr) and emails[type eq "work"]');
  });

  it('lets complex attributes be present', () => {
    expect(read('name pr and addresses pr')).toBe('name pr and addresses pr');
  });
});

describe('literals', () => {
  const valueOf = (text: string): unknown => {
    const filter = parseFilter(text, user);
    return filter.kind === 'compare' ? filter.value : undefined;
  };

  it.each<[string, unknown]>([
    [String.raw`title eq "\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00"`, '"\\/\b\f\n\r\tä😀'],
    ['title eq ""', ''],
    ['title eq "*()\\\\"', '*()\\'],
    ['title eq null', null],
    ['title eq 007e1', undefined],
    ['title eq 7e1', '7e1'],
    ['title eq true', 'true'],
    ['active eq "True"', true],
    ['active eq "fALSE"', false],
    ['active eq True', true],
    ['active eq false', false],
    ['active eq "maybe"', 'maybe'],
    ['active eq 1', 1],
    ['badge eq "12"', 12],
    ['badge eq 12', 12],
    ['badge eq -0', 0],
    ['badge eq "x"', 'x'],
    ['badge gt true', true],
    ['weight le -1.5e3', -1500],
    ['meta.created eq "no date"', 'no date'],
    ['x509Certificates.value eq "TWFyYQ"', 'TWFyYQ=='],
    ['x509Certificates.value eq "TWFyYQ=="', 'TWFyYQ=='],
    ['x509Certificates.value eq "no base64"', 'no base64'],
  ])('%s', (text, value) => {
    if (value === undefined) failureOf(text);
    else expect(valueOf(text)).toBe(value);
  });
});

describe('errors', () => {
  it.each([
    ['', 'filter: expected an attribute at character 1'],
    ['foo eq "x"', 'filter: User has no attribute "foo" at character 1'],
    ['title pr and emails.foo eq "x"', 'filter: User has no attribute "emails.foo" at character 14'],
    ['emails[foo eq "x"]', 'filter: emails has no attribute "foo" at character 8'],
    ['emails[type eq "x"].foo eq "x"', 'filter: emails has no attribute "foo" at character 20'],
    ['emails[emails.type eq "x"]', 'filter: emails has no attribute "emails.type" at character 8'],
    ['emails[value[type eq "x"]]', 'filter: "value" takes no value filter at character 13'],
    ['userName[value eq "x"]', 'filter: "userName" takes no value filter at character 9'],
    ['emails.value[type eq "x"]', 'filter: "emails.value" takes no value filter at character 13'],
    ['emails[] pr', 'filter: expected an attribute, not "]" at character 8'],
    ['userName', 'filter: expected an operator at character 9'],
    ['userName is "x"', 'filter: expected an operator, not "is" at character 10'],
    ['userName eq', 'filter: expected text in double quotes, a number, true, false or null at character 12'],
    ['userName eq jyoung', 'filter: expected text in double quotes, a number, true, false or null, not "jyoung" at character 13'],
    ['userName eq "x', 'filter: a string without closing quote at character 13'],
    ['userName eq "a\\x"', 'filter: an escape or control character that JSON strings do not have at character 13'],
    ['userName eq "a\u0000b"', 'filter: an escape or control character that JSON strings do not have at character 13'],
    ['userName\u0000 eq "x"', 'filter: a control character at character 9'],
    ['userName eq "\\ud800"', 'filter: half a surrogate pair at character 13'],
    ['userName eq "\udc00"', 'filter: half a surrogate pair at character 13'],
    ['userName eq"x"', 'filter: expected a blank at character 12'],
    ['userName eq "x"and title pr', 'filter: expected a blank at character 16'],
    ['(title pr)and (title pr)', 'filter: expected a blank at character 11'],
    ['title pr and(title pr)', 'filter: expected a blank at character 13'],
    ['emails[type pr]eq "x"', 'filter: expected a blank at character 16'],
    ['title pr and', 'filter: expected an attribute at character 13'],
    ['title pr title pr', 'filter: expected and, or, or the end, not "title" at character 10'],
    ['(title pr', 'filter: expected and, or, or ) at character 10'],
    ['title pr)', 'filter: expected and, or, or the end, not ")" at character 9'],
    ['emails[type eq "x"', 'filter: expected and, or, or ] at character 19'],
    ['emails[(type eq "x"])', 'filter: expected and, or, or ), not "]" at character 20'],
    ['not title pr', 'filter: User has no attribute "not" at character 1'],
    ['password sw "a"', "filter: password can't be used in a filter at character 1"],
    ['password pr', "filter: password can't be used in a filter at character 1"],
    ['pin eq "1"', "filter: pin can't be used in a filter at character 1"],
    ['active gt true', 'filter: gt needs an order, but active is of type boolean at character 8'],
    ['x509Certificates.value le "AA=="', 'filter: le needs an order, but value is of type binary at character 24'],
    ['active co "t"', 'filter: co needs text, but active is of type boolean at character 8'],
    ['title gt null', "filter: gt can't compare with null at character 7"],
    ['meta.created gt "yesterday"', 'filter: gt on created needs a dateTime such as "2011-05-13T04:42:34Z" at character 14'],
    ['meta.created ge "2011-02-30T00:00:00Z"', 'filter: ge on created needs a dateTime'],
    ['name eq "x"', 'filter: "name" has no value to compare at character 1'],
    ['addresses[type eq "work"] eq "x"', 'filter: addresses has no attribute "value" at character 27'],
    ['badge eq 1e999', 'filter: expected text in double quotes, a number, true, false or null, not "1e999" at character 10'],
    ['userName eq +1', 'filter: expected text'],
    ['urn:other:2.0:User:x eq "1"', 'filter: User has no attribute "urn:other:2.0:User:x" at character 1'],
    [`${USER_SCHEMA} pr`, `filter: User has no attribute "${USER_SCHEMA}" at character 1`],
  ])('%j', (text, detail) => {
    expect(failureOf(text)).toContain(detail);
  });
});

describe('limits and hostile input', () => {
  it('stops at each limit and says which', () => {
    const deep = (depth: number): string => `${'('.repeat(depth)}title pr${')'.repeat(depth)}`;
    const long = (terms: number): string => Array.from({ length: terms }, () => 'title pr').join(' or ');
    const padded = (length: number): string => 'title pr'.padEnd(length);
    expect(read(deep(MAX_DEPTH))).toBe('title pr');
    expect(failureOf(deep(MAX_DEPTH + 1))).toBe('filter: more than 32 parentheses around one another at character 33');
    expect(read(long(MAX_TERMS))).toBe(long(MAX_TERMS));
    expect(failureOf(long(MAX_TERMS + 1))).toContain('filter: more than 200 comparisons');
    expect(read(padded(MAX_LENGTH))).toBe('title pr');
    expect(failureOf(padded(MAX_LENGTH + 1))).toContain('filter: longer than 16384 characters');
  });

  it.each([
    ['parentheses', '('.repeat(10_000)],
    ['not', 'not ('.repeat(3_000)],
    ['brackets', 'emails['.repeat(2_000)],
    ['quotes', 'title eq '.padEnd(16_000, '"')],
    ['backslashes', `title eq "${'\\'.repeat(15_999)}`],
    ['blanks', `title eq "x" and ${' '.repeat(16_000)}`],
    ['dots', `name${'.a'.repeat(8_000)} eq "x"`],
    ['colons', `urn${':a'.repeat(8_000)}: eq "x"`],
    ['a megabyte', `title eq "${'x'.repeat(1_000_000)}"`],
    ['__proto__', '__proto__ eq "x"'],
    ['constructor', 'constructor pr'],
    ['a name below', 'name.constructor pr'],
    ['toString in brackets', 'emails[toString pr]'],
    ['a lone surrogate as name', '\ud800 pr'],
    ['a Kelvin sign for k', 'nic\u212aName pr'],
  ])('refuses %s at once', (_, text) => {
    const start = processorTime();
    expect(failureOf(text).length).toBeLessThan(300);
    expect(processorTime() - start).toBeLessThan(250);
  });
});
