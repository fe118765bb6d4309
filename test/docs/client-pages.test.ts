import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const { users, groups } = parse(readFileSync('config/mappings/openldap.yaml', 'utf8'));

/** The LDAP attribute behind a line of the shipped mapping. */
function ldapOf(attributes: Readonly<Record<string, unknown>>, path: string): unknown {
  const line = attributes[path];
  return typeof line === 'object' && line !== null && 'ldap' in line ? line.ldap : line;
}

describe('docs/entra.md', () => {
  const page = readFileSync('docs/entra.md', 'utf8');
  const rows = [...page.matchAll(/^\| [^|]+ \| `([^`]+)` \| `([^`]+)` \|$/gm)].map(([, scim = '', ldap = '']) => ({ scim, ldap }));

  test.each(rows)('$scim is $ldap in the shipped mapping', ({ scim, ldap }) => {
    expect(ldapOf(users.attributes, scim)).toBe(ldap);
  });

  test('tells of all that Entra maps by default', () => {
    expect(rows.length).toBeGreaterThanOrEqual(23);
    for (const path of ['displayName', 'externalId', 'members']) expect(ldapOf(groups.attributes, path)).toBeDefined();
  });
});

test.each(['entra', 'okta', 'onelogin', 'ping'])('docs/%s.md names recorded exchanges, and says what is only documented', (name) => {
  const page = readFileSync(`docs/${name}.md`, 'utf8');
  for (const [, file = ''] of page.matchAll(/`(test\/entra\/[\w-]+\.exchange)`/g)) expect([file, existsSync(file)]).toEqual([file, true]);
  expect(page).toContain('†');
  expect(page).toContain('test/entra/');
});
