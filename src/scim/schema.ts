import rfc7643 from './rfc7643-schemas.json' with { type: 'json' };

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE_USER_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

export type AttributeType = 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'reference' | 'binary' | 'complex';
export type Mutability = 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
export type Returned = 'always' | 'never' | 'default' | 'request';
export type Uniqueness = 'none' | 'server' | 'global';

/** One attribute or sub-attribute with its characteristics (RFC 7643 §2.2, §7). Names keep their canonical spelling. */
export interface AttributeDefinition {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: Mutability;
  readonly returned: Returned;
  readonly uniqueness: Uniqueness;
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  /** Empty unless `type` is `complex`. */
  readonly subAttributes: readonly AttributeDefinition[];
}

/** A schema (RFC 7643 §7): `id` is its URN. */
export interface SchemaDefinition {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly AttributeDefinition[];
}

type Characteristics = Partial<Omit<AttributeDefinition, 'name' | 'subAttributes'>> & {
  readonly subAttributes?: readonly AttributeDefinition[];
};

/** An attribute with the defaults of RFC 7643 §2.2 for everything that is not given. */
export function defineAttribute(name: string, characteristics: Characteristics = {}): AttributeDefinition {
  return {
    name,
    type: 'string',
    multiValued: false,
    description: '',
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    subAttributes: [],
    ...characteristics,
  };
}

/** The common attributes of RFC 7643 §3.1 and `schemas` (§3), which the printed schemas leave out. They exist on every resource type. */
export const COMMON_ATTRIBUTES: readonly AttributeDefinition[] = [
  defineAttribute('schemas', {
    type: 'reference',
    multiValued: true,
    required: true,
    caseExact: true,
    returned: 'always',
    referenceTypes: ['uri'],
    description: 'URNs of the schemas whose attributes this resource holds.',
  }),
  defineAttribute('id', {
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    uniqueness: 'server',
    description: 'Identifier of the resource, issued by the service provider; stays the same for the life of the resource.',
  }),
  defineAttribute('externalId', {
    caseExact: true,
    description: 'Identifier of the resource as the provisioning client defines it.',
  }),
  defineAttribute('meta', {
    type: 'complex',
    mutability: 'readOnly',
    description: 'Metadata of the resource.',
    subAttributes: [
      defineAttribute('resourceType', { caseExact: true, mutability: 'readOnly' }),
      defineAttribute('created', { type: 'dateTime', mutability: 'readOnly' }),
      defineAttribute('lastModified', { type: 'dateTime', mutability: 'readOnly' }),
      defineAttribute('location', { type: 'reference', caseExact: true, mutability: 'readOnly', referenceTypes: ['uri'] }),
      defineAttribute('version', { caseExact: true, mutability: 'readOnly' }),
    ],
  }),
];

type PrintedAttribute = { readonly name: string; readonly subAttributes?: readonly PrintedAttribute[] } & Characteristics;
const printed = rfc7643 as unknown as readonly (Omit<SchemaDefinition, 'attributes'> & {
  readonly attributes: readonly PrintedAttribute[];
})[];

const primary = defineAttribute('primary', {
  type: 'boolean',
  description: "Marks the preferred element of this list; 'true' stands at most once.",
});
const display = defineAttribute('display', {
  mutability: 'readOnly',
  description: 'A name of the member for people to read.',
});

/**
 * The schemas of RFC 7643 §8.7 with the gaps of the printed text closed:
 * `addresses.primary` exists (§2.4 gives it to every complex multi-valued attribute), `members.display` exists (§2.4),
 * Group `displayName` is required (§4.2), `id`-like sub-attributes keep their case.
 */
const standardSchemas = new Map(printed.map((schema) => [schema.id, completeSchema(schema)]));

/** @throws Error for a URN that RFC 7643 §8.7 does not print: a slip of the programmer */
export function standardSchema(id: string): SchemaDefinition {
  const schema = standardSchemas.get(id);
  if (schema === undefined) throw new Error(`RFC 7643 has no schema ${id}`);
  return schema;
}

function completeSchema(schema: (typeof printed)[number]): SchemaDefinition {
  const attributes = schema.attributes.map((attribute) => completeAttribute(attribute));
  if (schema.id === USER_SCHEMA) {
    return { ...schema, attributes: attributes.map((a) => (a.name === 'addresses' ? withSub(a, primary) : a)) };
  }
  if (schema.id === GROUP_SCHEMA) {
    return {
      ...schema,
      attributes: attributes.map((a) => {
        if (a.name === 'displayName') return { ...a, required: true, uniqueness: 'server' };
        return a.name === 'members' ? withSub(a, display) : a;
      }),
    };
  }
  return { ...schema, attributes };
}

function withSub(attribute: AttributeDefinition, sub: AttributeDefinition): AttributeDefinition {
  return { ...attribute, subAttributes: [...attribute.subAttributes, sub] };
}

function completeAttribute(attribute: PrintedAttribute): AttributeDefinition {
  const { name, subAttributes, ...characteristics } = attribute;
  // The identifiers of other resources are compared as they stand, whatever the printed schema says.
  const isIdentifier = name === 'value' && /^the id of|identifier of/i.test(attribute.description ?? '');
  return defineAttribute(name, {
    ...characteristics,
    ...(isIdentifier || characteristics.type === 'reference' || characteristics.type === 'binary' ? { caseExact: true } : {}),
    subAttributes: (subAttributes ?? []).map((sub) => completeAttribute(sub)),
  });
}
