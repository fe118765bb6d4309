import { newObject, type ScimObject, type ScimValue } from './resource.ts';
import type { ResourceType } from './resource-type.ts';
import type { AttributeDefinition, SchemaDefinition } from './schema.ts';

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema';
const RESOURCE_TYPE = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';
const SERVICE_PROVIDER_CONFIG = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';

/** A schema as a resource (RFC 7643 §7). No member is null: Microsoft's tests refuse that. */
export function schemaResource(schema: SchemaDefinition, baseUrl: string): ScimObject {
  return newObject([
    ['schemas', [SCHEMA]],
    ['id', schema.id],
    ['name', schema.name],
    ['description', schema.description],
    ['attributes', schema.attributes.map(attributeResource)],
    [
      'meta',
      newObject([
        ['resourceType', 'Schema'],
        ['location', `${baseUrl}/Schemas/${schema.id}`],
      ]),
    ],
  ]);
}

function attributeResource(attribute: AttributeDefinition): ScimObject {
  const { name, type, multiValued, description, required, caseExact, mutability, returned, uniqueness } = attribute;
  const members: [string, ScimValue][] = [
    ['name', name],
    ['type', type],
    ['multiValued', multiValued],
    ['description', description],
    ['required', required],
    ['caseExact', caseExact],
    ['mutability', mutability],
    ['returned', returned],
    ['uniqueness', uniqueness],
  ];
  if (attribute.canonicalValues !== undefined && attribute.canonicalValues.length > 0)
    members.push(['canonicalValues', attribute.canonicalValues]);
  if (attribute.referenceTypes !== undefined) members.push(['referenceTypes', attribute.referenceTypes]);
  if (attribute.subAttributes.length > 0) members.push(['subAttributes', attribute.subAttributes.map(attributeResource)]);
  return newObject(members);
}

/** A resource type as a resource (RFC 7643 §6). @param extensions those that have something mapped */
export function resourceTypeResource(type: ResourceType, extensions: readonly SchemaDefinition[], baseUrl: string): ScimObject {
  return newObject([
    ['schemas', [RESOURCE_TYPE]],
    ['id', type.name],
    ['name', type.name],
    ['description', type.schema.description],
    ['endpoint', `/${type.endpoint}`],
    ['schema', type.schema.id],
    [
      'schemaExtensions',
      extensions.map((schema) =>
        newObject([
          ['schema', schema.id],
          ['required', false],
        ]),
      ),
    ],
    [
      'meta',
      newObject([
        ['resourceType', 'ResourceType'],
        ['location', `${baseUrl}/ResourceTypes/${type.name}`],
      ]),
    ],
  ]);
}

/** What this service can do (RFC 7643 §5, RFC 9865 §4), and nothing more. */
export interface Capabilities {
  readonly paging: {
    readonly defaultPageSize: number;
    readonly maxPageSize: number;
    /** Milliseconds. */
    readonly cursorTimeout: number;
  };
  readonly canChangePassword: boolean;
  /** Of one bulk request: how many operations, how many bytes. */
  readonly bulk: { readonly maxOperations: number; readonly maxPayloadSize: number };
}

export function serviceProviderConfig({ paging, canChangePassword, bulk }: Capabilities, baseUrl: string): ScimObject {
  const supported = (value: boolean): ScimObject => newObject([['supported', value]]);
  return newObject([
    ['schemas', [SERVICE_PROVIDER_CONFIG]],
    ['patch', supported(true)],
    [
      'bulk',
      newObject([
        ['supported', true],
        ['maxOperations', bulk.maxOperations],
        ['maxPayloadSize', bulk.maxPayloadSize],
      ]),
    ],
    [
      'filter',
      newObject([
        ['supported', true],
        ['maxResults', paging.maxPageSize],
      ]),
    ],
    ['changePassword', supported(canChangePassword)],
    ['sort', supported(true)],
    ['etag', supported(true)],
    ['pagination', pagination(paging)],
    ['authenticationSchemes', [bearerScheme()]],
    [
      'meta',
      newObject([
        ['resourceType', 'ServiceProviderConfig'],
        ['location', `${baseUrl}/ServiceProviderConfig`],
      ]),
    ],
  ]);
}

function pagination({ defaultPageSize, maxPageSize, cursorTimeout }: Capabilities['paging']): ScimObject {
  return newObject([
    ['cursor', true],
    ['index', true],
    ['defaultPaginationMethod', 'index'],
    ['defaultPageSize', defaultPageSize],
    ['maxPageSize', maxPageSize],
    ['cursorTimeout', Math.floor(cursorTimeout / 1000)],
  ]);
}

function bearerScheme(): ScimObject {
  return newObject([
    ['type', 'oauthbearertoken'],
    ['name', 'OAuth Bearer Token'],
    ['description', 'A long-lived token in the Authorization header (RFC 6750).'],
    ['specUri', 'https://www.rfc-editor.org/info/rfc6750'],
    ['primary', true],
  ]);
}
