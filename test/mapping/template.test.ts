import { describe, expect, test } from 'vitest';
import { PhraseError } from '../../src/mapping/phrase-error.ts';
import { fillNumbered, fillTemplate, nthText, parseTemplate } from '../../src/mapping/template.ts';
import { thrownBy } from '../ldap/support/thrown-by.ts';
import { user } from '../scim/support/patching.ts';
import { entryOf } from './support/plans.ts';

const ada = {
  userName: 'ada',
  active: false,
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [
    { type: 'home', value: 'ada@home' },
    { type: 'work', value: 'ada@work' },
  ],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Analytics' },
  'urn:example:scim:schemas:extension:acme:2.0:User': { floor: 3, skills: ['a', 'b'] },
};

const entry = entryOf({ uid: ['ada', 'x'], gidNumber: ['100'] });
const fill = (text: string) => fillTemplate(parseTemplate(text, user), ada, entry);

describe('fillTemplate', () => {
  test.each([
    ['{userName}', 'ada'],
    ['{ userName }', 'ada'],
    ['{name.givenName} {name.honorificPrefix}', undefined],
    ['{name.givenName}, Countess', 'Ada, Countess'],
    ['/home/{ldap:UID}', '/home/ada'],
    ['{ldap:gidNumber}', '100'],
    ['{emails[type eq "WORK"].value}', 'ada@work'],
    ['{emails.value}', 'ada@home'],
    ['{department}/{urn:example:scim:schemas:extension:acme:2.0:User:floor}', 'Analytics/3'],
    ['{skills}', 'a'],
    ['{active}', 'false'],
    ['{{SASL}}{userName}', '{SASL}ada'],
    ['{{{userName}}}', '{ada}'],
    ['no blank', 'no blank'],
    ['{nickName}', undefined],
    ['{emails[type eq "other"].value}', undefined],
    ['{ldap:mail}', undefined],
    ['{userName | uppercase}', 'ADA'],
    ['{emails[type eq "work"].value|after "@"}', 'work'],
    ['{name.givenName | truncate 1 | lowercase}{name.familyName | lowercase}', 'alovelace'],
    ['{ldap:gidNumber | stripPrefix "x"}', undefined],
    ['{userName | after "}"}', undefined],
    ['{userName | replace "d" "{}"}', 'a{}a'],
  ])('%s is %s', (template, value) => {
    expect(fill(template)).toEqual(value === undefined ? undefined : [value]);
  });

  test('a blank that is split makes several values', () => {
    expect(fill('{name.familyName | split "e" | uppercase}')).toEqual(['LOV', 'LAC']);
  });

  test('the id is known where the entry exists', () => {
    const template = parseTemplate('{ldap:uid}-{id}', user, { knowsId: true });
    expect(fillTemplate(template, { ...ada, id: '7' }, entry)).toEqual(['ada-7']);
  });
});

describe('a text that may be taken', () => {
  test.each([
    ['{userName}', ['ada', 'ada2', 'ada3']],
    ['{userName}@x.example', ['ada@x.example', 'ada2@x.example', 'ada3@x.example']],
    ['x-{userName | truncate 3}', ['x-ada', 'x-ad2', 'x-ad3']],
    ['{userName | truncate 9 | truncate 2}!', ['ad!', 'a2!', 'a3!']],
    ['{userName | truncate 1}', ['a', undefined, undefined]],
    ['{name.givenName | truncate 1}.{name.familyName}', ['A.Lovelace', 'A.Lovelace2', 'A.Lovelace3']],
    ['fixed', ['fixed', 'fixed2', 'fixed3']],
    ['{nickName}', undefined],
  ])('%s: %j', (text, expected) => {
    const numbered = fillNumbered(parseTemplate(text, user), ada, entry);
    expect(numbered && [1, 2, 3].map((number) => nthText(numbered, number))).toEqual(expected);
  });

  test('a longer number takes more of the stem', () => {
    const numbered = { before: '', stem: 'abcde', after: '', limit: 5 };
    expect([1, 9, 10, 99_999, 100_000].map((number) => nthText(numbered, number))).toEqual([
      'abcde',
      'abcd9',
      'abc10',
      undefined,
      undefined,
    ]);
  });
});

test.each([
  ['a}', 1, 1, 'a single "}": a literal brace is doubled'],
  ['a {userName', 2, 9, 'the blank has no closing brace'],
  ['{shoeSize}', 1, 8, 'no schema knows the attribute "shoeSize"'],
  ['x{name}', 2, 4, 'name is complex: name one of its sub-attributes'],
  ['{password}', 1, 8, 'password is never shown and must not be written elsewhere'],
  ['{meta.created}', 1, 12, 'meta.created is not known while the entry is being made'],
  ['{userName | }', 12, 1, 'a transform is missing'],
  ['x{userName | lower}', 13, 5, 'there is no transform "lower"'],
  ['{userName | before "@}', 0, 22, 'a text in double quotes is not closed'],
  ['{ shoeSize | trim}', 2, 8, 'no schema knows the attribute "shoeSize"'],
  ['a{userName | split ";"}', 0, 23, 'split makes several values: its blank stands alone'],
  ['{}', 1, 1, 'path: expected an attribute at character 1'],
])('%s is no template', (text, offset, length, reason) => {
  const error = thrownBy(() => parseTemplate(text, user));
  expect(error).toBeInstanceOf(PhraseError);
  expect(error).toMatchObject({ offset, length, reason });
});
