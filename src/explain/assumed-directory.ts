import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DirectoryFacts, DirectoryServer } from '../directory/directory.ts';
import { attributeTypeOf } from '../ldap/attribute-description.ts';
import { type LdapAttributeType, type LdapObjectClass, type LdapSchema, parseLdapSchema } from '../ldap/schema.ts';
import { type Plan, plansOf, type ResourcePlan } from '../mapping/plan.ts';
import activeDirectory from './active-directory-schema.json' with { type: 'json' };
import openldap from './openldap-schema.json' with { type: 'json' };

/** The schemas that an operator is asked to load, in slapd.conf form. */
const SHIPPED_SCHEMAS = fileURLToPath(new URL('../../config/schema/', import.meta.url));

/** What is taken for granted of a directory that nobody asks. */
export interface AssumedFacts extends DirectoryFacts {
  /** Attributes and classes that have been looked up so far and that no schema here knows, as they were spelled first. */
  readonly unknownNames: () => readonly string[];
}

/** The servers that are known well enough to do without one. */
export type AssumedServer = Exclude<DirectoryServer, 'other'> | 'openldap-rfc2307bis';

/** What a mapping file gives away of the server that it is for, by the attributes that only this one has. */
export function assumedServerOf(plan: Plan): AssumedServer {
  const plans = plansOf(plan);
  if (plans.some(({ idEncoding }) => idEncoding === 'guid')) return 'activeDirectory';
  const names = plans.flatMap(({ id, meta, lenses }) => [id, meta.version, ...lenses.flatMap(({ ldap }) => ldap ?? [])]);
  if (names.some((name) => /^(ns[A-Z]\w*|entryUSN)$/i.test(name))) return '389ds';
  // With the schema of RFC 2307 alone posixGroup is a class that goes with no other one of groups.
  const isBeside = ({ objectClasses }: ResourcePlan) => {
    const classes = objectClasses.map((name) => name.toLowerCase());
    return classes.includes('posixgroup') && classes.some((name) => name.startsWith('groupof'));
  };
  return plans.some(isBeside) ? 'openldap-rfc2307bis' : 'openldap';
}

/** Whose server it is, whatever schema it has loaded. */
export function vendorOf(server: AssumedServer): DirectoryServer {
  return server === 'openldap-rfc2307bis' ? 'openldap' : server;
}

/**
 * A server as it is usually found: OpenLDAP 2.5 with the schemas core, cosine, inetorgperson and nis and the overlays memberof and ppolicy;
 * 389 Directory Server with its plugins; Active Directory; and with each what `config/schema` has.
 *
 * Of an attribute that isn't among them it is taken that it holds text, compared without regard to case, and as many values as one likes;
 * of a class, that it is an auxiliary one which allows just such attributes.
 */
export function assumeFacts(server: AssumedServer = 'openldap'): AssumedFacts {
  const unknown = new Map<string, string>();
  const note = (name: string): void => {
    if (!unknown.has(name.toLowerCase())) unknown.set(name.toLowerCase(), name);
  };
  const isOpenLdap = vendorOf(server) === 'openldap';
  return {
    server: vendorOf(server),
    dnAttribute: server === 'activeDirectory' ? 'distinguishedName' : 'entryDN',
    schema: assumeSchema(knownSchema(server), note),
    unknownNames: () => [...unknown.values()],
    // ldap.md has who supports what. Sorting is left to the bridge, which needs to know nothing of the server for it.
    supportsAssertion: isOpenLdap,
    supportsPostRead: server !== 'activeDirectory',
    supportsMatchedValues: isOpenLdap,
    supportsPermissiveModify: server !== '389ds',
    supportsSorting: false,
  };
}

const SYNTAX = '1.3.6.1.4.1.1466.115.121.1';

/** What 389 Directory Server has beside the schemas that OpenLDAP has too. */
const ATTRIBUTES_OF_389DS = [
  `( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15 SINGLE-VALUE USAGE directoryOperation )`,
  `( 2.16.840.1.113730.3.1.2240 NAME 'nsUniqueId' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )`,
  `( 2.16.840.1.113730.3.1.606 NAME 'entryUSN' EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX ${SYNTAX}.27 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )`,
];
/** Its groups may be empty. */
const CLASSES_OF_389DS = [
  "( 2.5.6.9 NAME 'groupOfNames' SUP top STRUCTURAL MUST cn MAY ( member $ businessCategory $ seeAlso $ owner $ ou $ o $ description ) )",
];

const known = new Map<AssumedServer, LdapSchema>();

/** Read once, when it is needed. */
function knownSchema(server: AssumedServer): LdapSchema {
  const schema = known.get(server) ?? readSchema(server);
  known.set(server, schema);
  return schema;
}

function readSchema(server: AssumedServer): LdapSchema {
  const { attributeTypes, objectClasses, contentRules } = activeDirectory;
  if (server === 'activeDirectory') return parseLdapSchema(attributeTypes, objectClasses, contentRules);
  const of389ds = server === '389ds';
  // A directive goes on where a line begins with a blank.
  const lines = readdirSync(SHIPPED_SCHEMAS)
    .filter((file) => file.endsWith('.schema') && (server === 'openldap-rfc2307bis' || !file.startsWith('rfc2307bis')))
    .flatMap((file) =>
      readFileSync(`${SHIPPED_SCHEMAS}${file}`, 'utf8')
        .replaceAll(/\n[ \t]+/g, ' ')
        .split('\n'),
    );
  const described = (directive: string): readonly string[] =>
    lines.filter((line) => line.toLowerCase().startsWith(`${directive} `)).map((line) => line.slice(directive.length));
  return parseLdapSchema(
    [...described('attributetype'), ...(of389ds ? ATTRIBUTES_OF_389DS : []), ...openldap.attributeTypes],
    [...described('objectclass'), ...(of389ds ? CLASSES_OF_389DS : []), ...openldap.objectClasses],
  );
}

function assumeSchema(schema: LdapSchema, note: (name: string) => void): LdapSchema {
  const attributeType = (name: string): LdapAttributeType => schema.attributeType(name) ?? assumeType(name);
  const assumeType = (name: string): LdapAttributeType => {
    note(name);
    return {
      oid: attributeTypeOf(name),
      names: [name],
      equality: 'caseIgnoreMatch',
      substring: 'caseIgnoreSubstringsMatch',
      singleValue: false,
      noUserModification: false,
      isOperational: false,
    };
  };
  const objectClass = (name: string): LdapObjectClass => {
    const found = schema.objectClass(name);
    if (found === undefined) note(name);
    return found ?? { oid: name, names: [name], superiors: new Set(), kind: 'auxiliary', must: new Set(), may: new Set() };
  };
  return {
    ...schema,
    attributeType,
    objectClass,
    allows: (classes, attribute) =>
      schema.attributeType(attribute) === undefined
        ? classes.some((name) => schema.objectClass(name) === undefined)
        : schema.allows(classes, attribute),
    demands(classes, attribute) {
      // A class that is assumed demands nothing, and is named among what was assumed.
      for (const name of classes) objectClass(name);
      return schema.demands(classes, attribute);
    },
  };
}
