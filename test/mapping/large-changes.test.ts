import { expect, test } from 'vitest';
import type { Change, Modification } from '../../src/ldap/change.ts';
import { inParts } from '../../src/mapping/large-changes.ts';
import type { PlannedChange } from '../../src/mapping/write-plan.ts';

const DN = 'cn=all,ou=groups,dc=example,dc=org';
const names = (count: number) => Array.from({ length: count }, (_, index) => `uid=u${index}`);
const sizes = (change: Change | undefined) =>
  change?.kind === 'modify' ? change.modifications.map(({ operation, values }) => `${operation} ${values.length}`) : change?.kind;

test('what fits into one request stays one', () => {
  const planned: readonly PlannedChange[] = [
    { change: { kind: 'add', dn: DN, attributes: [{ name: 'member', values: names(5000) }] }, undo: { kind: 'delete', dn: DN } },
    { change: { kind: 'modify', dn: DN, modifications: [{ operation: 'replace', attribute: 'member', values: names(6000) }] } },
  ];
  expect(inParts(planned)).toEqual(planned);
});

test('a long new group is filled a part at a time', () => {
  const cn = { name: 'cn', values: ['all'] };
  const [add, ...rest] = inParts([
    { change: { kind: 'add', dn: DN, attributes: [cn, { name: 'member', values: names(12_000) }] }, undo: { kind: 'delete', dn: DN } },
  ]);
  expect(add).toEqual({
    change: { kind: 'add', dn: DN, attributes: [cn, { name: 'member', values: names(5000) }] },
    undo: { kind: 'delete', dn: DN },
  });
  expect(rest.map(({ change, undo }) => [sizes(change), sizes(undo)])).toEqual([
    [['add 5000'], ['delete 5000']],
    [['add 2000'], ['delete 2000']],
  ]);
});

test('a long difference is written in parts, with its guard on the first, and each part is taken back by itself', () => {
  const modifications: readonly Modification[] = [
    { operation: 'replace', attribute: 'description', values: ['new'] },
    { operation: 'delete', attribute: 'member', values: names(5001) },
    { operation: 'add', attribute: 'member', values: names(3) },
  ];
  const undo: readonly Modification[] = [
    { operation: 'delete', attribute: 'member', values: names(3) },
    { operation: 'add', attribute: 'member', values: names(5001) },
    { operation: 'replace', attribute: 'description', values: ['old'] },
  ];
  const assertion = { kind: 'equality', attribute: 'entryCSN', value: '1' } as const;
  const parts = inParts([
    { change: { kind: 'modify', dn: DN, modifications, assertion }, undo: { kind: 'modify', dn: DN, modifications: undo } },
  ]);
  expect(parts.map(({ change, undo: back }) => [sizes(change), sizes(back)])).toEqual([
    [
      ['replace 1', 'delete 5000', 'add 3'],
      ['delete 3', 'add 5000', 'replace 1'],
    ],
    [['delete 1'], ['add 1']],
  ]);
  expect(parts.map(({ change }) => 'assertion' in change)).toEqual([true, false]);
});
