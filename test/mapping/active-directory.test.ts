import { describe, expect, it } from 'vitest';
import type { AttributeLine } from '../../src/config/mapping-file.ts';
import { planCreate } from '../../src/mapping/write-entry.ts';
import { set } from './support/ada.ts';
import { context, created, entryOf, readMapped, usersPlan } from './support/plans.ts';

const ACTIVE: AttributeLine = { kind: 'state', ldap: 'userAccountControl', bit: 0x2n, initial: 0x200n };
const plan = usersPlan({
  attributes: { userName: 'uid', active: ACTIVE, password: { kind: 'password', ldap: 'unicodePwd', method: 'unicodePwd' } },
});
const accountWith = (...userAccountControl: readonly string[]) => entryOf({ uid: ['ada'], userAccountControl });

describe('the account state in a bit', () => {
  it('is read from the bit alone; without a number an entry is active', () => {
    const active = (...values: readonly string[]) => (readMapped(plan, accountWith(...values)) as { readonly active?: boolean }).active;
    expect([active('512'), active('514'), active('66050'), active('66048'), active()]).toEqual([true, false, false, true, true]);
    expect([active('x'), active('-2147483646')]).toEqual([true, false]);
  });

  it('exchanges the number and keeps the other bits', () => {
    expect(set({ active: false }, accountWith('66048'), plan)).toEqual([
      'delete userAccountControl: 66048',
      'add userAccountControl: 66050',
    ]);
    expect(set({ active: true }, accountWith('66050'), plan)).toEqual([
      'delete userAccountControl: 66050',
      'add userAccountControl: 66048',
    ]);
    expect(set({ active: false }, accountWith('-2147483648'), plan)).toEqual([
      'delete userAccountControl: -2147483648',
      'add userAccountControl: -2147483646',
    ]);
  });

  it('twice is once', () => {
    expect(set({ active: false }, accountWith('514'), plan)).toEqual([]);
    expect(set({ active: true }, accountWith('512'), plan)).toEqual([]);
  });

  it('begins with the number that the line names', () => {
    expect(created(plan, { userName: 'ada' })).toContain('userAccountControl: 512');
    expect(created(plan, { userName: 'ada', active: false })).toContain('userAccountControl: 514');
  });

  it('asks the directory for the bit', () => {
    const lens = plan.lenses.find(({ kind }) => kind === 'state');
    const inactive = {
      kind: 'extensible',
      attribute: 'userAccountControl',
      matchingRule: '1.2.840.113556.1.4.803',
      dnAttributes: false,
      value: '2',
    };
    const schema = { ...context.schema, attributeType: () => context.schema.attributeType('uid') };
    expect(lens?.match('eq', false, { ...context, schema })).toEqual({ filter: inactive, exact: true });
    expect(lens?.match('eq', true, { ...context, schema })).toEqual({ filter: { kind: 'not', filter: inactive }, exact: true });
  });
});

describe('passwords of Active Directory (decisions 7)', () => {
  const PASSWORD = Buffer.from('"Ada-1815"', 'utf16le');

  it('are given to a new account while it is off; then it is switched on', () => {
    const { changes } = planCreate(plan, { userName: 'ada', password: 'Ada-1815' }, context);
    const [add, modify] = changes.map(({ change }) => change);
    expect(changes).toHaveLength(2);
    expect(add?.kind === 'add' ? add.attributes.map(({ name, values }) => [name, ...values]) : []).toEqual(
      expect.arrayContaining([['userAccountControl', '514']]),
    );
    expect(add?.kind === 'add' ? add.attributes.map(({ name }) => name) : []).not.toContain('unicodePwd');
    expect(modify).toMatchObject({
      kind: 'modify',
      modifications: [
        { operation: 'replace', attribute: 'unicodePwd', values: [PASSWORD] },
        { operation: 'delete', attribute: 'userAccountControl', values: ['514'] },
        { operation: 'add', attribute: 'userAccountControl', values: ['512'] },
      ],
    });
  });

  it('are given to an account that is to stay off, and nothing else', () => {
    const { changes } = planCreate(plan, { userName: 'ada', password: 'Ada-1815', active: false }, context);
    expect(changes[1]?.change).toMatchObject({ modifications: [{ attribute: 'unicodePwd', values: [PASSWORD] }] });
  });

  it('are replaced without a touch to the state', () => {
    const account = accountWith('514');
    expect(set({ password: 'Ada-1815' }, account, plan)).toEqual([expect.stringMatching(/^replace unicodePwd: /)]);
  });
});
