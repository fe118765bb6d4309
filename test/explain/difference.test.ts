import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differenceOf, missingIn } from '../../src/explain/difference.ts';

describe('the difference of two texts', () => {
  test('keeps what they have in common', () => {
    expect(differenceOf(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])).toEqual(['  a', '- b', '+ x', '  c', '+ d']);
    expect(differenceOf([], ['a'])).toEqual(['+ a']);
  });

  test('holds both of them', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });
    fc.assert(
      fc.property(lines, lines, (first, second) => {
        const difference = differenceOf(first, second);
        const without = (sign: string) => difference.filter((line) => !line.startsWith(sign)).map((line) => line.slice(2));
        expect([without('+'), without('-')]).toEqual([first, second]);
      }),
    );
  });
});

describe('what is missing in an answer', () => {
  test.each([
    [{ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ c: 2 }] }, undefined],
    [{ a: 1 }, { a: 2 }, 'a is 1, not 2'],
    [{ a: { b: [1] } }, { a: { b: [1, 2] } }, 'a.b is [1], not [1,2]'],
    [{ a: [{ b: 'x' }] }, { a: [{ b: 'y' }] }, 'a[0].b is "x", not "y"'],
    [undefined, { a: 1 }, 'the body is nothing, not {"a":1}'],
    [{ a: null }, { a: {} }, 'a is null, not {}'],
  ])('of %j against %j: %j', (actual, expected, missing) => {
    expect(missingIn(actual, expected)).toBe(missing);
  });
});
