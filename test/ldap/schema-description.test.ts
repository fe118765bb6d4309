import { expect, test } from 'vitest';
import { parseSchemaDescription } from '../../src/ldap/schema-description.ts';

test.each<[string, string, string, Readonly<Record<string, readonly string[]>>]>([
  ['nothing but an OID', '( 1.2.3 )', '1.2.3', {}],
  ['no blanks', "(1.2.3 NAME('a' 'b')MUST(cn$sn)SINGLE-VALUE)", '1.2.3', { NAME: ['a', 'b'], MUST: ['cn', 'sn'], 'SINGLE-VALUE': [] }],
  ['line breaks', "(\n 1.2.3\n\tNAME 'a'\n)\n", '1.2.3', { NAME: ['a'] }],
  ['a name in place of an OID', "( uid-oid NAME 'uid' )", 'uid-oid', { NAME: ['uid'] }],
  ['names without quotes', '( 1.2.3 NAME a SUP ( b $ c ) )', '1.2.3', { NAME: ['a'], SUP: ['b', 'c'] }],
  ['an empty list', '( 1.2.3 NAME ( ) MAY () )', '1.2.3', { NAME: [], MAY: [] }],
  ['parentheses and dollars in quotes', "( 1.2.3 DESC 'a ) ( $ b' OBSOLETE )", '1.2.3', { DESC: ['a ) ( $ b'], OBSOLETE: [] }],
  ['escapes in quotes', String.raw`( 1.2.3 DESC 'the user\27s C:\5Cx' )`, '1.2.3', { DESC: ["the user's C:\\x"] }],
  ['a quote as it is', "( 1.2.3 DESC 'the user's name' NAME 'a' )", '1.2.3', { DESC: ["the user's name"], NAME: ['a'] }],
  ['an empty DESC', "( 1.2.3 DESC '' NAME 'a' )", '1.2.3', { DESC: [''], NAME: ['a'] }],
  [
    'extensions',
    "( 1.2.3 X-ORIGIN ( 'RFC 4519' 'user defined' ) X-ORDERED 'VALUES' )",
    '1.2.3',
    { 'X-ORIGIN': ['RFC 4519', 'user defined'], 'X-ORDERED': ['VALUES'] },
  ],
  ['keywords in lower case', "( 1.2.3 name 'a' single-value )", '1.2.3', { NAME: ['a'], 'SINGLE-VALUE': [] }],
])('%s', (_what, text, oid, fields) => {
  expect(parseSchemaDescription(text)).toEqual({ oid, fields: new Map(Object.entries(fields)) });
});

test.each([
  ['', 'an empty text'],
  ['1.2.3', 'no parenthesis'],
  ['( )', 'no OID'],
  ["( 1.2.3 NAME 'a'", 'no end'],
  ["( 1.2.3 NAME 'a )", 'an open quote'],
  ["( 1.2.3 NAME ( 'a'", 'an open list'],
  ["( 1.2.3 NAME ( 'a' ( 'b' ) ) )", 'a list in a list'],
  ["( 1.2.3 'a' )", 'a word without keyword'],
  ['( 1.2.3 NAME )', 'a keyword without word'],
  [`( 1.2.3 NAME '${'a'.repeat(100_000)}`, 'a long open quote'],
])('%.40j is not understood: %s', (text) => {
  expect(parseSchemaDescription(text)).toBeUndefined();
});
