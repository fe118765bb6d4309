import { expect, test } from 'vitest';
import { unmappedPaths } from '../../src/mapping/unmapped.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE, USER_SCHEMA } from '../../src/scim/schema.ts';
import { shippedPlan, usersPlan } from './support/plans.ts';

const {
  users,
  groups: [groups = users],
} = shippedPlan('openldap.yaml');

test.each<readonly [title: string, resource: ScimObject, paths: readonly string[]]>([
  ['what is mapped', { schemas: [USER_SCHEMA], id: '1', meta: { version: 'x' }, userName: 'ada', active: true, password: 'x' }, []],
  ['a simple attribute', { nickName: 'x', locale: 'de' }, ['nickName', 'locale']],
  ['a sub-attribute', { name: { familyName: 'x', honorificPrefix: 'Dr' } }, ['name.honorificPrefix']],
  [
    'elements of another type, each path once',
    {
      emails: [
        { type: 'home', value: 'a' },
        { type: 'car', value: 'b' },
      ],
    },
    ['emails.value', 'emails.type'],
  ],
  ['what an element has besides', { emails: [{ type: 'work', value: 'a', display: 'x' }] }, ['emails.display']],
  ['a whole list', { ims: [{ value: 'x', type: 'y' }] }, ['ims.value', 'ims.type']],
  [
    'an extension',
    { [ENTERPRISE]: { department: 'x', division: 'y', manager: { value: '1', displayName: 'x' } } },
    [`${ENTERPRISE}:division`],
  ],
  ['a constant with its value', { emails: [{ type: 'work', value: 'a', primary: true }] }, []],
  ['a constant with another value', { emails: [{ type: 'work', value: 'a', primary: false }] }, ['emails[type eq "work"].primary']],
])('%s', (_title, resource, paths) => {
  expect(unmappedPaths(users, resource)).toEqual(paths);
});

test('members are mapped whole', () => {
  expect(unmappedPaths(groups, { displayName: 'x', members: [{ value: '1', display: 'x', type: 'User' }] })).toEqual([]);
});

test('an attribute of ours that is called like a common one', () => {
  const plan = usersPlan({
    attributes: { userName: 'uid' },
    schemas: new Map([
      ['urn:example:acme:2.0:User', { extends: 'User', attributes: new Map([['id', { type: 'string', multiValued: false }]]) }],
    ]),
  });
  expect(unmappedPaths(plan, { 'urn:example:acme:2.0:User': { id: 'x' } })).toEqual(['urn:example:acme:2.0:User:id']);
});
