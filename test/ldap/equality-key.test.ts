import { expect, test } from 'vitest';
import { equalityKey } from '../../src/ldap/equality-key.ts';
import { parseLdapSchema } from '../../src/ldap/schema.ts';

test.each([
  ['caseIgnoreMatch', 'Ada  Lovelace', 'ada lovelace', true],
  ['caseIgnoreMatch', 'Ada', 'Adam', false],
  ['caseExactMatch', 'Ada', 'ada', false],
  ['caseExactIA5Match', 'Ada', 'ada', false],
  ['telephoneNumberMatch', '+49 30-1', '+49301', true],
  ['telephoneNumberMatch', '+49301', '49301', false],
  ['unheardOfMatch', 'Ada', 'ada', true],
])('%s: %j and %j', (rule, a, b, isEqual) => {
  const type = parseLdapSchema([`( 1.1 NAME 'x' EQUALITY ${rule} )`], []).attributeType('x');
  expect(equalityKey(type, a) === equalityKey(type, b)).toBe(isEqual);
});
