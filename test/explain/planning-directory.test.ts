import { describe, expect, test } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import { givenDirectory } from '../../src/explain/given-directory.ts';
import { readGivenEntries } from '../../src/explain/given-entries.ts';
import { MadeUp } from '../../src/explain/made-up.ts';
import { planningDirectory } from '../../src/explain/planning-directory.ts';
import type { Change } from '../../src/ldap/change.ts';
import { EVERYTHING } from '../../src/ldap/filter.ts';
import { parseLdapFilter } from '../../src/ldap/parse-ldap-filter.ts';

const BASE = 'ou=people,dc=example,dc=org';
const ADA = `uid=ada,${BASE}`;

const LDIF = `dn: ${ADA}
entryUUID: {id:ada}
objectClass: inetOrgPerson
uid: ada
cn: Ada
sn: Lovelace

dn: uid=bob,${BASE}
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: Bob

dn: cn=staff,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: staff
member: ${ADA}
`;

function start() {
  const madeUp = new MadeUp('openldap');
  const given = givenDirectory(readGivenEntries(LDIF, madeUp), 'openldap');
  const directory = planningDirectory(given, madeUp);
  const find = async (filter: string, from: Directory = directory) => {
    const entries = await from.search({ base: BASE, scope: 'subtree', filter: parseLdapFilter(filter), attributes: ['cn'] });
    return entries.map(({ dn, attributes }) => `${dn} ${String(attributes.get('cn'))}`);
  };
  return { given, directory, find };
}

const modify: Change = { kind: 'modify', dn: ADA, modifications: [{ operation: 'replace', attribute: 'cn', values: ['Augusta'] }] };
const rename: Change = { kind: 'rename', dn: ADA, newRdn: 'uid=countess' };
const add: Change = {
  kind: 'add',
  dn: `uid=eve,${BASE}`,
  attributes: [
    { name: 'objectClass', values: ['inetOrgPerson'] },
    { name: 'uid', values: ['eve'] },
    { name: 'cn', values: ['Eve'] },
    { name: 'sn', values: ['Eve'] },
  ],
};

describe('what is written', () => {
  test('is seen from then on, and the other directory stays as it is', async () => {
    const { given, directory, find } = start();
    for (const change of [modify, rename, add]) await directory.write(change);
    await directory.write({ kind: 'delete', dn: `uid=bob,${BASE}` });

    expect(await find('(cn=*)')).toEqual([`uid=countess,${BASE} Augusta`, `uid=eve,${BASE} Eve`]);
    expect(await find('(cn=Ada)')).toEqual([]);
    expect(await find('(cn=*)', given)).toEqual([`${ADA} Ada`, `uid=bob,${BASE} Bob`]);
  });

  test('is seen on the first page too', async () => {
    const { directory } = start();
    await directory.write(modify);
    const request = { base: BASE, scope: 'subtree', filter: parseLdapFilter('(cn=B*)'), attributes: ['uid'] } as const;
    expect(await directory.searchFirst(request, 5)).toMatchObject({ entries: [{ dn: `uid=bob,${BASE}` }], more: false });
    expect(await directory.searchFirst({ ...request, filter: EVERYTHING }, 1)).toMatchObject({ more: true });
  });

  test('comes back with the attributes that are asked for, id and version made up', async () => {
    const { directory } = start();
    const left = await directory.write(add, ['uid', 'entryUUID', 'entryCSN']);
    expect([...(left?.attributes ?? [])]).toEqual([
      ['uid', ['eve']],
      ['entrycsn', ['20260101000001.000000Z#000000#000#000000']],
      ['entryuuid', [expect.stringMatching(/^00000000-0000-4000-8000-\d{12}$/)]],
    ]);
  });
});

describe('what a directory would refuse', () => {
  test.each([
    [68, add, add],
    [68, rename, { ...rename, dn: `uid=bob,${BASE}` }],
    [32, rename, modify],
    [65, modify, { ...modify, modifications: [{ operation: 'delete', attribute: 'sn', values: [] }] }],
  ] as const)('is refused with %i, and recorded', async (code, first, second) => {
    const { directory } = start();
    await directory.write(first);
    await expect(directory.write(second)).rejects.toMatchObject({ name: 'DirectoryError', code });
    expect(directory.operations).toMatchObject([{ kind: 'write' }, { kind: 'write', refused: { code } }]);
  });

  test('a base that has gone is nothing to look below', async () => {
    const { directory } = start();
    await directory.write({ kind: 'delete', dn: ADA });
    const read = directory.search({ base: ADA, scope: 'base', filter: EVERYTHING, attributes: [] });
    await expect(read).rejects.toMatchObject({ code: 32 });
  });
});

test('memberOf follows from the groups that are given', async () => {
  const { directory } = start();
  const filter = parseLdapFilter('(memberOf=CN=Staff, ou=groups, dc=example, dc=org)');
  expect(await directory.search({ base: BASE, scope: 'one', filter, attributes: [] })).toMatchObject([{ dn: ADA }]);
});
