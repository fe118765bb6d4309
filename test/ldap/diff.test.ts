import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Modification } from '../../src/ldap/change.ts';
import { diffValues, octetKey } from '../../src/ldap/diff.ts';
import type { LdapValue } from '../../src/ldap/entry.ts';

const shown = (modifications: readonly Modification[]) => modifications.map(({ operation, values }) => [operation, ...values].join(' '));

describe('diffValues', () => {
  test.each<readonly [current: string, wanted: string, values: readonly string[], replace: readonly string[]]>([
    ['', '', [], []],
    ['a', 'a', [], []],
    ['a b', 'b a', [], ['replace b a']],
    ['', 'a', ['add a'], ['replace a']],
    ['a', '', ['delete a'], ['replace']],
    ['a b', 'b c', ['delete a', 'add c'], ['replace b c']],
    ['a', 'A', ['delete a', 'add A'], ['replace A']],
    ['a b', 'a', ['delete b'], ['replace a']],
  ])('%j to %j', (current, wanted, values, replace) => {
    const words = (text: string) => text.split(' ').filter((word) => word !== '');
    expect(shown(diffValues('title', words(current), words(wanted), 'values'))).toEqual(values);
    expect(shown(diffValues('title', words(current), words(wanted), 'replace'))).toEqual(replace);
  });

  test('bytes are compared as bytes, and are no text', () => {
    const jpeg = (last: number): LdapValue => Buffer.from([0xff, 0xd8, last]);
    expect(diffValues('photo', [jpeg(1)], [jpeg(1)], 'values')).toEqual([]);
    expect(diffValues('photo', [jpeg(1)], [jpeg(2)], 'values').map(({ operation }) => operation)).toEqual(['delete', 'add']);
    expect(octetKey(Buffer.from('a'))).not.toBe(octetKey('a'));
    expect(octetKey('bYQ==')).not.toBe(octetKey(Buffer.from('a')));
  });

  test('carried out, it yields what is wanted, and nothing is left to do', () => {
    const values = fc.uniqueArray(fc.constantFrom('a', 'A', 'b', 'c', 'd'));
    fc.assert(
      fc.property(values, values, fc.constantFrom('values', 'replace'), (current, wanted, style) => {
        const after = diffValues('title', current, wanted, style).reduce<readonly LdapValue[]>((present, { operation, values: named }) => {
          if (operation === 'replace') return named;
          if (operation === 'add') return [...present, ...named];
          expect(present).toEqual(expect.arrayContaining([...named]));
          return present.filter((value) => !named.includes(value));
        }, current);
        expect(after.toSorted()).toEqual(wanted.toSorted());
        expect(diffValues('title', after, wanted, 'values')).toEqual([]);
      }),
    );
  });

  test('takes linear time', () => {
    const names = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    const [deleted, added] = diffValues('member', names(50_000, 'a'), names(50_000, 'b'), 'values');
    expect([deleted?.values.length, added?.values.length]).toEqual([50_000, 50_000]);
  });
});
