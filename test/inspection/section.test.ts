import { expect, test } from 'vitest';
import { shippedSections } from './support/shipped-sections.ts';

test('each base stands where the file says it: placement, an account state that moves entries, base, or where the deleted go', () => {
  const [users] =
    shippedSections((text) =>
      text
        .replace(
          '\n  attributes:',
          "\n  placement: [{ when: 'userType eq \"Contractor\"', base: 'ou=contractors,dc=example,dc=org' }]\n  onDelete: { move: { base: 'ou=gone,dc=example,dc=org', rdn: '{ldap:uid}-{id}' } }\n  attributes:",
        )
        .replace(/^ {4}active: .*$/m, "    active: { inactiveBase: 'ou=leavers,dc=example,dc=org' }"),
    ) ?? [];
  expect(users?.bases).toEqual([
    { dn: 'ou=leavers,dc=example,dc=org', path: ['users', 'attributes', 'active', 'inactiveBase'] },
    { dn: 'ou=contractors,dc=example,dc=org', path: ['users', 'placement', 0, 'base'] },
    { dn: 'ou=people,dc=example,dc=org', path: ['users', 'base'] },
    { dn: 'ou=gone,dc=example,dc=org', path: ['users', 'onDelete', 'move', 'base'] },
  ]);
});
