import { describe, expect, it } from 'vitest';
import { KnownNames } from '../../src/provisioning/known-names.ts';
import { shippedPlan } from '../mapping/support/plans.ts';

const { users, groups } = shippedPlan('openldap.yaml');
const [plan = users] = groups;
const ID = '00000000-0000-4000-8000-00000000000A';

describe('where the target of a write was', () => {
  it('is known by plan and id, until it is forgotten', () => {
    const names = new KnownNames();
    names.rememberTarget(plan, ID, 'cn=a');
    expect(names.targetOf(plan, ID.toLowerCase())).toBe('cn=a');
    expect(names.targetOf(users, ID)).toBeUndefined();
    names.forgetTarget(plan, ID);
    expect(names.targetOf(plan, ID)).toBeUndefined();
  });

  it('is kept for so many only, the latest', () => {
    const names = new KnownNames();
    for (let index = 0; index <= 20_000; index += 1) {
      names.rememberTarget(plan, String(index), `cn=${index}`);
      names.targetOf(plan, '0');
    }
    expect([names.targetOf(plan, '0'), names.targetOf(plan, '1'), names.targetOf(plan, '20000')]).toEqual(['cn=0', undefined, 'cn=20000']);
  });
});

describe('names that changed', () => {
  it('are told since a point in time, in any spelling', () => {
    const names = new KnownNames();
    names.changed('uid=early,dc=x', 'uid=e,dc=x');
    const then = names.now();
    expect(names.changedSince(then, ['uid=early,dc=x'])).toEqual([]);
    names.changed('uid=a,dc=x', 'uid=b,dc=x');
    names.changed('uid=gone,dc=x', undefined);
    expect(names.changedSince(then, ['UID=A, DC=x', 'uid=gone,dc=x', 'uid=early,dc=x', 'uid=other,dc=x'])).toEqual([
      { oldDn: 'UID=A, DC=x', newDn: 'uid=b,dc=x' },
      { oldDn: 'uid=gone,dc=x', newDn: undefined },
    ]);
  });
});
