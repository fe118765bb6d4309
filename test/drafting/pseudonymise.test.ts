import { expect, test } from 'vitest';
import { pseudonymise } from '../../src/drafting/pseudonymise.ts';
import { makeEntry } from '../../src/ldap/entry.ts';
import { shippedSections } from '../inspection/support/shipped-sections.ts';
import { directorySchema } from '../mapping/support/directory-schema.ts';

test('masks letters and digits, keeps the shape, and leaves out references, secrets and what is not mapped', () => {
  const [users] = shippedSections() ?? [];
  if (users === undefined) throw new Error('the shipped mapping has users');
  const entry = makeEntry('uid=zoë.42,ou=teams,ou=people,dc=example,dc=org', [
    { name: 'objectClass', values: ['inetOrgPerson'] },
    { name: 'uid', values: ['zoë.42'] },
    { name: 'cn', values: ['Zoë Jørgensen', 'Ida Jensenssen', 'Zoë X.'] },
    { name: 'mail', values: ['zoe@example.org', 'ada@example.org'] },
    { name: 'manager', values: ['uid=boss,ou=people,dc=example,dc=org'] },
    { name: 'pwdAccountLockedTime', values: ['000001010000Z'] },
    { name: 'userPassword', values: ['{SSHA}secret'] },
    { name: 'description', values: ['likes chess'] },
  ]);
  expect(pseudonymise(users.plan, entry, directorySchema, 'ou=people,dc=example,dc=org')).toEqual({
    dn: 'uid=xxx.11,ou=people,dc=example,dc=org',
    attributes: [
      { name: 'objectClass', values: ['inetOrgPerson'] },
      { name: 'uid', values: ['xxx.11'] },
      { name: 'cn', values: ['Xxx Xxxxxxxxx', 'Xxx Xxxxxxxxxx', 'Xxx X.'] },
      { name: 'mail', values: ['xxx@xxxxxxx.xxx', 'xxx@xxxxxxx.xxx2'] },
      { name: 'pwdAccountLockedTime', values: ['000001010000Z'] },
    ],
  });
});
