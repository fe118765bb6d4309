import { describe, expect, test } from 'vitest';
import { parsePipe } from '../../src/mapping/parse-pipe.ts';
import { PhraseError } from '../../src/mapping/phrase-error.ts';
import { runPipe } from '../../src/mapping/transforms.ts';
import { thrownBy } from '../ldap/support/thrown-by.ts';

describe('parsePipe', () => {
  test.each([
    ['after "\\""', 'a"b', 'b'],
    ['after "\\\\"', 'a\\b', 'b'],
    ['after "|"', 'a|b', 'b'],
    ['after "\\n"', 'a\nb', 'b'],
    ['after "\\d"', 'a\\db', 'b'],
    ['  before   "@"|after"a"  ', 'cab@d', 'b'],
  ])('%s of %j is %j', (pipe, text, result) => {
    expect(runPipe(text, parsePipe(pipe, 'generated'))).toEqual([result]);
  });

  test.each([
    ['', 10, 1, 'a transform is missing'],
    ['| lowercase', 10, 1, 'a transform is missing'],
    ['lowercase | | trim', 22, 1, 'a transform is missing'],
    ['lower', 10, 5, 'there is no transform "lower"'],
    ['constructor', 10, 11, 'there is no transform "constructor"'],
    ['before @', 17, 1, 'a text in double quotes belongs here'],
    ['before "@', 17, 2, 'a text in double quotes belongs here'],
    ['before "" | trim', 17, 3, 'a text in double quotes belongs here'],
    ['truncate "5"', 19, 3, 'a number belongs here'],
    ['truncate -1', 19, 2, 'a number belongs here'],
    ['truncate 0', 10, 10, 'nothing would be left'],
    ['trim lowercase', 15, 9, '"|" stands between two transforms'],
    ['replace "a"', 21, 1, 'a text in double quotes belongs here, perhaps an empty one'],
    ['replace "(a|b)*c" ""', 10, 20, 'not a pattern that takes no time: "(" does not belong here'],
    ['split ";" | split ","', 22, 9, 'a value is split once only'],
  ])('%s is none', (pipe, offset, length, reason) => {
    const error = thrownBy(() => parsePipe(pipe, 'generated', 10));
    expect(error).toBeInstanceOf(PhraseError);
    expect(error).toMatchObject({ offset, length, reason });
  });

  test('only steps with a way back stand under attributes', () => {
    for (const pipe of ['before "@"', 'after "@"', 'ascii', 'truncate 5', 'replace "a" ""']) {
      expect(() => parsePipe(pipe, 'attributes')).toThrow(/can't be undone/);
      expect(() => parsePipe(`trim | ${pipe}`, 'generated')).not.toThrow();
    }
  });
});
