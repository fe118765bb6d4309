import { describe, expect, test } from 'vitest';
import { formatAttributePath } from '../../src/scim/format-filter.ts';
import type { JsonValue } from '../../src/scim/json.ts';
import { readPatch } from '../../src/scim/read-patch.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE, USER_SCHEMA } from '../../src/scim/schema.ts';
import { ACME_SCHEMA as ACME, takingNotes, user } from './support/patching.ts';

/** Operations as text: op, canonical path, value. */
function read(body: JsonValue): readonly string[] {
  return readPatch(body, user, takingNotes()).map(({ op, path, value }) =>
    [op, formatAttributePath(path), ...(value === undefined ? [] : [JSON.stringify(value)])].join(' '),
  );
}

describe('readPatch', () => {
  test.each<readonly [title: string, operation: JsonValue, read: readonly string[]]>([
    ['op in any letter case', { op: 'Replace', path: 'TITLE', value: 'x' }, ['replace title "x"']],
    ['null is a value', { op: 'replace', path: 'title', value: null }, ['replace title null']],
    ['remove with a value', { op: 'Remove', path: 'emails', value: [{ value: 'x' }] }, ['remove emails [{"value":"x"}]']],
    ['path null counts as absent', { op: 'add', path: null, value: { title: 'x' } }, ['add title "x"']],
    ['path "" counts as absent', { op: 'add', path: '', value: { title: 'x' } }, ['add title "x"']],
    ['an empty object', { op: 'add', value: {} }, []],
    ['a filter path', { op: 'add', path: 'roles[primary eq "True"].value', value: 'x' }, ['add roles[primary eq true].value "x"']],
    ['the core URN as path', { op: 'add', path: USER_SCHEMA, value: { title: 'x' } }, ['add title "x"']],
    ['an extension as path', { op: 'add', path: ENTERPRISE, value: { manager: 'x' } }, [`add ${ENTERPRISE}:manager "x"`]],
    ['an extension within a path-less value', { op: 'add', value: { [ACME]: { floor: 3 } } }, [`add ${ACME}:floor 3`]],
    [
      'dotted keys below an extension',
      { op: 'add', value: { [ENTERPRISE]: { 'manager.value': 'x' } } },
      [`add ${ENTERPRISE}:manager.value "x"`],
    ],
    [
      'read-only keys',
      { op: 'replace', value: { id: '1', 'meta.version': 'x', groups: [], schemas: [], title: 'x' } },
      ['replace title "x"'],
    ],
    ['an attribute of ours called schemas', { op: 'add', value: { [ACME]: { schemas: ['x'] } } }, [`add ${ACME}:schemas ["x"]`]],
    ['unknown keys', { op: 'add', value: { shoeSize: 9, 'name.shoeSize': 9, 'urn:example:2.0:User': {} } }, []],
  ])('%s', (_title, operation, operations) => {
    expect(read({ Operations: [operation] })).toEqual(operations);
  });

  test('the whole extension removed is each of its attributes removed', () => {
    expect(read({ operations: [{ op: 'remove', path: ENTERPRISE }] })).toEqual(
      ['employeeNumber', 'costCenter', 'organization', 'division', 'department', 'manager'].map((name) => `remove ${ENTERPRISE}:${name}`),
    );
  });

  test.each<readonly [body: JsonValue, scimType: string, detail: string]>([
    ['x', 'invalidSyntax', 'the body is not a JSON object'],
    [{}, 'invalidSyntax', 'Operations: takes a list'],
    [{ Operations: {} }, 'invalidSyntax', 'Operations: takes a list'],
    [{ Operations: ['x'] }, 'invalidSyntax', 'Operations[0]: takes an object'],
    [{ Operations: [{ path: 'title' }] }, 'invalidSyntax', 'Operations[0]: op must be add, replace or remove'],
    [{ Operations: [{ op: 'move', path: 'title' }] }, 'invalidSyntax', 'Operations[0]: op must be add, replace or remove'],
    [{ Operations: [{ op: 'remove' }] }, 'noTarget', 'Operations[0]: remove needs a path'],
    [{ Operations: [{ op: 'add', value: 'x' }] }, 'invalidValue', 'Operations[0]: without a path, value must be an object'],
    [{ Operations: [{ op: 'add', path: 7, value: 'x' }] }, 'invalidPath', 'Operations[0]: path must be text'],
    [{ Operations: [{ op: 'add', path: 'title' }] }, 'invalidValue', 'title: add needs a value'],
    [{ Operations: [{ op: 'add', path: 'a b', value: 'x' }] }, 'invalidPath', 'path: expected [ or the end, not "b" at character 3'],
    [{ Operations: [{ op: 'add', path: 'id', value: 'x' }] }, 'mutability', 'id: is read-only'],
    [{ Operations: [{ op: 'add', path: 'meta.version', value: 'x' }] }, 'mutability', 'meta.version: is read-only'],
    [{ Operations: [{ op: 'remove', path: 'groups' }] }, 'mutability', 'groups: is read-only'],
    [{ Operations: [{ op: 'remove', path: USER_SCHEMA }] }, 'invalidValue', `${USER_SCHEMA}: takes an object`],
    [{ Operations: [{ op: 'add', path: ENTERPRISE, value: 'x' }] }, 'invalidValue', `${ENTERPRISE}: takes an object`],
  ])('%j is refused', (body, scimType, detail) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ status: 400, scimType, detail }));
  });

  test('takes so many operations and no more', () => {
    const body = (length: number) => ({ Operations: Array.from({ length }, () => ({ op: 'remove', path: 'title' })) });
    expect(read(body(1000))).toHaveLength(1000);
    expect(() => read(body(1001))).toThrow(
      expect.objectContaining({ scimType: 'tooMany', detail: 'Operations: at most 1000 in one request' }),
    );
  });
});
