import { describe, expect, test } from 'vitest';
import { assumeFacts } from '../../src/explain/assumed-directory.ts';
import { makeEntry } from '../../src/ldap/entry.ts';
import { evaluateLdapFilter } from '../../src/ldap/evaluate-ldap-filter.ts';
import { parseLdapFilter } from '../../src/ldap/parse-ldap-filter.ts';
import { parseLdapSchema } from '../../src/ldap/schema.ts';
import { directorySchema } from '../mapping/support/directory-schema.ts';

const ada = makeEntry('uid=ada,dc=example,dc=org', [
  { name: 'cn', values: ['Ada  Lovelace'] },
  { name: 'mail', values: ['ada@example.org'] },
  { name: 'telephoneNumber', values: ['+1 555-0100'] },
  { name: 'manager', values: ['uid=bob,dc=example,dc=org'] },
  { name: 'uidNumber', values: ['1000'] },
  { name: 'createTimestamp', values: ['20260101000000Z'] },
]);

function evaluate(filter: string, schema = assumeFacts().schema) {
  return evaluateLdapFilter(parseLdapFilter(filter), ada, schema);
}

describe('values are compared by the rules of their attributes', () => {
  test.each([
    ['(cn=ada lovelace)', true],
    ['(cn=ada*lace)', true],
    ['(cn=*d*love*)', true],
    ['(cn=ada lovelace*lovelace)', false],
    ['(cn=*)', true],
    ['(title=*)', false],
    ['(mail~=ADA@example.org)', true],
    ['(telephoneNumber=+15550100)', true],
    ['(manager=UID=Bob, DC=example, DC=org)', true],
    ['(uidNumber=01000)', true],
    ['(uidNumber>=999)', true],
    ['(uidNumber<=999)', false],
    ['(createTimestamp>=20250101000000Z)', true],
    ['(uidNumber:1.2.840.113556.1.4.803:=8)', true],
    ['(uidNumber:1.2.840.113556.1.4.803:=3)', false],
    ['(cn:caseExactMatch:=ada lovelace)', false],
    ['(cn:caseExactMatch:=Ada Lovelace)', true],
  ] as const)('%s: %s', (filter, truth) => {
    expect(evaluate(filter)).toBe(truth);
  });
});

describe('undefined stays undefined when negated, and is nobody (RFC 4511 §4.5.1.7)', () => {
  test.each(['(unheardOf=x)', '(!(unheardOf=x))', '(unheardOf=*)', '(cn>=a)', '(cn:noSuchMatch:=x)', '(&(cn=*)(unheardOf=x))'])(
    '%s',
    (filter) => {
      expect(evaluate(filter, directorySchema)).toBeUndefined();
    },
  );

  test('unless the rest decides', () => {
    expect(evaluate('(&(cn=x)(unheardOf=x))', directorySchema)).toBe(false);
    expect(evaluate('(|(cn=*)(unheardOf=x))', directorySchema)).toBe(true);
  });

  test('an attribute without the rule that is needed', () => {
    const schema = parseLdapSchema(["( 1.1 NAME 'cn' )", "( 1.2 NAME 'x' EQUALITY caseIgnoreMatch )"], []);
    expect([evaluate('(cn=x)', schema), evaluate('(cn=x*)', schema)]).toEqual([undefined, undefined]);
  });
});
