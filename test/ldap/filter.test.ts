import { describe, expect, test } from 'vitest';
import { allOf, anyOf, EVERYTHING, isEverything, isNothing, type LdapFilter, NOTHING, negate } from '../../src/ldap/filter.ts';

const a: LdapFilter = { kind: 'present', attribute: 'a' };
const b: LdapFilter = { kind: 'present', attribute: 'b' };
const c: LdapFilter = { kind: 'present', attribute: 'c' };
const many = Array.from({ length: 10_000 }, () => a);

describe('allOf', () => {
  test.each<[string, LdapFilter, LdapFilter]>([
    ['nothing is everything', allOf(), EVERYTHING],
    ['one is itself', allOf(a), a],
    ['two', allOf(a, b), { kind: 'and', filters: [a, b] }],
    ['an and among them', allOf(allOf(a, b), c), { kind: 'and', filters: [a, b, c] }],
    ['an or among them', allOf(anyOf(a, b), c), { kind: 'and', filters: [{ kind: 'or', filters: [a, b] }, c] }],
    ['everything adds nothing', allOf(EVERYTHING, a, EVERYTHING), a],
    ['nothing wins', allOf(a, NOTHING), NOTHING],
  ])('%s', (_what, filter, expected) => {
    expect(filter).toEqual(expected);
  });
});

describe('anyOf', () => {
  test.each<[string, LdapFilter, LdapFilter]>([
    ['nothing is nothing', anyOf(), NOTHING],
    ['one is itself', anyOf(a), a],
    ['two', anyOf(a, b), { kind: 'or', filters: [a, b] }],
    ['an or among them', anyOf(a, anyOf(b, c)), { kind: 'or', filters: [a, b, c] }],
    ['nothing adds nothing', anyOf(NOTHING, a), a],
    ['everything wins', anyOf(a, EVERYTHING), EVERYTHING],
    ['very many', anyOf(...many), { kind: 'or', filters: many }],
  ])('%s', (_what, filter, expected) => {
    expect(filter).toEqual(expected);
  });
});

test.each<[string, LdapFilter, LdapFilter]>([
  ['a comparison', negate(a), { kind: 'not', filter: a }],
  ['a negation', negate(negate(a)), a],
  ['everything', negate(EVERYTHING), NOTHING],
  ['nothing', negate(NOTHING), EVERYTHING],
])('negate %s', (_what, filter, expected) => {
  expect(filter).toEqual(expected);
});

test.each<[string, LdapFilter, boolean, boolean]>([
  ['EVERYTHING', EVERYTHING, true, false],
  ['NOTHING', NOTHING, false, true],
  ['a comparison', a, false, false],
  ['an and', allOf(a, b), false, false],
])('isEverything and isNothing of %s', (_what, filter, everything, nothing) => {
  expect([isEverything(filter), isNothing(filter)]).toEqual([everything, nothing]);
});
