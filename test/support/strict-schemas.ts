/** An attribute as `/Schemas` announces it (RFC 7643 §7); what is left out has the defaults of §2.2. */
export interface SchemaAttribute {
  readonly name: string;
  readonly type: string;
  readonly multiValued?: boolean;
  readonly returned?: string;
  readonly mutability?: string;
  readonly subAttributes?: readonly SchemaAttribute[];
  /** Of discovery only: an empty list says "none". */
  readonly mayBeEmpty?: boolean;
}

const text = (name: string): SchemaAttribute => ({ name, type: 'string' });
const demanded = (name: string, type = 'string'): SchemaAttribute => ({ name, type, returned: 'always' });
const object = (name: string, subAttributes: readonly SchemaAttribute[]): SchemaAttribute => ({
  name,
  type: 'complex',
  returned: 'always',
  subAttributes,
});
const list = (name: string, subAttributes: readonly SchemaAttribute[]): SchemaAttribute => ({
  ...object(name, subAttributes),
  multiValued: true,
  mayBeEmpty: true,
});

/** RFC 7643 §3.1. */
export const META_SCHEMA: SchemaAttribute = {
  name: 'meta',
  type: 'complex',
  subAttributes: [
    text('resourceType'),
    { name: 'created', type: 'dateTime' },
    { name: 'lastModified', type: 'dateTime' },
    { name: 'location', type: 'reference' },
    text('version'),
  ],
};

const SCHEMAS: SchemaAttribute = { name: 'schemas', type: 'reference', multiValued: true, returned: 'always' };

const CHARACTERISTICS: readonly SchemaAttribute[] = [
  demanded('name'),
  demanded('type'),
  demanded('multiValued', 'boolean'),
  { ...demanded('description'), mayBeEmpty: true },
  demanded('required', 'boolean'),
  demanded('caseExact', 'boolean'),
  demanded('mutability'),
  demanded('returned'),
  demanded('uniqueness'),
  { ...text('canonicalValues'), multiValued: true },
  { ...text('referenceTypes'), multiValued: true },
];

/** What discovery answers with, which no schema of the service announces (RFC 7643 §5, §6, §7; RFC 9865 §4). */
export const DISCOVERY_SCHEMAS: ReadonlyMap<string, readonly SchemaAttribute[]> = new Map([
  [
    'urn:ietf:params:scim:schemas:core:2.0:Schema',
    [
      SCHEMAS,
      META_SCHEMA,
      demanded('id'),
      text('name'),
      text('description'),
      list('attributes', [...CHARACTERISTICS, { ...list('subAttributes', CHARACTERISTICS), returned: 'default' }]),
    ],
  ],
  [
    'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
    [
      SCHEMAS,
      META_SCHEMA,
      text('id'),
      demanded('name'),
      text('description'),
      demanded('endpoint', 'reference'),
      demanded('schema', 'reference'),
      { ...list('schemaExtensions', [demanded('schema', 'reference'), demanded('required', 'boolean')]), returned: 'default' },
    ],
  ],
  [
    'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
    [
      SCHEMAS,
      META_SCHEMA,
      { name: 'documentationUri', type: 'reference' },
      object('patch', [demanded('supported', 'boolean')]),
      object('bulk', [demanded('supported', 'boolean'), demanded('maxOperations', 'integer'), demanded('maxPayloadSize', 'integer')]),
      object('filter', [demanded('supported', 'boolean'), demanded('maxResults', 'integer')]),
      object('changePassword', [demanded('supported', 'boolean')]),
      object('sort', [demanded('supported', 'boolean')]),
      object('etag', [demanded('supported', 'boolean')]),
      list('authenticationSchemes', [
        demanded('type'),
        demanded('name'),
        demanded('description'),
        { name: 'specUri', type: 'reference' },
        { name: 'documentationUri', type: 'reference' },
        { name: 'primary', type: 'boolean' },
      ]),
      {
        ...object('pagination', [
          demanded('cursor', 'boolean'),
          demanded('index', 'boolean'),
          text('defaultPaginationMethod'),
          { name: 'defaultPageSize', type: 'integer' },
          { name: 'maxPageSize', type: 'integer' },
          { name: 'cursorTimeout', type: 'integer' },
        ]),
        returned: 'default',
      },
    ],
  ],
]);
