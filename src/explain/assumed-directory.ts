import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DirectoryFacts } from '../directory/directory.ts';
import { attributeTypeOf } from '../ldap/attribute-description.ts';
import { type LdapAttributeType, type LdapObjectClass, type LdapSchema, parseLdapSchema } from '../ldap/schema.ts';
import openldap from './openldap-schema.json' with { type: 'json' };

/** The schemas that an operator is asked to load, in slapd.conf form. */
const SHIPPED_SCHEMAS = fileURLToPath(new URL('../../config/schema/', import.meta.url));

/** What is taken for granted of a directory that nobody asks. */
export interface AssumedFacts extends DirectoryFacts {
  /** Attributes and classes that have been looked up so far and that no schema here knows, as they were spelled first. */
  readonly unknownNames: () => readonly string[];
}

/**
 * An OpenLDAP 2.5 with its usual schemas (core, cosine, inetorgperson, nis), the overlays memberof and ppolicy, what `config/schema` has,
 * and two operational attributes of 389 Directory Server. Of an attribute that isn't among them it is taken that it holds text, compared without regard to case, and as many values as one
 * likes; of a class, that it is an auxiliary one which allows just such attributes.
 */
export function assumeFacts(): AssumedFacts {
  const unknown = new Map<string, string>();
  const note = (name: string): void => {
    if (!unknown.has(name.toLowerCase())) unknown.set(name.toLowerCase(), name);
  };
  return {
    server: 'openldap',
    dnAttribute: 'entryDN',
    schema: assumeSchema(note),
    unknownNames: () => [...unknown.values()],
    supportsAssertion: true,
    supportsPostRead: true,
    supportsMatchedValues: true,
    supportsPermissiveModify: true,
    // Then answers are sorted by the bridge, which needs to know nothing of the server.
    supportsSorting: false,
  };
}

let known: LdapSchema | undefined;

/** What the files say; read once, when it is needed. */
function knownSchema(): LdapSchema {
  if (known !== undefined) return known;
  // A directive goes on where a line begins with a blank.
  const lines = readdirSync(SHIPPED_SCHEMAS)
    .filter((file) => file.endsWith('.schema'))
    .flatMap((file) =>
      readFileSync(`${SHIPPED_SCHEMAS}${file}`, 'utf8')
        .replaceAll(/\n[ \t]+/g, ' ')
        .split('\n'),
    );
  const described = (directive: string): readonly string[] =>
    lines.filter((line) => line.toLowerCase().startsWith(`${directive} `)).map((line) => line.slice(directive.length));
  known = parseLdapSchema(
    [...described('attributetype'), ...openldap.attributeTypes],
    [...described('objectclass'), ...openldap.objectClasses],
  );
  return known;
}

function assumeSchema(note: (name: string) => void): LdapSchema {
  const schema = knownSchema();
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
  };
}
