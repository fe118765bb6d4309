import { expect, it } from 'vitest';
import { parseLdapSchema } from '../../src/ldap/schema.ts';
import { syntaxProblem } from '../../src/ldap/syntaxes.ts';
import { withLengthLimits } from '../../src/ldap/with-length-limits.ts';

const DIRECTORY_STRING = '1.3.6.1.4.1.1466.115.121.1.15';
const plain = parseLdapSchema(
  [`( 2.5.4.12 NAME 'title' SYNTAX ${DIRECTORY_STRING}{4} )`, `( 2.5.4.3 NAME ( 'cn' 'commonName' ) SYNTAX ${DIRECTORY_STRING} )`],
  [],
);
const limited = withLengthLimits(plain, new Map([['title', 3]]));

it('refuses what is longer than the server takes, and names the limit', () => {
  expect(syntaxProblem(limited.attributeType('TITLE;lang-de'), 'abcd')).toBe(
    'is longer than the 3 characters that the directory takes here',
  );
  expect(syntaxProblem(limited.attributeType('2.5.4.12'), 'abc')).toBeUndefined();
});

it('says nothing where only the length is known that a server has to take at least', () => {
  expect(syntaxProblem(plain.attributeType('title'), 'abcdefgh')).toBeUndefined();
  expect(syntaxProblem(limited.attributeType('commonName'), 'abcdefgh')).toBeUndefined();
  expect(limited.attributeTypes).toHaveLength(2);
});
