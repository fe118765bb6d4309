import { attributeTypeOf } from './attribute-description.ts';
import { parseSchemaDescription, type SchemaDescription } from './schema-description.ts';

/** An attribute type of the directory's subschema (RFC 4512 §4.1.2), with what it inherits from its superior type filled in. */
export interface LdapAttributeType {
  readonly oid: string;
  readonly names: readonly string[];
  /** Name of the equality matching rule; without one single values can't be added or deleted (RFC 4511 §4.6). */
  readonly equality?: string;
  readonly ordering?: string;
  readonly substring?: string;
  readonly syntax?: string;
  /** What a server has to take at least, in characters (RFC 4512 §4.1.2); it may take more. */
  readonly maxLength?: number;
  /** What the server takes at most, in UTF-16 code units; absent where that isn't known. */
  readonly lengthLimit?: number;
  readonly singleValue: boolean;
  readonly noUserModification: boolean;
  readonly isOperational: boolean;
}

/** An object class of the directory's subschema (RFC 4512 §4.1.1). `must` and `may` include what its superiors demand and allow, in lower case. */
export interface LdapObjectClass {
  readonly oid: string;
  readonly names: readonly string[];
  readonly kind: 'abstract' | 'structural' | 'auxiliary';
  readonly must: ReadonlySet<string>;
  readonly may: ReadonlySet<string>;
  /** Names and OIDs of the classes that it comes from, in lower case. */
  readonly superiors: ReadonlySet<string>;
}

/** The directory's schema. Names and OIDs are looked up without regard to case. */
export interface LdapSchema {
  /** Each once, in the server's order. */
  readonly attributeTypes: readonly LdapAttributeType[];
  readonly objectClasses: readonly LdapObjectClass[];
  attributeType(name: string): LdapAttributeType | undefined;
  objectClass(name: string): LdapObjectClass | undefined;
  /** Whether an entry of these classes may hold the attribute, under any of the attribute's names. Operational attributes: always. */
  allows(objectClasses: readonly string[], attribute: string): boolean;
  /** Whether an entry of these classes must hold the attribute, under any of the attribute's names. */
  demands(objectClasses: readonly string[], attribute: string): boolean;
}

/**
 * The schema behind the values of a subschema entry's `attributeTypes`, `objectClasses` and `dITContentRules` (RFC 4512 §4.2).
 *
 * A description that can't be understood is skipped: one odd definition shall not keep the bridge from starting. Of two with
 * the same name the first counts. Matching rules and syntax (with its length) are inherited, SINGLE-VALUE is not.
 * Active Directory publishes no matching rules; then they follow from the syntax.
 *
 * @param contentRules Active Directory grants most of its attributes by them: `sAMAccountName` comes with an auxiliary class that
 *        the content rule of `user` names. They widen `allows`; what a rule precludes (NOT) is left to the server
 */
export function parseLdapSchema(
  attributeTypes: readonly string[],
  objectClasses: readonly string[],
  contentRules: readonly string[] = [],
): LdapSchema {
  const typeDescriptions = indexDescriptions(attributeTypes);
  const publishesRules = [...typeDescriptions.values()].some(({ fields }) => fields.has('EQUALITY'));
  const types = mapDescriptions(typeDescriptions, (description) =>
    makeAttributeType(lineageOf(description, typeDescriptions), publishesRules),
  );

  const classDescriptions = indexDescriptions(objectClasses);
  const classes = mapDescriptions(classDescriptions, (description) => makeObjectClass(lineageOf(description, classDescriptions)));

  const attributeType = (name: string): LdapAttributeType | undefined => types.get(attributeTypeOf(name));
  const objectClass = (name: string): LdapObjectClass | undefined => classes.get(name.toLowerCase());
  /** One key for all names of an attribute. */
  const keyOf = (name: string): string => attributeType(name)?.oid.toLowerCase() ?? attributeTypeOf(name);

  const rules = indexDescriptions(contentRules);
  const allowed = mapDescriptions(classDescriptions, (description) => {
    const granted = lineageOf(description, classDescriptions);
    const rule = rules.get(description.oid.toLowerCase());
    const auxiliaries = (rule?.fields.get('AUX') ?? []).flatMap((name) => classDescriptions.get(name.toLowerCase()) ?? []);
    const sources = [...granted, ...(rule === undefined ? [] : [rule]), ...auxiliaries.flatMap((one) => lineageOf(one, classDescriptions))];
    return { keys: new Set(namesUnder(sources, 'MUST', 'MAY').map(keyOf)), everything: granted.some(isExtensibleObject) };
  });

  return {
    attributeTypes: [...new Set(types.values())],
    objectClasses: [...new Set(classes.values())],
    attributeType,
    objectClass,
    allows: (classNames, attribute) =>
      attributeType(attribute)?.isOperational === true ||
      classNames.some((name) => {
        const grant = allowed.get(name.toLowerCase());
        return grant !== undefined && (grant.everything || grant.keys.has(keyOf(attribute)));
      }),
    demands(classNames, attribute) {
      const names = attributeType(attribute)?.names ?? [attributeTypeOf(attribute)];
      const keys = names.map((name) => name.toLowerCase());
      return classNames.some((name) => keys.some((key) => objectClass(name)?.must.has(key)));
    },
  };
}

// Descriptions and what they inherit

type Index<T> = ReadonlyMap<string, T>;

/** By every name and by OID, in lower case. */
function indexDescriptions(texts: readonly string[]): Index<SchemaDescription> {
  const index = new Map<string, SchemaDescription>();
  for (const text of texts) {
    const description = parseSchemaDescription(text);
    if (description === undefined) continue;
    for (const key of keysOf(description)) {
      if (!index.has(key)) index.set(key, description);
    }
  }
  return index;
}

/** Makes one thing of each description and files it under the same keys. */
function mapDescriptions<T>(index: Index<SchemaDescription>, make: (description: SchemaDescription) => T): Index<T> {
  const made = new Map<string, T>();
  for (const description of new Set(index.values())) {
    const one = make(description);
    for (const key of keysOf(description)) {
      if (index.get(key) === description) made.set(key, one);
    }
  }
  return made;
}

function keysOf(description: SchemaDescription): readonly string[] {
  return [description.oid, ...namesOf(description)].map((name) => name.toLowerCase());
}

/** A description, then its superiors (SUP), nearest first; each once, so a circle ends. */
type Lineage = readonly [SchemaDescription, ...SchemaDescription[]];

function lineageOf(own: SchemaDescription, index: Index<SchemaDescription>): Lineage {
  const superiors = new Set(superiorsOf(own, index));
  // A Set visits what is added to it on the way.
  for (const superior of superiors) {
    for (const next of superiorsOf(superior, index)) superiors.add(next);
  }
  superiors.delete(own);
  return [own, ...superiors];
}

function superiorsOf({ fields }: SchemaDescription, index: Index<SchemaDescription>): readonly SchemaDescription[] {
  return (fields.get('SUP') ?? []).flatMap((name) => index.get(name.toLowerCase()) ?? []);
}

function namesOf({ fields }: SchemaDescription): readonly string[] {
  return fields.get('NAME') ?? [];
}

function namesUnder(descriptions: readonly SchemaDescription[], ...keywords: readonly string[]): readonly string[] {
  return descriptions.flatMap(({ fields }) => keywords.flatMap((keyword) => fields.get(keyword) ?? []));
}

// Attribute types

/** `1.2.3` or `1.2.3{64}` (RFC 4512 §4.1.2: noidlen). */
const SYNTAX_AND_LENGTH = /^([^{]+)(?:\{([0-9]+)\})?$/;

function makeAttributeType(family: Lineage, publishesRules: boolean): LdapAttributeType {
  const [own] = family;
  const inherited = (keyword: string): string | undefined => family.find(({ fields }) => fields.has(keyword))?.fields.get(keyword)?.[0];
  const [, syntax, length] = SYNTAX_AND_LENGTH.exec(inherited('SYNTAX') ?? '') ?? [];
  const equality = publishesRules ? inherited('EQUALITY') : equalityOfSyntax(syntax);
  const ordering = inherited('ORDERING');
  const substring = inherited('SUBSTR');
  return {
    oid: own.oid,
    names: namesOf(own),
    ...(equality !== undefined && { equality }),
    ...(ordering !== undefined && { ordering }),
    ...(substring !== undefined && { substring }),
    ...(syntax !== undefined && { syntax }),
    ...(length !== undefined && { maxLength: Number(length) }),
    singleValue: own.fields.has('SINGLE-VALUE'),
    noUserModification: own.fields.has('NO-USER-MODIFICATION'),
    isOperational: (own.fields.get('USAGE')?.[0] ?? 'userApplications').toLowerCase() !== 'userapplications',
  };
}

/** How Active Directory compares the values of a syntax ([MS-ADTS]); those of any other syntax byte by byte. */
const EQUALITY_OF_SYNTAX: ReadonlyMap<string, string> = new Map([
  ['1.3.6.1.4.1.1466.115.121.1.7', 'booleanMatch'],
  ['1.3.6.1.4.1.1466.115.121.1.12', 'distinguishedNameMatch'],
  ['1.3.6.1.4.1.1466.115.121.1.15', 'caseIgnoreMatch'],
  ['1.3.6.1.4.1.1466.115.121.1.24', 'generalizedTimeMatch'],
  ['1.3.6.1.4.1.1466.115.121.1.26', 'caseExactIA5Match'],
  ['1.3.6.1.4.1.1466.115.121.1.27', 'integerMatch'],
  ['1.3.6.1.4.1.1466.115.121.1.36', 'numericStringMatch'],
  ['1.3.6.1.4.1.1466.115.121.1.38', 'objectIdentifierMatch'],
  ['1.3.6.1.4.1.1466.115.121.1.44', 'caseExactMatch'],
  ['1.2.840.113556.1.4.905', 'caseIgnoreMatch'],
  ['1.2.840.113556.1.4.906', 'integerMatch'],
  ['1.2.840.113556.1.4.1362', 'caseExactMatch'],
]);

function equalityOfSyntax(syntax: string | undefined): string {
  return EQUALITY_OF_SYNTAX.get(syntax ?? '') ?? 'octetStringMatch';
}

// Object classes

function makeObjectClass(family: Lineage): LdapObjectClass {
  const [own, ...superiors] = family;
  const namesInLowerCase = (keyword: string): ReadonlySet<string> => new Set(namesUnder(family, keyword).map((name) => name.toLowerCase()));
  return {
    oid: own.oid,
    names: namesOf(own),
    kind: own.fields.has('ABSTRACT') ? 'abstract' : own.fields.has('AUXILIARY') ? 'auxiliary' : 'structural',
    must: namesInLowerCase('MUST'),
    may: namesInLowerCase('MAY'),
    superiors: new Set(superiors.flatMap(keysOf)),
  };
}

/** The class whose entries may hold any attribute (RFC 4512 §4.3). */
function isExtensibleObject({ oid }: SchemaDescription): boolean {
  return oid === '1.3.6.1.4.1.1466.101.120.111';
}
