import type { LdapAttributeType } from '../ldap/schema.ts';

/** What describes a server or a schema (RFC 4512 §4.2, §5.1) and stands in no other entry, in lower case. */
const OF_THE_SERVER: ReadonlySet<string> = new Set(
  [
    'altServer namingContexts supportedControl supportedExtension supportedFeatures supportedLDAPVersion supportedSASLMechanisms',
    'supportedAuthPasswordSchemes vendorName vendorVersion configContext monitorContext',
    'attributeTypes objectClasses matchingRules matchingRuleUse ldapSyntaxes dITContentRules dITStructureRules nameForms',
    'contextCSN ref subtreeSpecification administrativeRole collectiveAttributeSubentries collectiveExclusions',
  ]
    .join(' ')
    .toLowerCase()
    .split(' '),
);

/** Why no client may write an attribute, whatever its entry's classes allow; undefined when one may. */
export function keptByServer(name: string, type: LdapAttributeType): string | undefined {
  const names = [name, ...type.names].map((each) => each.toLowerCase());
  if (names.includes('objectclass')) return 'objectClass is no place for values: what it holds says what an entry is';
  if (type.noUserModification) return `${name} is kept by the directory itself: no client may write it`;
  if (names.some((each) => OF_THE_SERVER.has(each))) return `${name} describes a server: it stands in no entry of a user or group`;
  return undefined;
}
