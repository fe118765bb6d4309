import { describe, expect, test } from 'vitest';
import { resourceTypeResource, schemaResource, serviceProviderConfig } from '../../src/scim/discovery.ts';
import { defineAttribute, ENTERPRISE_USER_SCHEMA as ENTERPRISE, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';
import { user } from './support/patching.ts';

const BASE = 'https://scim.example.org/scim/v2';

describe('schemaResource', () => {
  test('has all characteristics of RFC 7643 §7 and nothing that is null', () => {
    const schema = {
      id: 'urn:x:2.0:User',
      name: 'X',
      description: 'Own.',
      attributes: [
        defineAttribute('emails', {
          type: 'complex',
          multiValued: true,
          description: 'Addresses.',
          subAttributes: [
            defineAttribute('type', { canonicalValues: ['work'] }),
            defineAttribute('$ref', { type: 'reference', referenceTypes: ['User'] }),
          ],
        }),
      ],
    };
    const characteristics = { required: false, caseExact: false, mutability: 'readWrite', returned: 'default', uniqueness: 'none' };
    expect(schemaResource(schema, BASE)).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
      id: 'urn:x:2.0:User',
      name: 'X',
      description: 'Own.',
      attributes: [
        {
          name: 'emails',
          type: 'complex',
          multiValued: true,
          description: 'Addresses.',
          ...characteristics,
          subAttributes: [
            { name: 'type', type: 'string', multiValued: false, description: '', ...characteristics, canonicalValues: ['work'] },
            { name: '$ref', type: 'reference', multiValued: false, description: '', ...characteristics, referenceTypes: ['User'] },
          ],
        },
      ],
      meta: { resourceType: 'Schema', location: `${BASE}/Schemas/urn:x:2.0:User` },
    });
  });

  test.each([USER_SCHEMA, ENTERPRISE])('%s holds no null and no empty list', (urn) => {
    expect(JSON.stringify(schemaResource(standardSchema(urn), BASE))).not.toMatch(/null|\[\]/);
  });
});

test('resourceTypeResource names the extensions that have something mapped', () => {
  expect(resourceTypeResource(user, [standardSchema(ENTERPRISE)], BASE)).toEqual({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: 'User',
    name: 'User',
    description: 'User Account',
    endpoint: '/Users',
    schema: USER_SCHEMA,
    schemaExtensions: [{ schema: ENTERPRISE, required: false }],
    meta: { resourceType: 'ResourceType', location: `${BASE}/ResourceTypes/User` },
  });
});

test('serviceProviderConfig advertises what works', () => {
  const paging = { defaultPageSize: 100, maxPageSize: 500, cursorTimeout: 3_600_000 };
  const bulk = { maxOperations: 1000, maxPayloadSize: 1_048_576 };
  const config = serviceProviderConfig({ paging, canChangePassword: true, bulk }, BASE);
  expect(config).toMatchObject({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: true, ...bulk },
    filter: { supported: true, maxResults: 500 },
    changePassword: { supported: true },
    pagination: { index: true, defaultPageSize: 100, maxPageSize: 500 },
    authenticationSchemes: [{ type: 'oauthbearertoken' }],
    meta: { resourceType: 'ServiceProviderConfig', location: `${BASE}/ServiceProviderConfig` },
  });
  expect(JSON.stringify(config)).not.toContain('null');
});
