import { readFileSync } from 'node:fs';
import { type OpenLdap, type OpenLdapOptions, startOpenLdap } from './openldap.ts';

const SCHEMA = new URL('../../config/schema/rfc2307bis.schema', import.meta.url);

/** Where the shipped mapping keeps its counters. */
const COUNTERS = 'dn: ou=scim,dc=example,dc=org\nobjectClass: organizationalUnit\nou: scim\n';

/** The usual slapd, nis.schema and all, with a place for the counters of numbers. */
export function startRfc2307OpenLdap(): Promise<OpenLdap> {
  return startOpenLdap({ ldif: COUNTERS });
}

/** A slapd whose overlays know groupOfUniqueNames. */
export function startUniqueNamesOpenLdap(): Promise<OpenLdap> {
  return startOpenLdap({
    configure: (text) =>
      text
        .replace(/memberof-group-oc .*/, 'memberof-group-oc groupOfUniqueNames\nmemberof-member-ad uniqueMember')
        .replace('refint_attributes member', 'refint_attributes uniqueMember member'),
  });
}

/** A slapd with the schema of RFC 2307bis instead of nis.schema, whose groups are groupOfMembers. */
export function startPosixOpenLdap(options: OpenLdapOptions = {}): Promise<OpenLdap> {
  return startOpenLdap({
    ...options,
    configure: (text) =>
      text
        .replace('/etc/ldap/schema/nis.schema', '@DIR@/rfc2307bis.schema')
        .replace(/memberof-group-oc .*/, 'memberof-group-oc groupOfMembers'),
    files: new Map([['rfc2307bis.schema', readFileSync(SCHEMA, 'utf8')]]),
    ldif: COUNTERS,
  });
}
