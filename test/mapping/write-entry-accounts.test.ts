import { describe, expect, test } from 'vitest';
import type { AttributeLine } from '../../src/config/mapping-file.ts';
import { planUpdate } from '../../src/mapping/write-entry.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE } from '../../src/scim/schema.ts';
import { entry, groups, set, users } from './support/ada.ts';
import { ada, bob, context, created, entryOf, GROUPS, OUTSIDER, read, readMapped, updated, usersPlan } from './support/plans.ts';

describe('planUpdate: the account state', () => {
  const OFF = '000001010000Z';

  test('absent is active, off is the value, a temporary lock is active', () => {
    const active = (values: readonly string[]) => read(users, entry({ pwdAccountLockedTime: values }))['active'];
    expect([active([]), active([OFF]), active(['20260131083000Z'])]).toEqual([true, false, true]);
  });

  test('switching off and on', () => {
    expect(set({ active: false })).toEqual([`replace pwdAccountLockedTime: ${OFF}`]);
    expect(set({ active: false }, entry({ pwdAccountLockedTime: ['20260131083000Z'] }))).toEqual([`replace pwdAccountLockedTime: ${OFF}`]);
    expect(set({ active: true }, entry({ pwdAccountLockedTime: [OFF] }))).toEqual([`delete pwdAccountLockedTime: ${OFF}`]);
  });

  test('twice is once', () => {
    expect(set({ active: false }, entry({ pwdAccountLockedTime: [OFF] }))).toEqual([]);
    expect(set({ active: true })).toEqual([]);
    expect(set({ active: true }, entry({ pwdAccountLockedTime: ['20260131083000Z'] }))).toEqual([]);
  });

  test('nothing said: stays as it is', () => {
    expect(set({ active: undefined }, entry({ pwdAccountLockedTime: [OFF] }))).toEqual([]);
  });

  test('an attribute with both words', () => {
    const line: AttributeLine = { kind: 'state', ldap: 'employeeType', inactive: 'off', active: 'on' };
    const plan = usersPlan({ attributes: { userName: 'uid', active: line } });
    const of = (...employeeType: readonly string[]) => entryOf({ uid: ['ada'], employeeType });
    expect(created(plan, { userName: 'ada' })).toContain('employeeType: on');
    expect(created(plan, { userName: 'ada', active: false })).toContain('employeeType: off');
    expect(readMapped(plan, of('OFF'))).toMatchObject({ active: false });
    expect(set({ active: true }, of('OFF'), plan)).toEqual(['replace employeeType: on']);
    expect(set({ active: false }, of('on'), plan)).toEqual(['replace employeeType: off']);
    expect(set({ active: true }, of(), plan)).toEqual([]);
  });
});

describe('planUpdate: passwords (decisions 5)', () => {
  const plain = usersPlan({
    attributes: {
      userName: 'uid',
      active: { kind: 'state', ldap: 'pwdAccountLockedTime', inactive: '000001010000Z' },
      password: { kind: 'password', ldap: 'userPassword', method: 'plain' },
    },
  });
  const inactive = entry({ pwdAccountLockedTime: ['000001010000Z'] });

  test('RFC 3062: last, and the lock again where the account is to stay inactive', () => {
    expect(set({ password: 'p' })).toEqual(['password p']);
    expect(set({ password: 'p', userName: 'countess', title: 'x' })).toEqual(['rename to uid=countess', 'add title: x', 'password p']);
    expect(set({ password: 'p' }, inactive)).toEqual(['password p', 'replace pwdAccountLockedTime: 000001010000Z']);
    expect(set({ password: 'p', active: false })).toEqual([
      'replace pwdAccountLockedTime: 000001010000Z',
      'password p',
      'replace pwdAccountLockedTime: 000001010000Z',
    ]);
    expect(set({ password: 'p', active: true }, inactive)).toEqual(['delete pwdAccountLockedTime: 000001010000Z', 'password p']);
  });

  test('RFC 3062: a password and the lock after it cannot be undone', () => {
    const before = read(users, inactive);
    const { changes } = planUpdate(users, users.lenses, inactive, before, { ...before, password: 'p' }, context);
    expect(changes.map(({ undo }) => undo)).toEqual([undefined, undefined]);
  });

  test('plain: the lock stands before the password', () => {
    expect(set({ password: 'p' }, entry(), plain)).toEqual(['replace userPassword: p']);
    const locked = set({ password: 'p' }, inactive, plain);
    expect(locked.at(-1)).toBe('replace userPassword: p');
    expect(locked.at(-2)).toBe('add pwdAccountLockedTime: 000001010000Z');
    expect(created(plain, { userName: 'ada', password: 'p' })).toContain('userPassword: p');
  });

  test('absent means unchanged, and it is never read', () => {
    expect(set({ password: undefined }, entry({ userPassword: ['{SSHA}x'] }), plain)).toEqual([]);
    expect(readMapped(plain, entry({ userPassword: ['{SSHA}x'] }))).not.toHaveProperty('password');
  });
});

describe('planUpdate: references', () => {
  const managers = (manager: unknown, ...values: readonly string[]) =>
    updated(
      users,
      entry({ manager: values }),
      (before) => ({ ...before, [ENTERPRISE]: manager === undefined ? undefined : { manager: { value: manager } } }) as ScimObject,
    );

  test('one reference: exchanged, cleared, kept', () => {
    expect(managers(bob.id)).toEqual([`add manager: ${bob.dn}`]);
    expect(managers(bob.id, ada.dn)).toEqual([`delete manager: ${ada.dn}`, `add manager: ${bob.dn}`]);
    expect(managers(bob.id, bob.dn.toUpperCase())).toEqual([]);
    expect(managers(undefined, bob.dn)).toEqual([`delete manager: ${bob.dn}`]);
  });

  test('who points outside is kept', () => {
    expect(managers(undefined, OUTSIDER, bob.dn)).toEqual([`delete manager: ${bob.dn}`]);
    expect(managers(bob.id, OUTSIDER)).toEqual([`replace manager: ${bob.dn} | ${OUTSIDER}`]);
  });

  test('of several the first is exchanged, and the new one comes first', () => {
    expect(managers(ada.id, bob.dn, ada.dn)).toEqual([`delete manager: ${bob.dn}`]);
    expect(managers(bob.id, ada.dn, OUTSIDER)).toEqual([`replace manager: ${bob.dn} | ${OUTSIDER}`]);
  });

  test('an id that names nobody: ignored or refused, as the line says', () => {
    expect(managers('nobody')).toEqual([]);
    const strict = usersPlan({
      attributes: { userName: 'uid', manager: { kind: 'reference', ldap: 'manager', refersTo: ['users'], unresolved: 'reject' } },
    });
    const create = () => created(strict, { userName: 'ada', [ENTERPRISE]: { manager: { value: 'nobody' } } });
    expect(create).toThrow(expect.objectContaining({ scimType: 'invalidValue', detail: 'manager: the id "nobody" names no user' }));
  });

  const group = (...member: readonly string[]) =>
    entryOf({ objectClass: ['groupOfNames', 'scimObject'], cn: ['Staff'], member }, `cn=Staff,${GROUPS}`);
  const members = (of: ReturnType<typeof group>, ...ids: readonly string[]) =>
    set({ members: ids.map((value) => ({ value })) }, of, groups);

  test('members are added and removed one by one; who is no resource of ours stays', () => {
    expect(members(group(ada.dn, OUTSIDER), bob.id)).toEqual([`delete member: ${ada.dn}`, `add member: ${bob.dn}`]);
    expect(members(group(ada.dn, OUTSIDER), ada.id)).toEqual([]);
    expect(members(group(ada.dn, OUTSIDER))).toEqual([`delete member: ${ada.dn}`]);
  });

  test('the placeholder stands in for the last one and goes with the first', () => {
    expect(members(group(ada.dn))).toEqual([`delete member: ${ada.dn}`, 'add member: cn=nobody,dc=example,dc=org']);
    expect(members(group('cn=Nobody,dc=example,dc=org'), bob.id)).toEqual([
      'delete member: cn=Nobody,dc=example,dc=org',
      `add member: ${bob.dn}`,
    ]);
    expect(readMapped(groups, group('CN=nobody,DC=example,DC=org'))).toEqual({ displayName: 'Staff' });
  });

  test('a member twice is a member once', () => {
    expect(members(group(OUTSIDER), bob.id, bob.id.toUpperCase())).toEqual([`add member: ${bob.dn}`]);
  });
});
