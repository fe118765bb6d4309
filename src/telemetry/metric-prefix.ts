/** What the names of all our metrics begin with. */
export const PREFIX = 'scim_ldap_bridge_';
