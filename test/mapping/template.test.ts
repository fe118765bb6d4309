import { describe, expect, test } from 'vitest';
import { fillFirst, parseTemplate, TemplateError } from '../../src/mapping/template.ts';
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

const fill = (...templates: readonly string[]) =>
  fillFirst(
    templates.map((text) => parseTemplate(text, user)),
    ada,
    entryOf({ uid: ['ada', 'x'], gidNumber: ['100'] }),
    (text) => !text.includes('Lovelace'),
  );

describe('fillFirst', () => {
  test('passes over a text that the attribute cannot hold', () => {
    expect(fill('{name.givenName} {name.familyName}', '{userName}')).toBe('ada');
  });

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
  ])('%s is %s', (template, value) => {
    expect(fill(template)).toBe(value);
  });

  test('the first whose blanks are all filled', () => {
    expect(fill('{nickName}', '{name.givenName} {title}', '{userName}', 'x')).toBe('ada');
    expect(fill('{nickName}', '{title}')).toBeUndefined();
    expect(fill()).toBeUndefined();
  });
});

test.each([
  ['a}', 1, 1, 'a single "}": a literal brace is doubled'],
  ['a {userName', 2, 9, 'the blank has no closing brace'],
  ['{shoeSize}', 1, 8, 'no schema knows the attribute "shoeSize"'],
  ['x{name}', 2, 4, 'name is complex: name one of its sub-attributes'],
  ['{password}', 1, 8, 'password is never shown and must not be written elsewhere'],
  ['{meta.created}', 1, 12, 'meta.created is not known while the entry is being made'],
  ['{userName | lowercase}', 1, 20, 'transforms in blanks are not supported yet'],
  ['{}', 1, 1, 'path: expected an attribute at character 1'],
])('%s is no template', (text, offset, length, message) => {
  const error = thrownBy(() => parseTemplate(text, user));
  expect(error).toBeInstanceOf(TemplateError);
  expect(error).toMatchObject({ offset, length, message });
});
