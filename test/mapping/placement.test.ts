import { describe, expect, test } from 'vitest';
import { parseDn } from '../../src/ldap/dn.ts';
import { formatLdapFilter } from '../../src/ldap/format-ldap-filter.ts';
import { parseLdapFilter } from '../../src/ldap/parse-ldap-filter.ts';
import { branchFor, outermost, withoutEarlier } from '../../src/mapping/placement.ts';
import type { Branch, ResourcePlan } from '../../src/mapping/plan.ts';
import { planCreate } from '../../src/mapping/write-entry.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { context, shippedPlan, usersPlan } from './support/plans.ts';

const PEOPLE = 'ou=people,dc=example,dc=org';
const branch = (base: string): Branch => ({ base, dn: parseDn(base), when: undefined });

describe('outermost', () => {
  test.each([
    [[PEOPLE], [PEOPLE]],
    [[`ou=staff,${PEOPLE}`, PEOPLE], [PEOPLE]],
    [
      ['ou=contractors,dc=example,dc=org', PEOPLE],
      ['ou=contractors,dc=example,dc=org', PEOPLE],
    ],
    [[PEOPLE, 'OU=People,dc=example, dc=org'], [PEOPLE]],
    [['dc=example,dc=org', `ou=staff,${PEOPLE}`, PEOPLE], ['dc=example,dc=org']],
  ])('of %j', (bases, expected) => {
    expect(outermost(bases.map(branch))).toEqual(expected);
  });
});

describe('placement', () => {
  const plan = usersPlan({
    attributes: { userName: 'uid', userType: 'employeeType', 'name.familyName': { ldap: 'sn', whenEmpty: '-' } },
    generated: {},
    section: { placement: [{ when: 'userType eq "Contractor"', base: 'ou=contractors,dc=example,dc=org' }] },
  });

  test('the first branch that fits, else the base', () => {
    expect(branchFor(plan.branches, { userType: 'contractor' })?.base).toBe('ou=contractors,dc=example,dc=org');
    expect(branchFor(plan.branches, { userType: 'Employee' })?.base).toBe(PEOPLE);
    expect(branchFor(plan.branches, {})?.base).toBe(PEOPLE);
  });

  test('a new entry goes there', () => {
    const dnOf = (resource: ScimObject) => planCreate(plan, resource, context).dn;
    expect(dnOf({ userName: 'ada', userType: 'Contractor' })).toBe('uid=ada,ou=contractors,dc=example,dc=org');
    expect(dnOf({ userName: 'ada' })).toBe(`uid=ada,${PEOPLE}`);
  });
});

describe('withoutEarlier', () => {
  const location = (filter: string, base: string): ResourcePlan => ({
    ...shippedPlan('openldap.yaml').users,
    filter: parseLdapFilter(filter),
    branches: [branch(base)],
  });
  const first = location('(objectClass=posixGroup)', 'ou=groups,dc=example,dc=org');

  test('leaves out what an earlier location in the same branch sees', () => {
    const second = location('(objectClass=groupOfNames)', 'ou=groups,dc=example,dc=org');
    expect(formatLdapFilter(withoutEarlier(second, [first]))).toBe('(&(objectClass=groupOfNames)(!(objectClass=posixGroup)))');
  });

  test('says nothing of other branches', () => {
    const second = location('(objectClass=groupOfNames)', 'ou=roles,dc=example,dc=org');
    expect(formatLdapFilter(withoutEarlier(second, [first]))).toBe('(objectClass=groupOfNames)');
  });
});
