import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatGuid, parseGuid } from '../../src/ldap/guid.ts';

// As Samba returned it, and as ldbsearch prints it.
const STORED = Buffer.from('1jspYE5iLEOTj+Q5mWruaA==', 'base64');
const PRINTED = '60293bd6-624e-432c-938f-e439996aee68';

it('reads and writes the byte order of Active Directory', () => {
  expect(formatGuid(STORED)).toBe(PRINTED);
  expect(parseGuid(PRINTED)).toEqual(STORED);
  expect(parseGuid(PRINTED.toUpperCase())).toEqual(STORED);
});

it('takes nothing else', () => {
  expect(formatGuid(STORED.subarray(1))).toBeUndefined();
  for (const text of ['', '*', `{${PRINTED}}`, PRINTED.replaceAll('-', ''), `${PRINTED}0`, PRINTED.replace('6', 'g')]) {
    expect(parseGuid(text)).toBeUndefined();
  }
});

it('loses nothing on the way there and back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      expect(parseGuid(formatGuid(Buffer.from(bytes)) ?? '')).toEqual(Buffer.from(bytes));
    }),
  );
});
