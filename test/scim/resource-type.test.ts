import { describe, expect, test } from 'vitest';
import { findSubAttribute } from '../../src/scim/resource-type.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';
import { ACME_SCHEMA as ACME, group, user } from './support/patching.ts';

describe('a resource type', () => {
  test('finds schemas by URN in any letter case', () => {
    expect(user.findSchema(ENTERPRISE.toUpperCase())?.id).toBe(ENTERPRISE);
    expect(user.findSchema(USER_SCHEMA)).toBe(user.schema);
    expect(group.findSchema(ENTERPRISE)).toBeUndefined();
  });

  test.each([
    ['userName', USER_SCHEMA, 'userName', false],
    ['USERNAME', USER_SCHEMA, 'userName', false],
    ['externalid', USER_SCHEMA, 'externalId', false],
    ['schemas', USER_SCHEMA, 'schemas', false],
    ['manager', ENTERPRISE, 'manager', true],
    ['badge', ACME, 'badge', true],
  ])('finds %s', (name, schema, canonical, isExtension) => {
    expect(user.findAttribute(name)).toMatchObject({ schema: { id: schema }, isExtension, attribute: { name: canonical } });
  });

  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'shoeSize', ''])('has no %j', (name) => {
    expect(user.findAttribute(name)).toBeUndefined();
    expect(user.findSchema(name)).toBeUndefined();
    expect(user.schema.attributes.map((attribute) => findSubAttribute(attribute, name))).not.toContainEqual(expect.anything());
  });

  test('within a schema, only what that one has', () => {
    const enterprise = user.findSchema(ENTERPRISE);
    expect(user.findAttribute('userName', enterprise)).toBeUndefined();
    expect(user.findAttribute('schemas', user.findSchema(ACME))?.isExtension).toBe(true);
    expect(user.findAttribute('manager', user.schema)).toBeUndefined();
  });

  test('finds sub-attributes in any letter case', () => {
    const [name] = standardSchema(USER_SCHEMA).attributes.filter((each) => each.name === 'name');
    expect(name === undefined ? undefined : findSubAttribute(name, 'FamilyNAME')?.name).toBe('familyName');
  });
});
