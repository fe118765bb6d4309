import { describe, expect, it } from 'vitest';
import type { DirectoryErrorKind } from '../../src/directory/directory-error.ts';
import { directoryErrorKind, resultError } from '../../src/directory/result-codes.ts';

const SPECIAL: ReadonlyMap<number, DirectoryErrorKind> = new Map([
  [3, 'tooLarge'],
  [4, 'tooLarge'],
  [7, 'credentials'],
  [8, 'credentials'],
  [10, 'referral'],
  [11, 'tooLarge'],
  [13, 'credentials'],
  [14, 'credentials'],
  [48, 'credentials'],
  [49, 'credentials'],
  [51, 'unavailable'],
  [52, 'unavailable'],
]);

describe('directoryErrorKind', () => {
  it('knows every code', () => {
    for (let code = 1; code < 300; code += 1) expect([code, directoryErrorKind(code, '')]).toEqual([code, SPECIAL.get(code) ?? 'refused']);
  });

  it.each([
    ['operation restricted', 'unavailable'],
    ['shadow context; no update referral', 'unavailable'],
    ['Server is read-only', 'unavailable'],
    ['no global superior knowledge', 'refused'],
    ['0000052D: SvcErr: problem 5003 (WILL_NOT_PERFORM)', 'refused'],
  ])('takes unwillingToPerform with "%s" for %s', (serverText, kind) => {
    expect(directoryErrorKind(53, serverText)).toBe(kind);
  });
});

describe('resultError', () => {
  it('names codes that have a name, and no others', () => {
    const message = (code: number) => resultError('add', { code, serverText: 'uid=anna' }, 'uid=anna').message;

    expect(message(68)).toBe('the directory answered the add with result 68 (entryAlreadyExists)');
    expect(message(4242)).toBe('the directory answered the add with result 4242');
  });
});
