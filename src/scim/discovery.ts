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
  readonly maxResults: number;
  readonly defaultPageSize: number;
  readonly canChangePassword: boolean;
}

export function serviceProviderConfig({ maxResults, defaultPageSize, canChangePassword }: Capabilities, baseUrl: string): ScimObject {
  const supported = (value: boolean): ScimObject => newObject([['supported', value]]);
  return newObject([
    ['schemas', [SERVICE_PROVIDER_CONFIG]],
    ['patch', supported(true)],
    [
      'bulk',
      newObject([
        ['supported', false],
        ['maxOperations', 0],
        ['maxPayloadSize', 0],
      ]),
    ],
    [
      'filter',
      newObject([
        ['supported', true],
        ['maxResults', maxResults],
      ]),
    ],
    ['changePassword', supported(canChangePassword)],
    ['sort', supported(false)],
    ['etag', supported(true)],
    ['pagination', pagination(defaultPageSize, maxResults)],
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

function pagination(defaultPageSize: number, maxPageSize: number): ScimObject {
  return newObject([
    ['cursor', false],
    ['index', true],
    ['defaultPaginationMethod', 'index'],
    ['defaultPageSize', defaultPageSize],
    ['maxPageSize', maxPageSize],
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
