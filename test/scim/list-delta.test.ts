import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/scim/json.ts';
import { readListDelta } from '../../src/scim/list-delta.ts';
import { readPatch } from '../../src/scim/read-patch.ts';
import { group, takingNotes } from './support/patching.ts';

function delta(...operations: readonly JsonValue[]) {
  const read = readListDelta(readPatch({ Operations: operations }, group, takingNotes()), takingNotes());
  return read === undefined ? undefined : { clears: read.clears, add: [...read.add].join(' '), remove: [...read.remove].join(' ') };
}

const at = (op: string, value?: JsonValue) => ({ op, path: 'members', ...(value === undefined ? {} : { value }) });

describe('readListDelta: the shapes of entra-scim-client §6.5', () => {
  test.each<readonly [title: string, operations: readonly JsonValue[], clears: boolean, add: string, remove: string]>([
    ['nothing', [], false, '', ''],
    ['add a list', [at('Add', [{ $ref: null, value: 'a' }, { value: 'b' }])], false, 'a b', ''],
    ['add one object', [at('add', { value: 'a', display: 'A', type: 'User' })], false, 'a', ''],
    ['add a bare id', [at('add', 'a')], false, 'a', ''],
    ['add without path', [{ op: 'add', value: { members: [{ value: 'a' }] } }], false, 'a', ''],
    ['add nothing: null', [at('add', null)], false, '', ''],
    ['add nothing: ""', [at('add', '')], false, '', ''],
    ['add nothing: []', [at('add', [])], false, '', ''],
    ['remove a list', [at('Remove', [{ $ref: null, value: 'a' }])], false, '', 'a'],
    ['remove by filter', [{ op: 'remove', path: 'members[value eq "a"]' }], false, '', 'a'],
    ['remove by filter without quotes', [{ op: 'remove', path: 'members[value eq a]' }], false, '', 'a'],
    ['remove several by filter', [{ op: 'remove', path: 'members[value eq "a" or value eq "b"]' }], false, '', 'a b'],
    ['remove a bare id', [at('remove', 'a')], false, '', 'a'],
    ['remove nothing', [at('remove', [])], false, '', ''],
    ['remove all', [at('remove')], true, '', ''],
    ['replace', [at('replace', [{ value: 'a' }])], true, 'a', ''],
    ['replace by nothing', [at('replace', [])], true, '', ''],
    ['replace by null', [at('replace', null)], true, '', ''],
    ['add, then remove', [at('add', 'a'), at('remove', 'a')], false, '', 'a'],
    ['remove, then add', [at('remove', 'a'), at('add', 'a')], false, 'a', ''],
    ['replace, then remove', [at('replace', ['a', 'b']), at('remove', 'a')], true, 'b', ''],
    ['add, then remove all', [at('add', 'a'), at('remove')], true, '', ''],
  ])('%s', (_title, operations, clears, add, remove) => {
    expect(delta(...operations)).toEqual({ clears, add, remove });
  });

  test.each<JsonValue>([
    { op: 'remove', path: 'members[type eq "User"]' },
    { op: 'remove', path: 'members[value sw "a"]' },
    { op: 'remove', path: 'members[value eq "a" or type eq "User"]' },
    { op: 'remove', path: 'members[value eq "a" and type eq "User"]' },
    { op: 'add', path: 'members[value eq "a"]', value: { type: 'User' } },
    { op: 'replace', path: 'members.type', value: 'User' },
  ])('%j needs to know the list', (operation) => {
    expect(delta(at('add', 'x'), operation)).toBeUndefined();
  });

  test('an element without id is refused', () => {
    const read = () => delta(at('add', [{ type: 'User' }]));
    expect(read).toThrow(expect.objectContaining({ scimType: 'invalidValue', detail: 'members: an element has no value' }));
  });

  test('remove with null is refused: a group is not emptied on a guess', () => {
    const read = () => delta(at('remove', null));
    expect(read).toThrow(expect.objectContaining({ scimType: 'invalidValue', detail: 'members: leave value out to remove everything' }));
  });
});
