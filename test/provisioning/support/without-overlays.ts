/**
 * The shipped mapping as an operator writes it for a directory that has neither the memberof overlay nor ppolicy: without `groups`
 * of users, and with an account state of its own.
 */
export function withoutOverlays(mapping: string): string {
  return mapping
    .replace(/^ {4}groups: .*$/m, '')
    .replace(/^ {4}active: .*$/m, "    active: { ldap: scimActive, inactive: 'FALSE', active: 'TRUE' }");
}
