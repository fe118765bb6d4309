import { readdirSync, readFileSync } from 'node:fs';
import { parseLdapSchema } from '../../../src/ldap/schema.ts';

/** What slapd publishes with core, cosine, inetorgperson and the overlays memberof and ppolicy; only what tests name. */
const SYNTAX = '1.3.6.1.4.1.1466.115.121.1';

const attributeTypes = [
  `( 2.5.4.0 NAME 'objectClass' EQUALITY objectIdentifierMatch SYNTAX ${SYNTAX}.38 )`,
  `( 2.5.18.1 NAME 'createTimestamp' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX ${SYNTAX}.24 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )`,
  `( 2.5.18.2 NAME 'modifyTimestamp' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX ${SYNTAX}.24 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )`,
  `( 1.3.6.1.1.16.4 NAME 'entryUUID' EQUALITY UUIDMatch ORDERING UUIDOrderingMatch SYNTAX 1.3.6.1.1.16.1 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )`,
  `( 1.3.6.1.4.1.4203.666.1.7 NAME 'entryCSN' EQUALITY CSNMatch ORDERING CSNOrderingMatch SYNTAX 1.3.6.1.4.1.4203.666.11.2.1{64} SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )`,
  `( 1.2.840.113556.1.2.102 NAME 'memberOf' EQUALITY distinguishedNameMatch SYNTAX ${SYNTAX}.12 NO-USER-MODIFICATION USAGE dSAOperation )`,
  `( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock' SYNTAX ${SYNTAX}.15 USAGE directoryOperation )`,
  `( 2.16.840.1.113730.3.1.2096 NAME 'entryusn' EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX ${SYNTAX}.27 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )`,
  `( 1.3.6.1.4.1.42.2.27.8.1.17 NAME 'pwdAccountLockedTime' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX ${SYNTAX}.24 SINGLE-VALUE USAGE directoryOperation )`,
  `( 2.5.4.41 NAME 'name' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX ${SYNTAX}.15{32768} )`,
  `( 2.5.4.49 NAME 'distinguishedName' EQUALITY distinguishedNameMatch SYNTAX ${SYNTAX}.12 )`,
  `( 0.9.2342.19200300.100.1.1 NAME ( 'uid' 'userid' ) EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15{256} )`,
  `( 2.5.4.35 NAME 'userPassword' EQUALITY octetStringMatch SYNTAX ${SYNTAX}.40{128} )`,
  `( 2.5.4.50 NAME 'uniqueMember' EQUALITY uniqueMemberMatch SYNTAX ${SYNTAX}.34 )`,
  `( 2.5.4.13 NAME 'description' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15{1024} )`,
  "( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )",
  "( 2.5.4.4 NAME ( 'sn' 'surname' ) SUP name )",
  "( 2.5.4.42 NAME ( 'givenName' 'gn' ) SUP name )",
  "( 2.5.4.12 NAME 'title' SUP name )",
  "( 2.5.4.7 NAME ( 'l' 'localityName' ) SUP name )",
  "( 2.5.4.8 NAME ( 'st' 'stateOrProvinceName' ) SUP name )",
  `( 0.9.2342.19200300.100.1.3 NAME ( 'mail' 'rfc822Mailbox' ) EQUALITY caseIgnoreIA5Match SYNTAX ${SYNTAX}.26{256} )`,
  `( 2.16.840.1.113730.3.1.241 NAME 'displayName' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15 SINGLE-VALUE )`,
  `( 2.16.840.1.113730.3.1.39 NAME 'preferredLanguage' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15 SINGLE-VALUE )`,
  `( 2.16.840.1.113730.3.1.4 NAME 'employeeType' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15 )`,
  `( 2.16.840.1.113730.3.1.3 NAME 'employeeNumber' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15 SINGLE-VALUE )`,
  `( 2.16.840.1.113730.3.1.2 NAME 'departmentNumber' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15 )`,
  `( 2.16.840.1.113730.3.1.1 NAME 'carLicense' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15 )`,
  "( 2.5.4.10 NAME ( 'o' 'organizationName' ) SUP name )",
  "( 2.5.4.44 NAME 'generationQualifier' SUP name )",
  `( 0.9.2342.19200300.100.1.40 NAME 'personalTitle' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15 )`,
  `( 2.5.4.36 NAME 'userCertificate' EQUALITY certificateExactMatch SYNTAX ${SYNTAX}.8 )`,
  `( 2.5.4.15 NAME 'businessCategory' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15{128} )`,
  `( 2.5.4.20 NAME 'telephoneNumber' EQUALITY telephoneNumberMatch SYNTAX ${SYNTAX}.50{32} )`,
  `( 0.9.2342.19200300.100.1.41 NAME ( 'mobile' 'mobileTelephoneNumber' ) EQUALITY telephoneNumberMatch SYNTAX ${SYNTAX}.50 )`,
  `( 2.5.4.23 NAME ( 'facsimileTelephoneNumber' 'fax' ) SYNTAX ${SYNTAX}.22 )`,
  `( 2.5.4.19 NAME 'physicalDeliveryOfficeName' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15{128} )`,
  `( 2.5.4.9 NAME ( 'street' 'streetAddress' ) EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15{128} )`,
  `( 2.5.4.17 NAME 'postalCode' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15{40} )`,
  `( 0.9.2342.19200300.100.1.43 NAME ( 'co' 'friendlyCountryName' ) EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15 )`,
  `( 0.9.2342.19200300.100.1.10 NAME 'manager' EQUALITY distinguishedNameMatch SYNTAX ${SYNTAX}.12 )`,
  "( 2.5.4.31 NAME 'member' SUP distinguishedName )",
  `( 1.3.6.1.4.1.250.1.57 NAME 'labeledURI' EQUALITY caseExactMatch SYNTAX ${SYNTAX}.15 )`,
  `( 1.3.6.1.1.1.1.0 NAME 'uidNumber' EQUALITY integerMatch SYNTAX ${SYNTAX}.27 SINGLE-VALUE )`,
  `( 1.3.6.1.1.1.1.1 NAME 'gidNumber' EQUALITY integerMatch SYNTAX ${SYNTAX}.27 SINGLE-VALUE )`,
  `( 1.3.6.1.4.1.32473.9.1 NAME 'testCount' EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX ${SYNTAX}.27 SINGLE-VALUE )`,
  `( 1.3.6.1.4.1.32473.9.2 NAME 'testTag' EQUALITY caseExactIA5Match SYNTAX ${SYNTAX}.26 )`,
];

const objectClasses = [
  "( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )",
  "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( userPassword $ telephoneNumber $ description ) )",
  "( 2.5.6.7 NAME 'organizationalPerson' SUP person STRUCTURAL MAY ( title $ facsimileTelephoneNumber $ street $ postalCode $ physicalDeliveryOfficeName $ st $ l ) )",
  "( 2.16.840.1.113730.3.2.2 NAME 'inetOrgPerson' SUP organizationalPerson STRUCTURAL MAY ( o $ userCertificate $ businessCategory $ carLicense $ departmentNumber $ displayName $ employeeNumber $ employeeType $ givenName $ labeledURI $ mail $ manager $ mobile $ uid $ preferredLanguage ) )",
  "( 2.5.6.17 NAME 'groupOfUniqueNames' SUP top STRUCTURAL MUST ( uniqueMember $ cn ) MAY ( businessCategory $ description ) )",
  "( 2.5.6.9 NAME 'groupOfNames' SUP top STRUCTURAL MUST ( member $ cn ) MAY ( businessCategory $ description ) )",
  "( 1.3.6.1.4.1.32473.9.11 NAME 'testObject' SUP top AUXILIARY MAY ( testCount $ testTag ) )",
  "( 1.3.6.1.4.1.32473.9.12 NAME 'simpleSecurityObject' SUP top AUXILIARY MUST userPassword )",
];

/** The schema files that we ship, in slapd.conf form: a directive goes on where a line begins with a blank. */
const shipped = readdirSync('config/schema')
  .filter((file) => file.endsWith('.schema'))
  .flatMap((file) =>
    readFileSync(`config/schema/${file}`, 'utf8')
      .replaceAll(/\n[ \t]+/g, ' ')
      .split('\n'),
  );

const described = (directive: string): readonly string[] =>
  shipped.filter((line) => line.startsWith(`${directive} `)).map((line) => line.slice(directive.length));

export const directorySchema = parseLdapSchema(
  [...attributeTypes, ...described('attributetype')],
  [...objectClasses, ...described('objectclass')],
);
