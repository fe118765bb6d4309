import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/scim/json.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE } from '../../src/scim/schema.ts';
import { rows, work } from './support/patch-rows.ts';
import { ACME_SCHEMA as ACME, group, patched, takingNotes } from './support/patching.ts';

describe('applyPatch', () => {
  test.each(rows)('%s', (_title, before, operations, after) => {
    const kept = structuredClone(before);
    expect(patched(before, operations)).toEqual(after);
    expect(before).toEqual(kept);
  });

  test('13: a filter without quotes', () => {
    const before = { members: [{ value: '9f2c' }, { value: '41aa' }] };
    expect(patched(before, [{ op: 'remove', path: 'members[value eq 9f2c]' }], { type: group })).toEqual({ members: [{ value: '41aa' }] });
  });

  test.each<readonly [title: string, before: ScimObject, operation: JsonValue, scimType: string, detail: string]>([
    [
      '10: missing, and the filter is no conjunction of eq',
      {},
      { op: 'add', path: 'emails[type ne "work"].value', value: 'x' },
      'noTarget',
      'emails[type ne "work"].value: no value matches',
    ],
    [
      '10: missing, and the filter contradicts itself',
      {},
      { op: 'add', path: 'emails[type eq "a" and type eq "b"].value', value: 'x' },
      'noTarget',
      'emails[type eq "a" and type eq "b"].value: no value matches',
    ],
    [
      'decisions 10: replace of a missing element',
      {},
      { op: 'replace', path: 'emails[type eq "work"]', value: { value: 'x' } },
      'noTarget',
      'emails[type eq "work"]: no value matches',
    ],
    ['14: text that is no boolean', {}, { op: 'replace', path: 'active', value: 'maybe' }, 'invalidValue', 'active: takes true or false'],
    [
      '16: a longer list for a single value',
      {},
      { op: 'replace', path: 'title', value: ['a', 'b'] },
      'invalidValue',
      'title: takes one value, not a list',
    ],
    ['17: bare text where there is no value', {}, { op: 'add', path: 'name', value: 'Mara' }, 'invalidValue', 'name: takes an object'],
    [
      'a filter on a single complex value that does not match',
      { name: { familyName: 'Wolf' } },
      { op: 'replace', path: 'name[familyName eq "x"].givenName', value: 'M' },
      'noTarget',
      'name[familyName eq "x"].givenName: no value matches',
    ],
    [
      'remove of a list with null',
      { emails: [work] },
      { op: 'remove', path: 'emails', value: null },
      'invalidValue',
      'emails: leave value out to remove everything',
    ],
    [
      'an immutable value is changed',
      { [ACME]: { badge: '7' } },
      { op: 'replace', path: `${ACME}:badge`, value: '8' },
      'mutability',
      `${ACME}:badge: is immutable and has a value`,
    ],
    [
      'an immutable value is removed',
      { [ACME]: { badge: '7' } },
      { op: 'remove', path: `${ACME}:badge` },
      'mutability',
      `${ACME}:badge: is immutable and has a value`,
    ],
    [
      'an immutable list grows',
      { [ACME]: { keys: ['a', 'a'] } },
      { op: 'add', path: `${ACME}:keys`, value: 'b' },
      'mutability',
      `${ACME}:keys: is immutable and has a value`,
    ],
  ])('%s', (_title, before, operation, scimType, detail) => {
    expect(() => patched(before, [operation])).toThrow(expect.objectContaining({ status: 400, scimType, detail }));
  });

  test.each<JsonValue>([
    { op: 'replace', path: 'members[value eq "9f2c"].value', value: '41aa' },
    { op: 'replace', path: 'members[value eq "9f2c"]', value: { value: '41aa' } },
    { op: 'replace', path: 'members[value eq "9f2c"]', value: { value: null } },
    { op: 'remove', path: 'members[value eq "9f2c"].value' },
  ])('the id of a member is immutable: %j', (operation) => {
    const change = () => patched({ members: [{ value: '9f2c' }] }, [operation], { type: group });
    expect(change).toThrow(expect.objectContaining({ scimType: 'mutability' }));
  });

  test('29: an unknown attribute is noted, or refused', () => {
    const policy = takingNotes();
    patched({}, [{ op: 'add', path: 'shoeSize', value: 9 }], { policy });
    expect(policy.notes).toEqual(['shoeSize: known to no schema, ignored']);
    const refuse = () => patched({}, [{ op: 'add', path: 'shoeSize', value: 9 }], { policy: takingNotes('reject') });
    expect(refuse).toThrow(expect.objectContaining({ scimType: 'invalidPath', detail: 'shoeSize: no schema knows this attribute' }));
  });
});

describe('names that mean something to JavaScript', () => {
  const hostile: readonly JsonValue[] = [
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].flatMap((name) => [
      { op: 'add', path: name, value: 'x' },
      { op: 'add', path: `name.${name}`, value: 'x' },
      { op: 'add', path: `emails[${name} eq "x"].value`, value: 'x' },
      { op: 'remove', path: name },
    ]),
    JSON.parse('{"op":"add","value":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}') as JsonValue,
    JSON.parse('{"op":"add","path":"name","value":{"__proto__":{"polluted":true}}}') as JsonValue,
    JSON.parse(`{"op":"add","value":{"${ENTERPRISE}":{"__proto__":{"polluted":true}}}}`) as JsonValue,
  ];

  test.each(hostile)('%j changes nothing', (operation) => {
    let after: ScimObject | undefined;
    try {
      after = patched({ userName: 'mara' }, [operation]);
    } catch (error) {
      // `__proto__` begins with what no attribute name begins with.
      expect(error).toMatchObject({ status: 400 });
    }
    expect(after ?? { userName: 'mara' }).toEqual({ userName: 'mara' });
    expect(Object.keys(after ?? {})).toEqual(after === undefined ? [] : ['userName']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
