import { describe, expect, test } from 'vitest';
import type { AttributeLine } from '../../src/config/mapping-file.ts';
import { planUpdate } from '../../src/mapping/write-entry.ts';
import { context, created, entryOf, PEOPLE, read, readMapped, updated, usersPlan } from './support/plans.ts';

const LEAVERS = 'ou=leavers,dc=example,dc=org';
const CONTRACTORS = 'ou=contractors,dc=example,dc=org';

describe('the account state by branch', () => {
  const active: AttributeLine = { kind: 'state', inactiveBase: LEAVERS };
  const plan = usersPlan({
    attributes: { userName: 'uid', title: 'title', userType: 'employeeType', active },
    section: { placement: [{ when: 'userType eq "Contractor"', base: CONTRACTORS }] },
  });
  const at = (parent: string, more = {}) => entryOf({ uid: ['ada'], ...more }, `uid=ada,${parent}`);

  test('searches cover the branch, and where the entry stands says its state', () => {
    expect(plan.searchBases).toEqual([LEAVERS, CONTRACTORS, PEOPLE]);
    expect([PEOPLE, LEAVERS, `ou=2025,${LEAVERS}`].map((parent) => read(plan, at(parent))['active'])).toEqual([true, false, false]);
  });

  test('off moves, on moves back to where the resource belongs', () => {
    expect(updated(plan, at(PEOPLE), (before) => ({ ...before, active: false }))).toEqual([
      `rename to uid=ada below ${LEAVERS}`,
      `at uid=ada,${LEAVERS}`,
    ]);
    expect(updated(plan, at(LEAVERS), (before) => ({ ...before, active: true }))).toEqual([`rename to uid=ada below ${PEOPLE}`]);
    expect(updated(plan, at(LEAVERS, { employeeType: ['Contractor'] }), (before) => ({ ...before, active: true }))).toEqual([
      `rename to uid=ada below ${CONTRACTORS}`,
      `at uid=ada,${CONTRACTORS}`,
    ]);
  });

  test('twice is once; an inactive one stays where it is, whatever else changes', () => {
    expect(updated(plan, at(LEAVERS), (before) => ({ ...before, active: false }))).toEqual([`at uid=ada,${LEAVERS}`]);
    expect(updated(plan, at(PEOPLE), (before) => ({ ...before, active: true }))).toEqual([]);
    expect(updated(plan, at(LEAVERS), (before) => ({ ...before, userType: 'Contractor' }))).toEqual([
      'add employeeType: Contractor',
      `at uid=ada,${LEAVERS}`,
    ]);
  });

  test('a new name and a new place are one operation, which can be taken back', () => {
    const entry = at(PEOPLE);
    const before = read(plan, entry);
    const { changes } = planUpdate(plan, plan.lenses, entry, before, { ...before, userName: 'bob', active: false }, context);
    expect(changes).toMatchObject([
      {
        change: { kind: 'rename', dn: `uid=ada,${PEOPLE}`, newRdn: 'uid=bob', newSuperior: LEAVERS },
        undo: { kind: 'rename', dn: `uid=bob,${LEAVERS}`, newRdn: 'uid=ada', newSuperior: PEOPLE },
      },
    ]);
  });

  test('created inactive', () => {
    expect(created(plan, { userName: 'ada', active: false }).at(-1)).toBe(`at uid=ada,${LEAVERS}`);
  });
});

describe('placement', () => {
  const plan = usersPlan({
    attributes: { userName: 'uid', title: 'title', userType: 'employeeType' },
    section: { placement: [{ when: 'userType eq "Contractor"', base: CONTRACTORS }] },
  });

  test('what decides where an entry belongs moves it', () => {
    const entry = entryOf({ uid: ['ada'] });
    expect(updated(plan, entry, (before) => ({ ...before, userType: 'contractor', title: 'x' }))).toEqual([
      `rename to uid=ada below ${CONTRACTORS}`,
      'add title: x',
      'add employeeType: contractor',
      `at uid=ada,${CONTRACTORS}`,
    ]);
  });

  test('one that others put elsewhere stays until that changes', () => {
    const entry = entryOf({ uid: ['ada'], employeeType: ['Contractor'] }, `uid=ada,ou=sales,${PEOPLE}`);
    expect(updated(plan, entry, (before) => ({ ...before, title: 'x' }))).toEqual(['add title: x']);
    const there = entryOf({ uid: ['ada'] }, `uid=ada,ou=sales,${CONTRACTORS}`);
    expect(updated(plan, there, (before) => ({ ...before, userType: 'Contractor' })).at(0)).toBe('add employeeType: Contractor');
  });
});

describe('whenInactive', () => {
  const active: AttributeLine = {
    kind: 'state',
    ldap: 'pwdAccountLockedTime',
    inactive: '000001010000Z',
    whenInactive: { set: new Map([['employeeType', 'gone']]), clear: ['title', 'facsimileTelephoneNumber'] },
  };
  const plan = usersPlan({ attributes: { userName: 'uid', title: 'title', active } });
  const entry = (more = {}) => entryOf({ uid: ['ada'], ...more });

  test('is done when it changes, and what was set is taken back', () => {
    const off = updated(plan, entry({ title: ['Boss'], employeeType: ['x'], facsimileTelephoneNumber: ['1'] }), (before) => ({
      ...before,
      active: false,
    }));
    expect(off).toEqual([
      'replace pwdAccountLockedTime: 000001010000Z',
      'replace employeeType: gone',
      'delete title: Boss',
      'replace facsimileTelephoneNumber:',
    ]);
    const on = updated(plan, entry({ pwdAccountLockedTime: ['000001010000Z'], employeeType: ['GONE'] }), (before) => ({
      ...before,
      active: true,
    }));
    expect(on).toEqual(['delete pwdAccountLockedTime: 000001010000Z', 'delete employeeType: GONE']);
  });

  test('leaves alone what others set meanwhile, and does nothing twice', () => {
    const inactive = { pwdAccountLockedTime: ['000001010000Z'] };
    expect(updated(plan, entry({ ...inactive, employeeType: ['other'] }), (before) => ({ ...before, active: true }))).toEqual([
      'delete pwdAccountLockedTime: 000001010000Z',
    ]);
    expect(updated(plan, entry({ ...inactive, title: ['Boss'] }), (before) => ({ ...before, active: false }))).toEqual([]);
  });

  test('goes for who is created inactive', () => {
    const lines = created(plan, { userName: 'ada', title: 'Boss', active: false });
    expect(lines).toContain('employeeType: gone');
    expect(lines).not.toContain('title: Boss');
    expect(created(plan, { userName: 'ada', title: 'Boss' })).not.toContain('employeeType: gone');
  });

  test('what was cleared can be sent again', () => {
    const lines = updated(plan, entry({ pwdAccountLockedTime: ['000001010000Z'] }), (before) => ({ ...before, title: 'Boss' }));
    expect(lines).toEqual(['add title: Boss']);
    expect(readMapped(plan, entry({ pwdAccountLockedTime: ['000001010000Z'], title: ['Boss'] }))).toMatchObject({
      active: false,
      title: 'Boss',
    });
  });
});
