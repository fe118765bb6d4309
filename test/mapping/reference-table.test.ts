import { expect, test } from 'vitest';
import { makeReferenceTable, NO_REFERENCES } from '../../src/mapping/reference-table.ts';
import { ada, staff } from './support/plans.ts';

const table = makeReferenceTable([ada, staff]);

test('DNs are compared as names, ids without letter case', () => {
  expect(table.resourceOf('UID=Ada, OU=people,dc=example,DC=org', ['users'])).toBe(ada);
  expect(table.dnOf(ada.id.toUpperCase(), ['users'])).toBe(ada.dn);
  expect(table.resourceOf('uid=nobody', ['users', 'groups'])).toBeUndefined();
});

test('only the kinds that a line refers to, in its order', () => {
  expect(table.resourceOf(staff.dn, ['users'])).toBeUndefined();
  expect(table.dnOf(staff.id, ['users', 'groups'])).toBe(staff.dn);
  const twin = { ...staff, id: ada.id };
  expect(makeReferenceTable([ada, twin]).dnOf(ada.id, ['groups', 'users'])).toBe(twin.dn);
});

test.each(['__proto__', 'constructor', ''])('%j names nobody', (text) => {
  expect(table.dnOf(text, ['users'])).toBeUndefined();
  expect(table.resourceOf(text, ['users'])).toBeUndefined();
  expect(NO_REFERENCES.dnOf(text, ['users', 'groups'])).toBeUndefined();
});
