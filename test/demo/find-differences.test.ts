import { expect, test } from 'vitest';
import { findDifferences } from '../../src/cli/demo/find-differences.ts';

test.each([
  ['the same', { a: 1, b: ['x', { c: true }] }, { a: 1, b: ['x', { c: true }] }, []],
  ['more than expected', { a: 1 }, { a: 1, b: 2 }, []],
  ['nothing where nothing may be', { a: null }, {}, []],
  ['an empty list', { a: [] }, { a: [] }, []],
  ['another value', { a: { b: 1 } }, { a: { b: 2 } }, ['it.a.b: expected 1, found 2']],
  ['another type', { a: true }, { a: 'True' }, ['it.a: expected true, found "True"']],
  ['something where nothing may be', { a: null }, { a: 'x' }, ['it.a: expected nothing, found "x"']],
  ['null where nothing may be', { a: null }, { a: null }, ['it.a: expected nothing, found null']],
  ['nothing', { a: { b: 1 } }, {}, ['it.a: expected {"b":1}, found nothing']],
  ['an element too many', { a: [1] }, { a: [1, 2] }, ['it.a: expected [1], found [1,2]']],
  ['an element', { a: [{ b: 1, c: 1 }] }, { a: [{ b: 2, c: 2 }] }, ['it.a[0].b: expected 1, found 2', 'it.a[0].c: expected 1, found 2']],
])('%s', (_, expected, found, differences) => {
  expect(findDifferences('it', expected, found)).toEqual(differences);
});
