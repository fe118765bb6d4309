import { describe, expect, test } from 'vitest';
import { assumeFacts } from '../../src/explain/assumed-directory.ts';
import { carryOut, refuseClassViolation } from '../../src/ldap/carry-out.ts';
import type { Modification } from '../../src/ldap/change.ts';
import { type Entry, makeEntry } from '../../src/ldap/entry.ts';
import { formatEntry } from '../../src/ldap/format-ldif.ts';
import { parseLdif } from '../../src/ldap/parse-ldif.ts';

const { schema } = assumeFacts();

const DN = 'uid=ada,dc=example,dc=org';
const ada = entry(`dn: ${DN}
objectClass: inetOrgPerson
uid: ada
cn: Ada
sn: Lovelace
mail: ada@example.org
mail: countess@example.org
facsimileTelephoneNumber: 1
`);

function entry(ldif: string): Entry {
  const [record] = parseLdif(ldif);
  if (record?.kind !== 'entry') throw new Error('no entry');
  return makeEntry(record.dn, record.attributes);
}

function modified(modifications: readonly Modification[], permissive = false): string {
  const after = carryOut(ada, { kind: 'modify', dn: DN, modifications, permissive }, schema);
  if (after === undefined) throw new Error('no entry is left');
  refuseClassViolation(ada, after, schema);
  return formatEntry(after);
}

const add = (attribute: string, ...values: string[]): Modification => ({ operation: 'add', attribute, values });
const remove = (attribute: string, ...values: string[]): Modification => ({ operation: 'delete', attribute, values });
const replace = (attribute: string, ...values: string[]): Modification => ({ operation: 'replace', attribute, values });

describe('a modify', () => {
  test('adds, deletes and replaces values in the order that it says', () => {
    expect(
      modified([remove('mail', 'ADA@example.org'), add('mail', 'new@example.org'), replace('title', 'x'), remove('sn'), add('sn', 'King')]),
    ).toBe(`dn: ${DN}
objectclass: inetOrgPerson
uid: ada
cn: Ada
mail: countess@example.org
mail: new@example.org
facsimiletelephonenumber: 1
title: x
sn: King
`);
  });

  test('adds what is there when that is allowed', () => {
    expect(modified([add('mail', 'ADA@example.org', 'b@example.org')], true)).toContain('mail: b@example.org');
  });

  test.each([
    [16, 'a value that is not there', [remove('mail', 'x@example.org')]],
    [16, 'an attribute that is not there', [remove('title')]],
    [20, 'a value that is there, in another spelling', [add('mail', 'ADA@example.org')]],
    [20, 'a value twice', [replace('title', 'a', 'A')]],
    [19, 'two values of a single-valued attribute', [replace('displayName', 'a', 'b')]],
    [19, 'what only the server writes', [replace('entryUUID', '00000000-0000-4000-8000-000000000001')]],
    [18, 'single values without an equality rule', [remove('facsimileTelephoneNumber', '1')]],
    [21, 'a value that the syntax forbids', [replace('mail', 'ü@example.org')]],
    [64, 'the value that names the entry', [replace('uid', 'x')]],
    [65, 'what a class demands', [remove('sn')]],
    [65, 'what no class allows', [replace('uidNumber', '1')]],
  ] as const)('is refused with %i: %s', (code, _what, modifications) => {
    expect(() => modified(modifications)).toThrow(expect.objectContaining({ name: 'ChangeRefused', code }));
  });
});

test('a rename exchanges the value of the RDN, and moves', () => {
  const change = { kind: 'rename', dn: DN, newRdn: 'uid=countess', newSuperior: 'ou=x,dc=example,dc=org' } as const;
  const after = carryOut(ada, change, schema);
  expect([after?.dn, after?.attributes.get('uid')]).toEqual(['uid=countess,ou=x,dc=example,dc=org', ['countess']]);
});

test('an assertion that does not hold refuses everything', () => {
  const assertion = { kind: 'equality', attribute: 'cn', value: 'Bob' } as const;
  expect(() => carryOut(ada, { kind: 'delete', dn: DN, assertion }, schema)).toThrow(expect.objectContaining({ code: 122 }));
  expect(carryOut(ada, { kind: 'delete', dn: DN, assertion: { ...assertion, value: 'ADA' } }, schema)).toBeUndefined();
});

test('what is there cannot be added, and what is not there cannot be changed', () => {
  expect(() => carryOut(ada, { kind: 'add', dn: DN, attributes: [] }, schema)).toThrow(expect.objectContaining({ code: 68 }));
  expect(() => carryOut(undefined, { kind: 'delete', dn: DN }, schema)).toThrow(expect.objectContaining({ code: 32 }));
});

test('a new entry needs all that its classes demand', () => {
  const bare = entry(`dn: ${DN}\nobjectClass: person\ncn: Ada\n`);
  expect(() => refuseClassViolation(undefined, bare, schema)).toThrow("object class 'person' requires attribute 'sn'");
});
