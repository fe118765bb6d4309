import { describe, expect, it } from 'vitest';
import { ScimError } from '../../src/scim/errors.ts';
import { formatFilter } from '../../src/scim/format-filter.ts';
import { readFilter } from '../../src/scim/lenient-filter.ts';
import { defineResourceType } from '../../src/scim/resource-type.ts';
import { ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';
import { processorTime } from '../support/processor-time.ts';

const user = defineResourceType('User', standardSchema(USER_SCHEMA), [standardSchema(ENTERPRISE_USER_SCHEMA)]);
const group = defineResourceType('Group', standardSchema(GROUP_SCHEMA), []);

const read = (text: string, type = user): string => formatFilter(readFilter(text, type));

describe('raw literals (entra-scim-client §2.4)', () => {
  it.each([
    [String.raw`displayName eq "Team "Blue""`, String.raw`displayName eq "Team \"Blue\""`],
    [String.raw`displayName eq "Team "A" and "B""`, String.raw`displayName eq "Team \"A\" and \"B\""`],
    [String.raw`displayName eq """`, String.raw`displayName eq "\""`],
    [String.raw`displayName eq "a\"`, String.raw`displayName eq "a\\"`],
    [
      String.raw`displayName eq "! @ # $ % ^ & * ( ) _ + = - { } ] [ " : ; ' / . , ? \"`,
      String.raw`displayName eq "! @ # $ % ^ & * ( ) _ + = - { } ] [ \" : ; ' / . , ? \\"`,
    ],
  ])('of groups: %s', (text, canonical) => {
    expect(read(text, group)).toBe(canonical);
  });

  it.each([
    [String.raw`userName eq "corp\anna"`, String.raw`userName eq "corp\\anna"`],
    [String.raw`emails[type eq "work"].value eq "O"Neil@x.example"`, String.raw`emails[type eq "work" and value eq "O\"Neil@x.example"]`],
    [String.raw`emails[type eq "work"] eq "a\xb"`, String.raw`emails[type eq "work" and value eq "a\\xb"]`],
  ])('of users: %s', (text, canonical) => {
    expect(read(text)).toBe(canonical);
  });
});

describe('bare words (entra-scim-client §2.4, §5.7, §6.6)', () => {
  it.each([
    ['externalId eq jyoung', 'externalId eq "jyoung"'],
    ['userName eq anna@fabrikam.example', 'userName eq "anna@fabrikam.example"'],
    ['id eq 9f2c and manager eq 41aa', `id eq "9f2c" and ${ENTERPRISE_USER_SCHEMA}:manager.value eq "41aa"`],
    ['manager eq 41aa and id eq 0017', `${ENTERPRISE_USER_SCHEMA}:manager.value eq "41aa" and id eq "0017"`],
    ['id eq 1044', 'id eq "1044"'],
    ['meta.created gt 2024-01-01T00:00:00Z', 'meta.created gt "2024-01-01T00:00:00Z"'],
    ['emails[type eq work].value eq a@b.example', 'emails[type eq "work" and value eq "a@b.example"]'],
  ])('%s', (text, canonical) => {
    expect(read(text)).toBe(canonical);
  });
});

describe('either reading of a backslash (entra-scim-client §2.4)', () => {
  it.each([
    [String.raw`userName eq "corp\\anna"`, String.raw`userName eq "corp\\anna" or userName eq "corp\\\\anna"`],
    [String.raw`userName eq "corp\bob"`, String.raw`userName eq "corp\bob" or userName eq "corp\\bob"`],
    [
      String.raw`emails[type eq "work"].value eq "a\\b"`,
      String.raw`emails[type eq "work" and value eq "a\\b"] or emails[type eq "work" and value eq "a\\\\b"]`,
    ],
  ])('%s', (text, canonical) => {
    expect(read(text)).toBe(canonical);
  });

  it.each([
    [String.raw`userName ne "corp\\anna"`],
    [String.raw`userName sw "corp\\"`],
    [String.raw`userName eq "corp\\anna" and active eq true`],
    [String.raw`emails[type eq "a\\b"]`],
  ])('not %s', (text) => {
    expect(read(text)).toBe(text);
  });
});

describe('what stays an error', () => {
  it.each([
    ['userName eq "a" and externalId eq "b"c"', 'filter: expected and, or, or the end, not "c" at character 38'],
    ['userName eq "', 'filter: a string without closing quote at character 13'],
    ['userName eq "a" and', 'filter: expected an attribute at character 20'],
    ['userName eq mara wolf', 'filter: expected text in double quotes, a number, true, false or null, not "mara" at character 13'],
    ['nobodyKnows eq "a"b"', 'filter: User has no attribute "nobodyKnows" at character 1'],
    ['password eq "a"b"', "filter: password can't be used in a filter at character 1"],
    ['active eq perhaps', 'filter: expected text in double quotes, a number, true, false or null, not "perhaps" at character 11'],
  ])('%s', (text, detail) => {
    try {
      expect(read(text)).toBe('an error');
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      expect(error).toMatchObject({ status: 400, scimType: 'invalidFilter', detail });
    }
  });

  it.each([['" and'], ['" and '], ['"  '], ['" and x '], ['" and x"'], ['"\\']])('reads in linear time: %j over and over', (piece) => {
    const start = processorTime();
    expect(() => readFilter(`nobodyKnows eq ${piece.repeat(Math.floor(16_000 / piece.length))}`, user)).toThrow(ScimError);
    expect(processorTime() - start).toBeLessThan(250);
  });
});
