import { expect, test } from 'vitest';
import { shippedSections } from './support/shipped-sections.ts';

test('each base stands where the file says it: placement, an account state that moves entries, or base', () => {
  const [users] =
    shippedSections((text) =>
      text
        .replace(
          '\n  attributes:',
          "\n  placement: [{ when: 'userType eq \"Contractor\"', base: 'ou=contractors,dc=example,dc=org' }]\n  attributes:",
        )
        .replace(/^ {4}active: .*$/m, "    active: { inactiveBase: 'ou=leavers,dc=example,dc=org' }"),
    ) ?? [];
  expect(users?.bases).toEqual([
    { dn: 'ou=leavers,dc=example,dc=org', path: ['users', 'attributes', 'active', 'inactiveBase'] },
    { dn: 'ou=contractors,dc=example,dc=org', path: ['users', 'placement', 0, 'base'] },
    { dn: 'ou=people,dc=example,dc=org', path: ['users', 'base'] },
  ]);
});
