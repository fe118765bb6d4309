import { describe, expect, test } from 'vitest';
import { PatternError, parseLinearPattern } from '../../src/mapping/linear-pattern.ts';
import { thrownBy } from '../ldap/support/thrown-by.ts';

describe('parseLinearPattern', () => {
  test.each([
    'a',
    '[^a-z0-9]+',
    '\\d{3}-',
    'ab+',
    'a|b+|c{2,}',
    '^0+',
    '^a$',
    'x$',
    '\\.',
    '[\\]\\-^]',
    'é',
    '\\s',
    '.',
    'a{2}b?',
    'c{1,3}',
  ])('%s', (text) => {
    expect(parseLinearPattern(text)).toEqual(new RegExp(text, 'gu'));
  });

  test.each([
    ['', 0, 'it would match an empty text'],
    ['a*', 2, 'it would match an empty text'],
    ['a|', 2, 'it would match an empty text'],
    ['^$', 1, 'it would match an empty text'],
    ['a{0}', 4, 'it would match an empty text'],
    ['a{0,5}', 6, 'it would match an empty text'],
    ['a+b', 1, 'nothing may follow a repetition: it could be tried again and again'],
    ['a+$', 1, 'nothing may follow a repetition: it could be tried again and again'],
    ['a{1,2}b', 1, 'nothing may follow a repetition: it could be tried again and again'],
    ['a+?', 1, 'nothing may follow a repetition: it could be tried again and again'],
    ['(a+)+', 0, '"(" does not belong here'],
    ['(?=a)', 0, '"(" does not belong here'],
    ['a{2}+', 4, '"+" does not belong here'],
    ['\\1', 0, '"\\\\" does not belong here'],
    ['\\bx', 0, '"\\\\" does not belong here'],
    ['[a', 0, '"[" does not belong here'],
    ['a{200}b', 7, 'it demands more than 200 characters'],
    ['[z-a]', 0, 'a class or a repetition in it is the wrong way round'],
    ['a{3,1}', 0, 'a class or a repetition in it is the wrong way round'],
  ])('%s is none', (text, offset, reason) => {
    const error = thrownBy(() => parseLinearPattern(text));
    expect(error).toBeInstanceOf(PatternError);
    expect(error).toMatchObject({ offset, reason });
  });

  /** With a step that is tried again at every place, each of these would go on for an hour. */
  test.each(['[ab]{20}c', 'aab+', '[^c]+', 'a{2}b?', 'a{50}b|a{40}c|a+'])('a text of a million characters is nothing to %s', (text) => {
    expect('a'.repeat(1_000_000).replaceAll(parseLinearPattern(text), '').length).toBeLessThanOrEqual(1_000_000);
  });
});
