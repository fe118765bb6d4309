import { describe, expect, it } from 'vitest';
import { evaluateFilter, foldCase, matchesElement } from '../../src/scim/evaluate-filter.ts';
import { readFilter } from '../../src/scim/lenient-filter.ts';
import { parseAttributePath } from '../../src/scim/parse-attribute-path.ts';
import { newObject, type ScimObject } from '../../src/scim/resource.ts';
import { defineResourceType } from '../../src/scim/resource-type.ts';
import { defineAttribute, ENTERPRISE_USER_SCHEMA, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';

const ACME_SCHEMA = 'urn:example:scim:schemas:extension:acme:2.0:User';
const user = defineResourceType('User', standardSchema(USER_SCHEMA), [
  standardSchema(ENTERPRISE_USER_SCHEMA),
  {
    id: ACME_SCHEMA,
    name: 'Acme',
    description: '',
    attributes: [
      defineAttribute('badge', { type: 'integer' }),
      defineAttribute('weight', { type: 'decimal' }),
      defineAttribute('skills', { multiValued: true }),
      defineAttribute('onSite', { type: 'boolean' }),
    ],
  },
]);

const mara: ScimObject = newObject([
  ['schemas', [USER_SCHEMA, ENTERPRISE_USER_SCHEMA]],
  ['id', '9f2c-Ab'],
  ['externalId', 'MWolf'],
  ['userName', 'Mara.Wolf@fabrikam.example'],
  ['displayName', 'Mara  Wölf'],
  ['active', true],
  ['name', newObject([['familyName', 'Wolf']])],
  [
    'emails',
    [
      newObject([
        ['value', 'mara@work.example'],
        ['type', 'work'],
        ['primary', true],
      ]),
      newObject([
        ['value', 'mara@home.example'],
        ['type', 'home'],
      ]),
    ],
  ],
  [
    'meta',
    newObject([
      ['created', '2024-05-13T04:42:34.5Z'],
      ['resourceType', 'User'],
    ]),
  ],
  [
    ENTERPRISE_USER_SCHEMA,
    newObject([
      ['department', 'Operations'],
      ['manager', newObject([['value', '41aa']])],
    ]),
  ],
  [
    ACME_SCHEMA,
    newObject([
      ['badge', 12],
      ['weight', 71.5],
      ['skills', ['Ski', 'Sail']],
      ['onSite', false],
    ]),
  ],
]);

const matches = (text: string): boolean => evaluateFilter(readFilter(text, user), mara);

describe('evaluateFilter', () => {
  it.each([
    ['userName eq "mara.wolf@FABRIKAM.example"'],
    ['displayName eq " mara WÖLF "'],
    ['displayName eq "Mara Wo\u0308lf"'],
    ['displayName ne "somebody"'],
    ['externalId eq "MWolf"'],
    ['not (externalId eq "mwolf")'],
    ['externalId ne "mwolf"'],
    ['userName sw "MARA" and userName ew ".EXAMPLE" and userName co "wolf@"'],
    ['userName gt "lara" and userName lt "nora" and userName ge "mara.wolf@fabrikam.example" and userName le "mara.wolf@fabrikam.example"'],
    ['active eq true'],
    ['active eq "True"'],
    ['active ne false'],
    ['name pr and emails pr and meta pr and manager pr and schemas pr'],
    ['name.familyName pr'],
    ['emails.value eq "mara@home.example"'],
    ['emails co "work.example"'],
    ['emails.type eq "work" and emails.type eq "home"'],
    ['emails[type eq "work" and value co "work"]'],
    ['emails[type eq "home"].value eq "mara@home.example"'],
    ['emails[not (primary pr)]'],
    ['emails[primary ne true]'],
    ['emails[primary eq null]'],
    ['emails.type ne "other"'],
    ['schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"'],
    ['department eq "operations"'],
    ['manager eq "41aa"'],
    ['meta.created eq "2024-05-13T06:42:34.500+02:00"'],
    ['meta.created gt "2024-05-13T04:42:34Z"'],
    ['meta.created le "2024-05-13T04:42:34.5Z"'],
    ['meta.created lt "2024-05-13T04:42:34.500001Z"'],
    ['meta.created sw "2024-05"'],
    ['badge eq "12"'],
    ['badge gt 9 and badge le 12 and weight lt 71.6'],
    ['onSite eq false and onSite pr'],
    ['skills eq "sail" and skills[value sw "sk"]'],
    ['title eq null'],
    ['userName ne null'],
    ['title ne "x"'],
    ['title pr or nickName pr or active eq true'],
  ])('selects by %s', (text) => {
    expect(matches(text)).toBe(true);
  });

  it.each([
    ['userName eq "mara"'],
    ['id eq "9F2C-AB"'],
    ['title eq "x"'],
    ['title eq ""'],
    ['title co ""'],
    ['title lt "z"'],
    ['title pr'],
    ['title ne null'],
    ['userName eq null'],
    ['name.givenName pr'],
    ['addresses pr'],
    ['addresses[type ne "work"]'],
    ['emails ne "mara@work.example"'],
    ['emails[type eq "home" and primary eq true]'],
    ['emails[type eq "home"].value ne "mara@home.example"'],
    ['emails[type eq "fax"].value eq "mara@home.example"'],
    ['active eq "7d4f0b3e"'],
    ['badge eq "7d4f0b3e"'],
    ['badge lt "x"'],
    ['badge eq true'],
    ['meta.created eq "7d4f0b3e"'],
    ['meta.created gt "2024-05-13T04:42:35Z"'],
    ['skills eq "swim"'],
  ])('leaves out by %s', (text) => {
    expect(matches(text)).toBe(false);
  });

  it('does not count empty things as present', () => {
    const empty = newObject([
      ['title', ''],
      ['emails', []],
      ['name', newObject([['familyName', '']])],
    ]);
    for (const text of ['title pr', 'emails pr', 'name pr', 'name.familyName pr']) {
      expect(evaluateFilter(readFilter(text, user), empty)).toBe(false);
    }
  });

  it('compares text without caseExact by the given rule', () => {
    const filter = readFilter('userName eq "MARA"', user);
    expect(evaluateFilter(filter, newObject([['userName', 'mara']]), (text) => text)).toBe(false);
    expect(evaluateFilter(filter, newObject([['userName', 'mara']]), (text) => text.toLowerCase())).toBe(true);
  });
});

describe('matchesElement', () => {
  const filterOf = (text: string) => {
    const target = parseAttributePath(text, user);
    if (target.kind !== 'attribute' || target.path.valueFilter === undefined) throw new Error(`no filter in ${text}`);
    return target.path.valueFilter;
  };
  const work = newObject([
    ['type', 'work'],
    ['value', 'a@b.example'],
    ['primary', true],
  ]);

  it.each([
    ['emails[type eq "WORK"]', true],
    ['emails[type eq "work" and primary eq "True"]', true],
    ['emails[type eq "home" or value ew "example"]', true],
    ['emails[not (display pr)]', true],
    ['emails[type eq "home"]', false],
    ['emails[display co "a"]', false],
  ])('%s: %s', (text, expected) => {
    expect(matchesElement(filterOf(text), work)).toBe(expected);
  });
});

describe('foldCase', () => {
  it.each([
    ['  ＭARA \u00a0 Wolf\u3000', 'mara wolf'],
    ['É', 'e\u0301'.normalize('NFC')],
    ['İstanbul', 'istanbul'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['οδος', 'οδος'],
    ['😀 ﬁ', '😀 fi'],
    ['a\t', 'a\t'],
    [' \u00a0 ', ' '],
    ['', ''],
  ])('makes %j what OpenLDAP compares: %j', (text, folded) => {
    expect(foldCase(text)).toBe(folded);
  });
});
