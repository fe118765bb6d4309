import { expect, test } from 'vitest';
import { dnKey } from '../../src/ldap/dn.ts';
import { makeReferenceTable, NO_REFERENCES } from '../../src/mapping/reference-table.ts';
import { ada, staff } from './support/plans.ts';

const table = makeReferenceTable([ada, staff]);

test('DNs are compared as names, ids without letter case', () => {
  expect(table.resourceOf('UID=Ada, OU=people,dc=example,DC=org', ['users'])).toBe(ada);
  expect(table.resourceWithId(ada.id.toUpperCase(), ['users'])).toBe(ada);
  expect(table.resourceOf('uid=nobody', ['users', 'groups'])).toBeUndefined();
});

test('only the kinds that a line refers to, in its order', () => {
  expect(table.resourceOf(staff.dn, ['users'])).toBeUndefined();
  expect(table.resourceWithId(staff.id, ['users', 'groups'])).toBe(staff);
  const twin = { ...staff, id: ada.id };
  expect(makeReferenceTable([ada, twin]).resourceWithId(ada.id, ['groups', 'users'])).toBe(twin);
});

test.each(['__proto__', 'constructor', ''])('%j names nobody', (text) => {
  expect(table.resourceWithId(text, ['users'])).toBeUndefined();
  expect(table.resourceOf(text, ['users'])).toBeUndefined();
  expect(NO_REFERENCES.resourceWithId(text, ['users', 'groups'])).toBeUndefined();
});

test('names are compared to the letter, each attribute by itself', () => {
  const named = makeReferenceTable([{ ...ada, names: { uid: 'ada', mail: 'ada@example.org' } }]);
  expect(named.resourceOf('ada', ['users'], 'uid')?.id).toBe(ada.id);
  expect(named.resourceOf('Ada', ['users'], 'uid')).toBeUndefined();
  expect(named.resourceOf('ada', ['users'], 'mail')).toBeUndefined();
  expect(named.resourceOf('ada', ['groups'], 'uid')).toBeUndefined();
});

test('memberships are known by the name of who is held', () => {
  const known = makeReferenceTable([], new Map([[dnKey(ada.dn), [{ holder: staff, direct: true }]]]));
  expect(known.membershipsOf({ dn: ada.dn.toUpperCase() })).toEqual([{ holder: staff, direct: true }]);
  expect(known.membershipsOf({ dn: staff.dn })).toEqual([]);
});
