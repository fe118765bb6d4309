import { expect, test } from 'vitest';
import type { Change } from '../../src/ldap/change.ts';
import type { LinePath } from '../../src/ldap/entry.ts';
import { planCreate, planUpdate } from '../../src/mapping/write-entry.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { context, entryOf, read, shippedPlan } from './support/plans.ts';

const { users } = shippedPlan('openldap.yaml');

const person = { objectClass: users.objectClasses, uid: ['ada'], cn: ['Ada Lovelace'], sn: ['Lovelace'], givenName: ['Ada'] };

function sourcesOf(change: Change | undefined): readonly (readonly [string, LinePath | undefined])[] {
  switch (change?.kind) {
    case 'add':
      return change.attributes.map(({ name, source }) => [name, source]);
    case 'modify':
      return change.modifications.map(({ attribute, source }) => [attribute, source]);
    case 'rename':
    case 'password':
      return [[change.kind, change.source]];
    default:
      return [];
  }
}

function update(change: ScimObject, attributes: Parameters<typeof entryOf>[0] = person) {
  const entry = entryOf(attributes);
  const before = read(users, entry);
  return planUpdate(users, users.lenses, entry, before, { ...before, ...change }, context).changes.flatMap((each) =>
    sourcesOf(each.change),
  );
}

test('every value of a new entry names the line that made it; a generated one names its template', () => {
  const { changes } = planCreate(users, { userName: 'ada', name: { familyName: 'Lovelace' }, password: 'p' }, context);
  expect(changes.flatMap(({ change }) => sourcesOf(change))).toEqual([
    ['objectClass', ['users', 'objectClass']],
    ['uid', ['users', 'attributes', 'userName']],
    ['cn', ['users', 'generated', 'cn', 2]],
    ['sn', ['users', 'attributes', 'name.familyName']],
    ['password', ['users', 'attributes', 'password']],
  ]);
});

test('so does every part of a change', () => {
  const renamed = { userName: 'countess', name: { givenName: 'Augusta Ada', familyName: 'Lovelace' }, active: false, password: 'p' };
  expect(update(renamed)).toEqual([
    ['rename', ['users', 'attributes', 'userName']],
    ['cn', ['users', 'generated', 'cn', 0]],
    ['cn', ['users', 'generated', 'cn', 0]],
    ['givenName', ['users', 'attributes', 'name.givenName']],
    ['givenName', ['users', 'attributes', 'name.givenName']],
    ['pwdAccountLockedTime', ['users', 'attributes', 'active']],
    ['password', ['users', 'attributes', 'password']],
    ['pwdAccountLockedTime', ['users', 'attributes', 'active']],
  ]);
});

test('a class that an adopted entry gets comes from objectClass', () => {
  const adopted = { ...person, objectClass: ['inetOrgPerson'] };
  expect(update({ externalId: 'x1' }, adopted)).toEqual([
    ['objectClass', ['users', 'objectClass']],
    ['scimExternalId', ['users', 'attributes', 'externalId']],
  ]);
});
