import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScimError } from '../../src/scim/errors.ts';
import type { JsonValue } from '../../src/scim/json.ts';
import { readPatch } from '../../src/scim/read-patch.ts';
import { readResource } from '../../src/scim/read-resource.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE, USER_SCHEMA } from '../../src/scim/schema.ts';
import { ACME_SCHEMA as ACME, group, takingNotes, user } from './support/patching.ts';

describe('readResource', () => {
  /** Variations of entra-scim-client §5.3 and §6.2. */
  test.each<readonly [title: string, body: JsonValue, resource: object]>([
    ['nothing', {}, {}],
    ['names in any letter case', { USERNAME: 'mara', Name: { FAMILYNAME: 'Wolf' } }, { userName: 'mara', name: { familyName: 'Wolf' } }],
    ['read-only attributes', { id: '1', meta: { resourceType: 'User' }, groups: [{ value: 'x' }], userName: 'm' }, { userName: 'm' }],
    [
      'schemas, also misprinted ones',
      { schemas: ['urn:ietf:params:scim:schemas:extension:enterprise:2.0User'], userName: 'm' },
      { userName: 'm' },
    ],
    ['empty lists and nulls', { roles: [], addresses: null, phoneNumbers: null, title: null, department: null, manager: null }, {}],
    ['an extension that schemas does not list', { schemas: [USER_SCHEMA], [ACME]: { floor: '3' } }, { [ACME]: { floor: 3 } }],
    ['an extension URN in other letters', { [ENTERPRISE.toUpperCase()]: { Department: 'x' } }, { [ENTERPRISE]: { department: 'x' } }],
    ['an extension that is null', { [ENTERPRISE]: null, [ACME]: '' }, {}],
    ['an extension with nothing in it', { [ENTERPRISE]: { department: '' } }, {}],
    ['manager as text', { [ENTERPRISE]: { Manager: '9f2c' } }, { [ENTERPRISE]: { manager: { value: '9f2c' } } }],
    ['attributes of an extension at the top level', { manager: '9f2c' }, { [ENTERPRISE]: { manager: { value: '9f2c' } } }],
    ['the core URN around core attributes', { [USER_SCHEMA]: { userName: 'm' } }, { userName: 'm' }],
    [
      'booleans as text',
      { active: 'True', emails: [{ value: 'm', primary: 'True' }] },
      { active: true, emails: [{ value: 'm', primary: true }] },
    ],
    ['one element where a list belongs', { emails: { value: 'm' } }, { emails: [{ value: 'm' }] }],
    ['an attribute of ours that is called schemas', { [ACME]: { schemas: ['x'] } }, { [ACME]: { schemas: ['x'] } }],
    ['null does not count as given', { title: null, Title: 'Planner' }, { title: 'Planner' }],
  ])('%s', (_title, body, resource) => {
    expect(readResource(body, user, takingNotes())).toEqual(resource);
  });

  test('unknown attributes are noted by name, never by value', () => {
    const policy = takingNotes();
    expect(readResource({ shoeSize: 'secret', [ENTERPRISE]: { shoeSize: 'secret' }, 'urn:example:2.0:User': {} }, user, policy)).toEqual(
      {},
    );
    expect(policy.notes).toEqual([
      'shoeSize: known to no schema, ignored',
      `${ENTERPRISE}:shoeSize: known to no schema, ignored`,
      'urn:example:2.0:User: known to no schema, ignored',
    ]);
  });

  test.each<readonly [body: JsonValue, scimType: string, detail: string]>([
    [[], 'invalidSyntax', 'the body is not a JSON object'],
    [null, 'invalidSyntax', 'the body is not a JSON object'],
    [{ title: 'a', Title: 'b' }, 'invalidSyntax', 'title: given twice'],
    [{ [ENTERPRISE]: { department: 'a' }, department: 'b' }, 'invalidSyntax', `${ENTERPRISE}:department: given twice`],
    [{ [ENTERPRISE]: 'x' }, 'invalidValue', `${ENTERPRISE}: takes an object`],
    [{ [ENTERPRISE]: { manager: 7, department: {} } }, 'invalidValue', `${ENTERPRISE}:department: takes a string, not an object`],
    [{ active: 'maybe' }, 'invalidValue', 'active: takes true or false'],
  ])('%j is refused', (body, scimType, detail) => {
    expect(() => readResource(body, user, takingNotes())).toThrow(expect.objectContaining({ status: 400, scimType, detail }));
  });

  test('an unknown attribute is refused where the file says so', () => {
    const read = () => readResource({ shoeSize: 9 }, user, takingNotes('reject'));
    expect(read).toThrow(expect.objectContaining({ scimType: 'invalidValue', detail: 'shoeSize: no schema knows this attribute' }));
  });
});

describe('any JSON', () => {
  const name = fc.constantFrom(
    ...[
      'userName',
      'NAME',
      'name',
      'emails',
      'active',
      'value',
      'primary',
      'familyName',
      'manager',
      'members',
      ENTERPRISE,
      ACME,
      USER_SCHEMA,
    ],
    ...['__proto__', 'constructor', 'prototype', 'toString', 'Operations', 'op', 'path', 'floor', 'hired', 'skills', 'schemas', 'id'],
    ...['emails[type eq "work"].value', 'name.familyName', 'add', 'remove', 'replace'],
  );
  const { value: anyValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.double({ noNaN: true }), fc.string(), name),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map((members) => fromEntries(members)),
    ),
  }));

  test.each([user, group])('is a resource or a ScimError: $name', (type) => {
    fc.assert(
      fc.property(anyValue, (body) => {
        expectScimErrorOr(() => JSON.stringify(readResource(body, type, takingNotes())));
      }),
      { numRuns: 500 },
    );
    expect(({} as { value?: unknown }).value).toBeUndefined();
  });

  test('is a PATCH or a ScimError', () => {
    fc.assert(
      fc.property(anyValue, (Operations) => {
        expectScimErrorOr(() => readPatch({ Operations }, user, takingNotes()));
      }),
      { numRuns: 500 },
    );
  });

  test('reading what was read changes nothing', () => {
    fc.assert(
      fc.property(anyValue, (body) => {
        expectScimErrorOr(() => {
          const once = readResource(body, user, takingNotes());
          expect(readResource(JSON.parse(JSON.stringify(once)) as JsonValue, user, takingNotes('reject'))).toEqual(once);
        });
      }),
      { numRuns: 500 },
    );
  });

  /** As `JSON.parse` makes it: `__proto__` is a member like any other. */
  function fromEntries(members: readonly (readonly [string, JsonValue])[]): JsonValue {
    return JSON.parse(`{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`) as JsonValue;
  }

  function expectScimErrorOr(action: () => unknown): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      expect(error.status).toBe(400);
    }
  }
});
