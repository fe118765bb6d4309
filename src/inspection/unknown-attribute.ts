import type { LdapSchema } from '../ldap/schema.ts';
import type { Remark } from './finding.ts';

/** What brings attributes that directories lack most often, by their names in lower case. */
const SOURCES: ReadonlyMap<string, string> = new Map([
  ['memberof', 'on OpenLDAP the memberof overlay brings it: moduleload memberof, overlay memberof'],
  ['pwdaccountlockedtime', 'on OpenLDAP the ppolicy overlay brings it; without it take scimActive (config/schema/scim.ldif)'],
  ...['scimexternalid', 'scimactive', 'scimothermail'].map((name) => [name, 'load config/schema/scim.ldif'] as const),
  ...['entryuuid', 'entrycsn'].map((name) => [name, 'Active Directory has objectGUID and uSNChanged, 389 DS nsUniqueId'] as const),
]);

/** An attribute that the mapping names and the schema lacks (RFC 4512 §2.5): filters on it match nothing, writes fail. */
export function unknownAttribute(name: string, schema: LdapSchema, severity: Remark['severity']): Remark {
  const source = SOURCES.get(name.toLowerCase());
  return {
    severity,
    message: `the directory's schema has no attribute ${name}`,
    ...(source === undefined ? { guess: { written: name, known: namesOf(schema) } } : { help: source }),
  };
}

function namesOf({ attributeTypes }: LdapSchema): readonly string[] {
  return attributeTypes.flatMap(({ names }) => names);
}
