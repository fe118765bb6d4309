import fc from 'fast-check';
import { expect, test } from 'vitest';
import { caseIgnoreKey } from '../../src/ldap/case-ignore.ts';
import { anyText } from './support/any-text.ts';

test.each([
  ['ADA', 'ada'],
  ['Ada  Lovelace', 'Ada Lovelace'],
  ['  Ada ', 'ada'],
  ['Ada\tLovelace', 'ada lovelace'],
  ['Ada\u00a0Lovelace', 'ada lovelace'],
  ['Иван Петров', 'ИВАН  ПЕТРОВ'],
  ['Zoe\u0308', 'ZO\u00cb'],
  ['ﬁne', 'FINE'],
  ['ＡＤＡ', 'ada'],
  ['\u2122', 'tm'],
  ['ΣΑΣ', 'σας'],
  ['   ', ''],
])('%j equals %j', (one, other) => {
  expect(caseIgnoreKey(one)).toBe(caseIgnoreKey(other));
});

test.each([
  ['ada', 'adam'],
  ['adalovelace', 'ada lovelace'],
  ['e', 'é'],
  ['Straße', 'Strasse'],
  ['a\u00adb', 'ab'],
])('%j differs from %j', (one, other) => {
  expect(caseIgnoreKey(one)).not.toBe(caseIgnoreKey(other));
});

test('the key of a key is itself', () => {
  fc.assert(fc.property(anyText, (value) => caseIgnoreKey(caseIgnoreKey(value)) === caseIgnoreKey(value)));
});
