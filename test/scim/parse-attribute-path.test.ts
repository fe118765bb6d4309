import { describe, expect, it } from 'vitest';
import { ScimError } from '../../src/scim/errors.ts';
import { formatAttributePath } from '../../src/scim/format-filter.ts';
import { parseAttributePath } from '../../src/scim/parse-attribute-path.ts';
import { defineResourceType } from '../../src/scim/resource-type.ts';
import { defineAttribute, ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';
import { processorTime } from '../support/processor-time.ts';

const user = defineResourceType('User', standardSchema(USER_SCHEMA), [
  standardSchema(ENTERPRISE_USER_SCHEMA),
  {
    id: 'urn:example:scim:schemas:extension:acme:2.0:User',
    name: 'Acme',
    description: '',
    attributes: [defineAttribute('skills', { multiValued: true })],
  },
]);
const group = defineResourceType('Group', standardSchema(GROUP_SCHEMA), []);

function read(text: string, type = user): string {
  const target = parseAttributePath(text, type);
  return target.kind === 'attribute' ? formatAttributePath(target.path) : target.kind;
}

describe('paths', () => {
  it.each([
    // RFC 7644 §3.5.2
    ['members', undefined, group],
    ['name.familyName'],
    ['addresses[type eq "work"]'],
    ['members[value eq "2819c223-7f76-453a-919d-413861904646"]', undefined, group],
    ['members[value eq "2819c223"].display', undefined, group],
    ['emails[type eq "work" and value ew "example.com"]'],
    // entra-scim-client §5.5–5.7, §7, §10.1
    ['displayName'],
    ['DISPLAYNAME', 'displayName'],
    ['phoneNumbers[type eq "mobile"].value'],
    ['PhoneNumbers[Type Eq "mobile"].Value', 'phoneNumbers[type eq "mobile"].value'],
    ['addresses[type eq "work"].formatted'],
    ['addresses[type eq "work"].primary'],
    [`${ENTERPRISE_USER_SCHEMA}:department`],
    [`${ENTERPRISE_USER_SCHEMA}.department`, `${ENTERPRISE_USER_SCHEMA}:department`],
    [`${ENTERPRISE_USER_SCHEMA}:manager`],
    [`${ENTERPRISE_USER_SCHEMA}:manager.value`],
    [`${ENTERPRISE_USER_SCHEMA}.manager.value`, `${ENTERPRISE_USER_SCHEMA}:manager.value`],
    [`${ENTERPRISE_USER_SCHEMA}:manager.$ref`],
    [`${ENTERPRISE_USER_SCHEMA.toLowerCase()}:Manager`, `${ENTERPRISE_USER_SCHEMA}:manager`],
    ['manager', `${ENTERPRISE_USER_SCHEMA}:manager`],
    ['employeeNumber', `${ENTERPRISE_USER_SCHEMA}:employeeNumber`],
    [`${USER_SCHEMA}:userName`, 'userName'],
    [`${USER_SCHEMA}:emails[type eq "work"].value`, 'emails[type eq "work"].value'],
    [`${USER_SCHEMA}:externalId`, 'externalId'],
    ['roles[primary eq "True"].value', 'roles[primary eq true].value'],
    ['roles[primary eq true].value'],
    ['roles.value'],
    ['password'],
    ['meta.created'],
    ['$ref', 'unknown'],
    ['skills[value eq "ski"]', 'urn:example:scim:schemas:extension:acme:2.0:User:skills[value eq "ski"]'],
    // lenient value filters
    ['members[value eq 9f2c]', 'members[value eq "9f2c"]', group],
    ['members[value eq "a"b"]', String.raw`members[value eq "a\"b"]`, group],
    ['members[value eq "a"b"].display', String.raw`members[value eq "a\"b"].display`, group],
    [String.raw`members[value eq "corp\anna"]`, String.raw`members[value eq "corp\\anna"]`, group],
    [String.raw`members[value eq "a\\b"]`, undefined, group],
    // nobody knows
    ['shoeSize', 'unknown'],
    ['name.shoeSize', 'unknown'],
    ['userName.value', 'unknown'],
    ['emails[type eq "work"].shoeSize', 'unknown'],
    ['emails[colour eq "red" and type eq "work"].value', 'unknown'],
    ['shoes[size gt 40 and (colour eq "red")].price', 'unknown'],
    [`${ENTERPRISE_USER_SCHEMA}:shoeSize`, 'unknown'],
    [`${ENTERPRISE_USER_SCHEMA}:userName`, 'unknown'],
    ['urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department', 'unknown'],
    ['urn:other:2.0:User:x[type eq "a"].b', 'unknown'],
    ['constructor.prototype', 'unknown'],
    ['emails[constructor eq "x"].value', 'unknown'],
    // schemas
    [ENTERPRISE_USER_SCHEMA, 'schema'],
    [USER_SCHEMA.toUpperCase(), 'schema'],
  ])('%s', (text, canonical = text, type = user) => {
    expect(read(text, type)).toBe(canonical);
  });

  it('says which schema and keeps unknown text', () => {
    const enterprise = standardSchema(ENTERPRISE_USER_SCHEMA);
    expect(parseAttributePath(ENTERPRISE_USER_SCHEMA, user)).toStrictEqual({ kind: 'schema', schema: enterprise, isExtension: true });
    expect(parseAttributePath(USER_SCHEMA, user)).toStrictEqual({ kind: 'schema', schema: user.schema, isExtension: false });
    expect(parseAttributePath('Shoes[size eq 4]', user)).toStrictEqual({ kind: 'unknown', text: 'Shoes[size eq 4]' });
  });

  it('holds the filter and the sub-attribute beside the attribute', () => {
    const emails = standardSchema(USER_SCHEMA).attributes.find(({ name }) => name === 'emails');
    const [value, , type] = emails?.subAttributes ?? [];
    expect(parseAttributePath('emails[type eq "work"].value', user)).toStrictEqual({
      kind: 'attribute',
      path: {
        schema: user.schema,
        isExtension: false,
        attribute: emails,
        valueFilter: {
          kind: 'compare',
          path: { schema: user.schema, isExtension: false, attribute: type },
          operator: 'eq',
          value: 'work',
        },
        sub: value,
      },
    });
  });
});

describe('errors', () => {
  it.each([
    ['', 'invalidPath', 'path: expected an attribute at character 1'],
    ['name.', 'invalidPath', 'path: "name." is no attribute path at character 1'],
    ['.name', 'invalidPath', 'path: ".name" is no attribute path at character 1'],
    ['__proto__', 'invalidPath', 'path: "__proto__" is no attribute path at character 1'],
    ['emails[__proto__ eq "x"]', 'invalidFilter', 'path: emails has no attribute "__proto__" at character 8'],
    ['a.b.c', 'invalidPath', 'path: "a.b.c" is no attribute path at character 1'],
    ['1st', 'invalidPath', 'path: "1st" is no attribute path at character 1'],
    [`${USER_SCHEMA}:`, 'invalidPath', 'is no attribute path at character 1'],
    ['user name', 'invalidPath', 'path: expected [ or the end, not "name" at character 6'],
    ['user\u0000name', 'invalidPath', 'path: a control character at character 5'],
    ['emails [type eq "work"]', 'invalidPath', 'path: expected [ or the end, not "[" at character 8'],
    ['userName[value eq "x"]', 'invalidPath', 'path: "userName" takes no value filter at character 9'],
    ['emails.value[type eq "x"]', 'invalidPath', 'path: "emails.value" takes no value filter at character 13'],
    [`${ENTERPRISE_USER_SCHEMA}[x eq 1]`, 'invalidPath', 'takes no value filter at character 59'],
    ['emails[type eq "work"]value', 'invalidPath', 'path: expected "." and a sub-attribute, or the end, not "value" at character 23'],
    ['emails[type eq "work"].', 'invalidPath', 'path: expected "." and a sub-attribute, or the end, not "." at character 23'],
    ['emails[type eq "work"].a.b', 'invalidPath', 'path: expected "." and a sub-attribute, or the end, not ".a.b" at character 23'],
    ['emails[type eq "work"].value x', 'invalidPath', 'path: expected the end, not "x" at character 30'],
    ['emails[type eq "work"', 'invalidFilter', 'path: expected and, or, or ] at character 22'],
    ['emails[]', 'invalidFilter', 'path: expected an attribute, not "]" at character 8'],
    ['emails[type is "work"]', 'invalidFilter', 'path: expected an operator, not "is" at character 13'],
    ['emails[type eq "work" and value[type pr]]', 'invalidFilter', 'path: "value" takes no value filter at character 32'],
  ])('%j', (text, scimType, detail) => {
    expect(failureOf(text)).toMatchObject({ status: 400, scimType, detail: expect.stringContaining(detail) });
  });

  it.each([
    ['parentheses', `emails[${'('.repeat(10_000)}`, 'invalidFilter', 'path: more than 32 parentheses around one another'],
    ['a megabyte', 'x'.repeat(1_000_000), 'invalidPath', 'path: longer than 16384 characters'],
    ['colons', `urn:${'a:'.repeat(8_000)}`, 'invalidPath', 'is no attribute path'],
    ['dots', 'a.'.repeat(8_000), 'invalidPath', 'is no attribute path'],
    ['brackets', 'emails['.repeat(2_000), 'invalidFilter', 'takes no value filter'],
    ['quotes', `emails[type eq ${'"'.repeat(16_000)}`, 'invalidFilter', 'expected and, or, or ]'],
  ])('refuses %s at once', (_, text, scimType, detail) => {
    const start = processorTime();
    const failure = failureOf(text);
    expect(processorTime() - start).toBeLessThan(250);
    expect(failure).toMatchObject({ status: 400, scimType, detail: expect.stringContaining(detail) });
  });
});

function failureOf(text: string): ScimError {
  try {
    parseAttributePath(text, user);
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 100)}`);
}
