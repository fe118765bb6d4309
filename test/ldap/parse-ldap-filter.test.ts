import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVERYTHING, type LdapFilter, NOTHING } from '../../src/ldap/filter.ts';
import { formatLdapFilter } from '../../src/ldap/format-ldap-filter.ts';
import { FilterSyntaxError, parseLdapFilter } from '../../src/ldap/parse-ldap-filter.ts';
import { anyOctets, anyText } from './support/any-text.ts';
import { thrownBy } from './support/thrown-by.ts';

const equality = (attribute: string, value: string | Buffer): LdapFilter => ({ kind: 'equality', attribute, value });
const nested = (depth: number): string => `${'(!'.repeat(depth - 1)}(a=b)${')'.repeat(depth - 1)}`;

describe('a filter that is printed as it was read', () => {
  test.each<[string, LdapFilter]>([
    ['(&)', EVERYTHING],
    ['(|)', NOTHING],
    ['(cn=Babs Jensen)', equality('cn', 'Babs Jensen')],
    ['(!(cn=Tim Howes))', { kind: 'not', filter: equality('cn', 'Tim Howes') }],
    [
      '(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))',
      {
        kind: 'and',
        filters: [
          equality('objectClass', 'Person'),
          { kind: 'or', filters: [equality('sn', 'Jensen'), { kind: 'substring', attribute: 'cn', initial: 'Babs J', any: [] }] },
        ],
      },
    ],
    ['(o=univ*of*mich*)', { kind: 'substring', attribute: 'o', initial: 'univ', any: ['of', 'mich'] }],
    ['(o=*a*b)', { kind: 'substring', attribute: 'o', any: ['a'], final: 'b' }],
    ['(seeAlso=)', equality('seeAlso', '')],
    ['(cn=*)', { kind: 'present', attribute: 'cn' }],
    ['(age>=5)', { kind: 'greaterOrEqual', attribute: 'age', value: '5' }],
    ['(age<=5)', { kind: 'lessOrEqual', attribute: 'age', value: '5' }],
    ['(cn~=Jon)', { kind: 'approximate', attribute: 'cn', value: 'Jon' }],
    ['(cn;lang-de=x)', equality('cn;lang-de', 'x')],
    ['(2.5.4.3;x-a;binary=x)', equality('2.5.4.3;x-a;binary', 'x')],
    [
      '(cn:caseExactMatch:=Fred Flintstone)',
      { kind: 'extensible', attribute: 'cn', matchingRule: 'caseExactMatch', dnAttributes: false, value: 'Fred Flintstone' },
    ],
    ['(cn:=Betty)', { kind: 'extensible', attribute: 'cn', dnAttributes: false, value: 'Betty' }],
    ['(sn:dn:2.4.6.8.10:=x)', { kind: 'extensible', attribute: 'sn', matchingRule: '2.4.6.8.10', dnAttributes: true, value: 'x' }],
    ['(o:dn:=Ace)', { kind: 'extensible', attribute: 'o', dnAttributes: true, value: 'Ace' }],
    ['(:1.2.3:=Wilma)', { kind: 'extensible', matchingRule: '1.2.3', dnAttributes: false, value: 'Wilma' }],
    ['(:dn:2.4.6.8.10:=Dino)', { kind: 'extensible', matchingRule: '2.4.6.8.10', dnAttributes: true, value: 'Dino' }],
    [
      '(userAccountControl:1.2.840.113556.1.4.803:=2)',
      { kind: 'extensible', attribute: 'userAccountControl', matchingRule: '1.2.840.113556.1.4.803', dnAttributes: false, value: '2' },
    ],
    [String.raw`(o=Parens R Us \28for all your parenthetical needs\29)`, equality('o', 'Parens R Us (for all your parenthetical needs)')],
    [String.raw`(cn=*\2a*)`, { kind: 'substring', attribute: 'cn', any: ['*'] }],
    [String.raw`(filename=C:\5cMyFile)`, equality('filename', 'C:\\MyFile')],
    [String.raw`(bin=\00\00\00\04)`, equality('bin', '\0\0\0\x04')],
    [String.raw`(objectGUID=\ff\00\41)`, equality('objectGUID', Buffer.from('ff0041', 'hex'))],
    [String.raw`(cn=two\0alines\7f)`, equality('cn', 'two\nlines\x7f')],
    ['(cn= Иван 😀 =<>~!&| )', equality('cn', ' Иван 😀 =<>~!&| ')],
  ])('%s', (text, filter) => {
    expect(parseLdapFilter(text)).toEqual(filter);
    expect(formatLdapFilter(filter)).toBe(text);
  });
});

describe('a filter that is read as', () => {
  test.each([
    [String.raw`(sn=Lu\c4\8di\c4\87)`, '(sn=Lučić)'],
    [String.raw`(sn=Lučić\2A\28)`, String.raw`(sn=Lučić\2a\28)`],
    ['(cn=**)', '(cn=*)'],
    ['(cn=a**b)', '(cn=a*b)'],
    ['(cn:DN:=x)', '(cn:dn:=x)'],
    [' ( & \n (a=b)\n  ( ! (c=d ) ) \n) ', '(&(a=b)(!(c=d )))'],
    [nested(100), nested(100)],
  ])('%j', (text, expected) => {
    expect(formatLdapFilter(parseLdapFilter(text))).toBe(expected);
  });
});

describe('parseLdapFilter refuses', () => {
  test.each([
    ['', 0, 'expected "("'],
    ['cn=Ada', 0, 'expected "("'],
    ['()', 1, 'expected an attribute'],
    ['(cn)', 3, 'expected "=", ">="'],
    ['(cn=Ada', 7, 'expected ")"'],
    ['(cn=Ada))', 8, 'expected the end'],
    ['(cn=Ada)(sn=x)', 8, 'expected the end'],
    ['(cn=a(b)', 5, 'expected ")"'],
    ['(cn=a\0b)', 5, 'expected ")"'],
    ['(cn>=a*)', 6, 'expected ")"'],
    ['(cn:=a*)', 6, 'expected ")"'],
    ['(cn =Ada)', 3, 'expected "=", ">="'],
    ['(c_n=Ada)', 2, 'expected "=", ">="'],
    ['(=Ada)', 1, 'expected an attribute'],
    ['(:=Ada)', 1, 'an attribute or a matching rule'],
    ['(:dn:=Ada)', 1, 'an attribute or a matching rule'],
    ['(cn:dn:rule=Ada)', 3, 'expected "=", ">="'],
    ['(!)', 2, 'expected "("'],
    ['(!(a=b)(c=d))', 7, 'expected ")"'],
    ['(&(a=b)c=d)', 7, 'expected ")"'],
    [String.raw`(cn=a\2)`, 5, 'two hexadecimal digits'],
    [String.raw`(cn=a\zz)`, 5, 'two hexadecimal digits'],
    [String.raw`(cn=a*\ff)`, 4, 'must be UTF-8'],
    [nested(101), 200, 'more than 100'],
    ['(&'.repeat(100_000), 200, 'more than 100'],
  ])('%.40j at offset %i', (text, offset, reason) => {
    const error = thrownBy(() => parseLdapFilter(text));
    expect(error).toBeInstanceOf(FilterSyntaxError);
    expect(error).toMatchObject({ offset, reason: expect.stringContaining(reason) });
  });
});

test('what was formatted is read back', () => {
  const attribute = fc.constantFrom('cn', 'objectClass', '2.5.4.3', 'cn;lang-de', 'x-y');
  const matchingRule = fc.constantFrom('caseExactMatch', '2.5.13.5');
  const piece = anyText.filter((value) => value !== '');
  const value = fc.oneof(anyText, anyOctets);
  const item: fc.Arbitrary<LdapFilter> = fc.oneof(
    fc.record({ kind: fc.constantFrom('equality', 'greaterOrEqual', 'lessOrEqual', 'approximate'), attribute, value }),
    fc.record({ kind: fc.constant('present'), attribute }),
    fc
      .record(
        { kind: fc.constant('substring'), attribute, initial: piece, any: fc.array(piece), final: piece },
        { requiredKeys: ['kind', 'attribute', 'any'] },
      )
      .filter(({ initial, any, final }) => initial !== undefined || any.length > 0 || final !== undefined),
    fc.record({ kind: fc.constant('extensible'), attribute, dnAttributes: fc.boolean(), value }),
    fc.record({ kind: fc.constant('extensible'), matchingRule, dnAttributes: fc.boolean(), value }),
    fc.record({ kind: fc.constant('extensible'), attribute, matchingRule, dnAttributes: fc.boolean(), value }),
  );
  const { filter } = fc.letrec<{ filter: LdapFilter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 5 },
      item,
      fc.record({ kind: fc.constantFrom('and', 'or'), filters: fc.array(tie('filter'), { maxLength: 4 }) }),
      fc.record({ kind: fc.constant('not'), filter: tie('filter') }),
    ),
  }));
  fc.assert(
    fc.property(filter, (original) => {
      expect(parseLdapFilter(formatLdapFilter(original))).toEqual(original);
    }),
  );
});
