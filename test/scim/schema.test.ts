import { describe, expect, test } from 'vitest';
import { type AttributeDefinition, ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';

const attributesOf = (urn: string) => standardSchema(urn).attributes.map(({ name }) => name);
const find = (urn: string, name: string, sub?: string): AttributeDefinition | undefined => {
  const attribute = standardSchema(urn).attributes.find((each) => each.name === name);
  return sub === undefined ? attribute : attribute?.subAttributes.find((each) => each.name === sub);
};

describe('the schemas of RFC 7643 §8.7', () => {
  test('have the attributes of §4', () => {
    expect(attributesOf(USER_SCHEMA)).toEqual([
      ...['userName', 'name', 'displayName', 'nickName', 'profileUrl', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone'],
      ...[
        'active',
        'password',
        'emails',
        'phoneNumbers',
        'ims',
        'photos',
        'addresses',
        'groups',
        'entitlements',
        'roles',
        'x509Certificates',
      ],
    ]);
    expect(attributesOf(GROUP_SCHEMA)).toEqual(['displayName', 'members']);
    expect(attributesOf(ENTERPRISE_USER_SCHEMA)).toEqual([
      'employeeNumber',
      'costCenter',
      'organization',
      'division',
      'department',
      'manager',
    ]);
  });

  test.each<readonly [urn: string, name: string, sub: string | undefined, characteristics: Partial<AttributeDefinition>]>([
    [USER_SCHEMA, 'userName', undefined, { required: true, caseExact: false, uniqueness: 'server' }],
    [USER_SCHEMA, 'password', undefined, { mutability: 'writeOnly', returned: 'never' }],
    [USER_SCHEMA, 'groups', undefined, { mutability: 'readOnly', multiValued: true }],
    [USER_SCHEMA, 'groups', 'value', { caseExact: true, mutability: 'readOnly' }],
    [USER_SCHEMA, 'addresses', 'primary', { type: 'boolean' }],
    [USER_SCHEMA, 'profileUrl', undefined, { caseExact: true }],
    [USER_SCHEMA, 'x509Certificates', 'value', { type: 'binary', caseExact: true }],
    [GROUP_SCHEMA, 'displayName', undefined, { required: true, uniqueness: 'server' }],
    [GROUP_SCHEMA, 'members', 'value', { caseExact: true, mutability: 'immutable' }],
    [GROUP_SCHEMA, 'members', 'display', { mutability: 'readOnly' }],
    [ENTERPRISE_USER_SCHEMA, 'manager', undefined, { type: 'complex', multiValued: false }],
    [ENTERPRISE_USER_SCHEMA, 'manager', 'value', { caseExact: true }],
    [ENTERPRISE_USER_SCHEMA, 'manager', '$ref', { type: 'reference', caseExact: true }],
    [ENTERPRISE_USER_SCHEMA, 'manager', 'displayName', { mutability: 'readOnly' }],
  ])('%s %s %s', (urn, name, sub, characteristics) => {
    expect(find(urn, name, sub)).toMatchObject(characteristics);
  });

  test('another URN is a slip of the programmer', () => {
    expect(() => standardSchema('urn:x')).toThrow('RFC 7643 has no schema urn:x');
  });
});
