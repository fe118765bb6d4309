import { describe, expect, test } from 'vitest';
import type { LdapAttributeType } from '../../src/ldap/schema.ts';
import { syntaxProblem } from '../../src/ldap/syntaxes.ts';
import { processorTime } from '../support/processor-time.ts';

const typed = (syntax: string | undefined): LdapAttributeType => ({
  oid: '1',
  names: ['x'],
  singleValue: false,
  noUserModification: false,
  isOperational: false,
  ...(syntax === undefined ? {} : { syntax: `1.3.6.1.4.1.1466.115.121.1.${syntax}` }),
});

describe('syntaxProblem', () => {
  test.each([
    ['directory string', '15', ['Zoë', ' ', '😀'], [], ''],
    ['IA5 string', '26', ['a@x.example', '\t'], ['zoë@x.example'], 'holds characters outside ASCII, which the directory cannot store here'],
    ['boolean', '7', ['TRUE', 'FALSE'], ['true', 'yes'], 'takes TRUE or FALSE'],
    ['integer', '27', ['0', '-7', '12345678901234567890'], ['007', '1.5', '+1', '-'], 'takes a whole number'],
    ['numeric string', '36', ['12 34'], ['12a', '1-2'], 'takes digits and blanks only'],
    ['printable string', '44', ["A-z 0'(),./:?+="], ['a@b', 'ä', '#'], 'holds characters that the directory cannot store here'],
    [
      'telephone number',
      '50',
      ['+49 (30) 1-2', 'ext. 12'],
      ['ext. 1234 #5', '1*2'],
      'holds characters that a telephone number cannot have in the directory',
    ],
    [
      'fax number',
      '22',
      ['+49 30 1', '+49 30 1$twoDimensional'],
      ['$x', '1#2'],
      'holds characters that a fax number cannot have in the directory',
    ],
    ['country', '11', ['DE', 'us'], ['DEU', 'D', 'D1'], 'takes a country code of two letters'],
    ['a syntax without a rule', '12', ['no DN'], [], ''],
  ])('%s', (_name, syntax, good, bad, problem) => {
    for (const value of good) expect(syntaxProblem(typed(syntax), value)).toBeUndefined();
    for (const value of bad) expect(syntaxProblem(typed(syntax), value)).toBe(problem);
  });

  test.each([typed('15'), typed(undefined), undefined])('what holds for all: %o', (type) => {
    expect(syntaxProblem(type, '')).toBe('an empty text cannot be stored');
    expect(syntaxProblem(type, 'a\0b')).toBe('holds a NUL character, which the directory cannot store');
    expect(syntaxProblem(type, 'a')).toBeUndefined();
  });

  test('long values are judged in linear time', () => {
    const start = processorTime();
    for (const syntax of ['26', '27', '36', '44', '50', '22']) syntaxProblem(typed(syntax), `${'1 '.repeat(200_000)}#`);
    expect(processorTime() - start).toBeLessThan(500);
  });
});
