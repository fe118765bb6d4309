import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { project, readProjection } from '../../src/scim/projection.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { defineResourceType } from '../../src/scim/resource-type.ts';
import { defineAttribute, ENTERPRISE_USER_SCHEMA as ENTERPRISE, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';

const core = standardSchema(USER_SCHEMA);
const type = defineResourceType(
  'User',
  { ...core, attributes: [...core.attributes, defineAttribute('shownOnRequest', { returned: 'request' })] },
  [standardSchema(ENTERPRISE)],
);

const mara: ScimObject = {
  schemas: [USER_SCHEMA, ENTERPRISE],
  id: '1',
  userName: 'mara',
  name: { familyName: 'Wolf', givenName: 'Mara' },
  emails: [{ value: 'm@x.example', type: 'work' }, { type: 'home' }],
  password: 'secret',
  shownOnRequest: 'x',
  [ENTERPRISE]: { department: 'Ops', manager: { value: '9', $ref: 'https://…/9' } },
  meta: { resourceType: 'User', version: 'W/"1"' },
};
const always = { schemas: [USER_SCHEMA], id: '1' };
const { password: _password, shownOnRequest: _request, ...byDefault } = mara;

describe('project', () => {
  test.each<readonly [attributes: string | undefined, excludedAttributes: string | undefined, shown: object]>([
    [undefined, undefined, byDefault],
    ['userName', undefined, { ...always, userName: 'mara' }],
    ['USERNAME', undefined, { ...always, userName: 'mara' }],
    ['id', undefined, always],
    ['name.familyName', undefined, { ...always, name: { familyName: 'Wolf' } }],
    ['name.familyName name', undefined, { ...always, name: mara['name'] }],
    ['name name.familyName', undefined, { ...always, name: mara['name'] }],
    ['emails.value', undefined, { ...always, emails: [{ value: 'm@x.example' }] }],
    ['emails[type eq "work"]', undefined, { ...always, emails: mara['emails'] }],
    ['shownOnRequest', undefined, { ...always, shownOnRequest: 'x' }],
    ['password', undefined, always],
    ['nonsense constructor', undefined, always],
    [ENTERPRISE, undefined, { ...always, schemas: mara['schemas'], [ENTERPRISE]: mara[ENTERPRISE] }],
    [`${ENTERPRISE}:department`, undefined, { ...always, schemas: mara['schemas'], [ENTERPRISE]: { department: 'Ops' } }],
    ['manager.value', undefined, { ...always, schemas: mara['schemas'], [ENTERPRISE]: { manager: { value: '9' } } }],
    [undefined, 'emails name', without('emails', 'name')],
    [undefined, 'id schemas', byDefault],
    [undefined, 'name.familyName', { ...byDefault, name: { givenName: 'Mara' } }],
    [undefined, ENTERPRISE, { ...without(ENTERPRISE), schemas: [USER_SCHEMA] }],
    [undefined, 'nonsense', byDefault],
    ['userName emails', 'emails', { ...always, userName: 'mara' }],
  ])('attributes=%s excludedAttributes=%s', (attributes, excludedAttributes, shown) => {
    const projection = readProjection(attributes?.split(/ (?!eq|")/), excludedAttributes?.split(' '), type);
    expect(project(mara, projection, type)).toEqual(shown);
  });

  test('a text that is no path is refused', () => {
    expect(() => readProjection(['a b'], undefined, type)).toThrow(expect.objectContaining({ scimType: 'invalidPath' }));
  });

  test('what no schema knows is not shown', () => {
    expect(project({ ...mara, shoeSize: 9 }, readProjection(undefined, undefined, type), type)).toEqual(byDefault);
  });

  test('shows nothing that the resource has not, and what it shows twice is the same', () => {
    const names = fc.subarray([...Object.keys(mara), 'name.familyName', 'emails.type', `${ENTERPRISE}:department`, 'manager', 'x']);
    fc.assert(
      fc.property(fc.option(names, { nil: undefined }), fc.option(names, { nil: undefined }), (attributes, excluded) => {
        const projection = readProjection(attributes, excluded, type);
        const shown = project(mara, projection, type);
        const { schemas, ...rest } = shown;
        expect(mara).toMatchObject({ ...rest, ...(Array.isArray(rest['emails']) ? { emails: expect.anything() } : {}) });
        expect(mara['schemas']).toEqual(expect.arrayContaining([...(schemas as string[])]));
        expect(project(shown, projection, type)).toEqual(shown);
        expect(shown).toMatchObject({ id: '1' });
        expect(shown).not.toHaveProperty('password');
      }),
    );
  });

  function without(...names: readonly string[]): object {
    return Object.fromEntries(Object.entries(byDefault).filter(([name]) => !names.includes(name)));
  }
});
