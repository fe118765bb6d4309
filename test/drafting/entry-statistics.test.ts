import { expect, test } from 'vitest';
import { commonBase, fillOf, isKey, mostFrequent, namingAttribute, share } from '../../src/drafting/entry-statistics.ts';
import { makeEntry } from '../../src/ldap/entry.ts';

const entry = (dn: string, uid: readonly string[] = []) => makeEntry(dn, [{ name: 'uid', values: uid }]);

test('the base is the deepest place below which nine of ten are', () => {
  const below = (place: string, count: number) =>
    Array.from({ length: count }, (_, index) => entry(`uid=${index},${place}dc=example,dc=org`));
  expect(commonBase([...below('ou=a,ou=people,', 9), ...below('ou=people,', 1)], [])).toBe('ou=a,ou=people,dc=example,dc=org');
  expect(commonBase([...below('ou=a,ou=people,', 5), ...below('ou=b,ou=People,', 5)], [])).toBe('ou=people,dc=example,dc=org');
  expect(commonBase([...below('ou=a,', 5), ...below('ou=b,', 5)], [])).toBe('dc=example,dc=org');
  expect(commonBase([], ['dc=example'])).toBe('dc=example');
});

test('counts what is filled, once and more', () => {
  const entries = [entry('uid=a', ['a']), entry('cn=b', ['b', 'c']), entry('UID=c')];
  expect(fillOf(entries, 'UID')).toEqual({ filled: 2, several: 1 });
  expect(namingAttribute(entries)).toBe('uid');
  expect(mostFrequent(['x', 'y', 'y'])).toEqual({ value: 'y', count: 2 });
  expect(mostFrequent([])).toBeUndefined();
});

test('a key is there for nearly all, and no two share one', () => {
  const named = (values: readonly string[]) => values.map((value, index) => entry(`cn=${index}`, value === '' ? [] : [value]));
  expect(isKey(named(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', '']), 'uid')).toBe(true);
  expect(isKey(named(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', '', '']), 'uid')).toBe(false);
  expect(isKey(named(['a', 'A']), 'uid')).toBe(false);
});

test.each([
  [0, 10, 'none'],
  [10, 10, 'all'],
  [1, 1000, '1 %'],
  [999, 1000, '99 %'],
  [1, 3, '33 %'],
])('share(%i, %i) is %s', (count, of, text) => {
  expect(share(count, of)).toBe(text);
});
