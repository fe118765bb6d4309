import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ava, type Dn, DnSyntaxError, dnKey, formatDn, formatRdn, isWithin, leafRdn, parseDn } from '../../src/ldap/dn.ts';
import { anyText } from './support/any-text.ts';
import { thrownBy } from './support/thrown-by.ts';

const cn = (value: string | Buffer): Dn => [[{ type: 'cn', value }]];

describe('parseDn reads', () => {
  test.each<[string, Dn]>([
    ['', []],
    ['   ', []],
    ['cn=', cn('')],
    ['cn=Ada', cn('Ada')],
    ['cn=Ada Lovelace', cn('Ada Lovelace')],
    ['2.5.4.3=Ada', [[{ type: '2.5.4.3', value: 'Ada' }]]],
    ['OID.2.5.4.3=Ada', [[{ type: '2.5.4.3', value: 'Ada' }]]],
    ['uid=ada,dc=org', [[{ type: 'uid', value: 'ada' }], [{ type: 'dc', value: 'org' }]]],
    ['uid=ada ; dc=org', [[{ type: 'uid', value: 'ada' }], [{ type: 'dc', value: 'org' }]]],
    [' uid = ada , dc = org ', [[{ type: 'uid', value: 'ada' }], [{ type: 'dc', value: 'org' }]]],
    [
      'cn=Ada + uid=1',
      [
        [
          { type: 'cn', value: 'Ada' },
          { type: 'uid', value: '1' },
        ],
      ],
    ],
    ['cn=a=b#c', cn('a=b#c')],
    [String.raw`cn=\ Ada\ `, cn(' Ada ')],
    [String.raw`cn=\20Ada\20`, cn(' Ada ')],
    [String.raw`cn=Ada\  `, cn('Ada ')],
    [String.raw`cn=Ada\\  `, cn('Ada\\')],
    [String.raw`cn=\,\+\"\\\<\>\;\=\#`, cn(',+"\\<>;=#')],
    [String.raw`cn=\2c\2B\22\5C\3c\3E\3b\3d\23`, cn(',+"\\<>;=#')],
    [String.raw`cn=Lu\C4\8Di\C4\87`, cn('Lučić')],
    [String.raw`cn=\F0\9F\98\80`, cn('😀')],
    [String.raw`cn=a\00b`, cn('a\0b')],
    ['cn=Иван 😀', cn('Иван 😀')],
    ['cn=#04024869', cn(Buffer.from('04024869', 'hex'))],
    ['cn=#04024869 ,dc=org', [[{ type: 'cn', value: Buffer.from('04024869', 'hex') }], [{ type: 'dc', value: 'org' }]]],
    ['cn=" Ada, Countess "', cn(' Ada, Countess ')],
    [String.raw`cn="a\"b\5c" ,dc=org`, [[{ type: 'cn', value: 'a"b\\' }], [{ type: 'dc', value: 'org' }]]],
  ])('%j', (text, dn) => {
    expect(parseDn(text)).toEqual(dn);
  });
});

describe('parseDn refuses', () => {
  test.each([
    ['Ada', 3, 'expected "="'],
    ['=Ada', 0, 'expected an attribute type'],
    ['cn=Ada,', 7, 'expected an attribute type'],
    [',cn=Ada', 0, 'expected an attribute type'],
    ['cn=Ada+', 7, 'expected an attribute type'],
    ['cn=a,,dc=org', 5, 'expected an attribute type'],
    ['cn_x=a', 2, 'expected "="'],
    ['<GUID=6cf3>', 0, 'expected an attribute type'],
    ['cn=a<b', 4, 'expected ","'],
    ['cn=a"b', 4, 'expected ","'],
    ['cn=a\0b', 4, 'expected ","'],
    ['cn="a"b', 6, 'expected ","'],
    ['cn="a', 5, 'closing quote'],
    [String.raw`cn=a\x`, 4, 'must be followed'],
    ['cn=a\\', 4, 'must be followed'],
    [String.raw`cn=\2`, 3, 'must be followed'],
    [String.raw`cn=ab\c3\28`, 5, 'not UTF-8'],
    ['cn=#', 3, 'hexadecimal digits'],
    ['cn=#0', 3, 'hexadecimal digits'],
    ['cn=#04zz', 6, 'expected ","'],
  ])('%j at offset %i', (text, offset, reason) => {
    const error = thrownBy(() => parseDn(text));
    expect(error).toBeInstanceOf(DnSyntaxError);
    expect(error).toMatchObject({ offset, reason: expect.stringContaining(reason) });
  });
});

describe('formatDn escapes as hex pairs', () => {
  test.each([
    [',+"\\<>;=', String.raw`cn=\2c\2b\22\5c\3c\3e\3b\3d`],
    [' Ada ', String.raw`cn=\20Ada\20`],
    ['  ', String.raw`cn=\20\20`],
    [' ', String.raw`cn=\20`],
    ['#1 of #2', String.raw`cn=\231 of #2`],
    ['a\0\n\x7f\u0085b', String.raw`cn=a\00\0a\7f\c2\85b`],
    ['ends in \\', String.raw`cn=ends in \5c`],
    ['Иван 😀', 'cn=Иван 😀'],
    ['', 'cn='],
    [Buffer.from('04024869', 'hex'), 'cn=#04024869'],
  ])('%j', (value, text) => {
    expect(formatDn(cn(value))).toBe(text);
  });

  test('and joins with bare separators', () => {
    expect(formatDn(parseDn(String.raw`cn=Love\, Ada + uid=1 , dc=org`))).toBe(String.raw`cn=Love\2c Ada+uid=1,dc=org`);
    expect(formatRdn(leafRdn('cn=Ada + uid=1,dc=org') ?? [])).toBe('cn=Ada+uid=1');
  });
});

describe('dnKey', () => {
  test.each([
    ['UID=Ada,DC=Example,dc=Org', 'uid=ada,dc=example,dc=org'],
    ['cn=Ada  Lovelace, dc=org', 'cn=ada lovelace,dc=org'],
    ['cn=Ada+uid=1,dc=org', 'UID=1+CN=ADA,dc=org'],
    [String.raw`cn=a\,b`, String.raw`cn=A\2Cb`],
    [String.raw`cn=\20a`, 'cn=a'],
    ['cn=ИВАН', String.raw`cn=\D0\B8\D0\B2\D0\B0\D0\BD`],
    ['cn=#04AB', 'CN=#04ab'],
    ['', '  '],
    ['<GUID=1>', '<GUID=1>'],
  ])('is equal for %j and %j', (one, other) => {
    expect(dnKey(one)).toBe(dnKey(other));
  });

  test.each([
    ['cn=a,cn=b', 'cn=b,cn=a'],
    ['cn=a,dc=org', 'cn=a+dc=org'],
    ['cn=a', String.raw`cn=a\2cdc\3db`],
    [String.raw`cn=a\2bsn\3db`, 'cn=a+sn=b'],
    ['cn=#04ab', String.raw`cn=\2304ab`],
    ['<GUID=1>', '<GUID=2>'],
    ['<GUID=1>', ''],
    ['not a dn', 'cn=not a dn'],
  ])('is different for %j and %j', (one, other) => {
    expect(dnKey(one)).not.toBe(dnKey(other));
  });

  test('takes parsed DNs and texts alike, and any text at all', () => {
    expect(dnKey(parseDn('CN=A+SN=B,dc=org'))).toBe(dnKey('sn=b+cn=a,DC=ORG'));
    fc.assert(fc.property(anyText, (text) => dnKey(text) === dnKey(text)));
  });
});

test.each([
  ['uid=ada,ou=people,dc=org', 'OU=People, DC=Org', true],
  ['ou=people,dc=org', 'ou=people,dc=org', true],
  ['dc=org', 'ou=people,dc=org', false],
  ['uid=ada,ou=morepeople,dc=org', 'ou=people,dc=org', false],
  [String.raw`cn=x\,ou=people,dc=org`, 'ou=people,dc=org', false],
  ['uid=ada,ou=people,dc=com', 'ou=people,dc=org', false],
  ['uid=ada,dc=org', '', true],
  ['<GUID=1>', 'dc=org', false],
  ['<GUID=1>', '<GUID=1>', true],
  ['dc=org', '<GUID=1>', false],
])('isWithin(%j, %j) is %j', (dn, base, within) => {
  expect(isWithin(dn, base)).toBe(within);
});

test('isWithin takes parsed DNs', () => {
  expect(isWithin(parseDn('uid=ada,dc=org'), parseDn('dc=org'))).toBe(true);
});

test('leafRdn is the part that names the entry', () => {
  expect(leafRdn('cn=Ada+uid=1,ou=people,dc=org')).toEqual([
    { type: 'cn', value: 'Ada' },
    { type: 'uid', value: '1' },
  ]);
  expect(leafRdn('')).toBeUndefined();
  expect(() => leafRdn('<GUID=1>')).toThrow(DnSyntaxError);
});

describe('laws', () => {
  const type = fc.constantFrom('cn', 'uid', 'OU', 'x-y9', '2.5.4.3');
  const octets = fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes));
  const ava: fc.Arbitrary<Ava> = fc.record({ type, value: fc.oneof(anyText, octets) });
  const dn = fc.array(fc.array(ava, { minLength: 1, maxLength: 3 }), { maxLength: 4 });

  test('what was formatted is read back', () => {
    fc.assert(
      fc.property(dn, (name) => {
        expect(parseDn(formatDn(name))).toEqual(name);
      }),
    );
  });

  test('a text has as many commas as its DN has joints, so a reader that splits at commas is right', () => {
    fc.assert(fc.property(dn, (name) => formatDn(name).split(',').length === Math.max(name.length, 1)));
  });

  test('every DN is within itself and its parent', () => {
    fc.assert(fc.property(dn, (name) => isWithin(formatDn(name), name) && isWithin(name, name.slice(1))));
  });
});

test.each([
  ['a long value', `cn=${'x'.repeat(1_000)},dc=org`],
  ['many blanks', `cn=a${' '.repeat(100_000)}b`],
  ['many escapes', `cn=${'\\,'.repeat(50_000)}`],
  ['many RDNs', 'cn=a,'.repeat(20_000).slice(0, -1)],
])('%s is read in linear time', { timeout: 2_000 }, (_what, text) => {
  const formatted = formatDn(parseDn(text));
  expect(formatDn(parseDn(formatted))).toBe(formatted);
  expect(isWithin(text, formatted)).toBe(true);
});
