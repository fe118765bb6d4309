import { describe, expect, test } from 'vitest';
import { planCreate } from '../../src/mapping/write-entry.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { entry, set } from './support/ada.ts';
import { context, created, type PlanSettings, usersPlan } from './support/plans.ts';

const ATTRIBUTES = { userName: 'uid', 'name.familyName': 'sn', displayName: 'displayName', userType: 'homeDirectory', nickName: 'gecos' };
const CN = { cn: { templates: ['{displayName}', '{title | lowercase}'], places: [], write: 'always' } } as const;

function plan(more: PlanSettings['generated'] = {}, classes: readonly string[] = []) {
  const objectClass = ['top', 'person', 'organizationalPerson', 'inetOrgPerson', ...classes];
  return usersPlan({ attributes: ATTRIBUTES, generated: { ...CN, ...more }, section: { objectClass } });
}

const refused = (detail: string) => expect.objectContaining({ status: 400, scimType: 'invalidValue', detail });

describe('a new entry without what its classes demand', () => {
  test.each<readonly [lacks: string, sent: ScimObject, detail: string]>([
    ['what a line stores', { userName: 'ada', displayName: 'Ada' }, "name.familyName: is required, the directory's schema demands sn"],
    ['what a template is made of', { userName: 'ada', name: { familyName: 'L' } }, "title: is required, the directory's schema demands cn"],
  ])('is refused with the SCIM attribute that is missing: %s', (_lacks, sent, detail) => {
    expect(() => planCreate(plan(), sent, context)).toThrow(refused(detail));
  });

  const complete = { userName: 'ada', displayName: 'Ada', name: { familyName: 'L' } };

  test('is refused before a number is taken for it', () => {
    const numbered = plan({ uidNumber: { kind: 'number', allocate: { from: 7, to: 9 }, counter: 'cn=next,dc=example,dc=org' } });
    expect(planCreate(numbered, complete, context).needs).toMatchObject({ kind: 'number' });
    expect(() => planCreate(numbered, { userName: 'ada', displayName: 'Ada' }, context)).toThrow(/^name\.familyName: is required/);
  });

  test('is left to the directory where no client can cure it', () => {
    expect(created(plan({}, ['simpleSecurityObject']), complete)[0]).toBe('add');
  });
});

describe('an entry that is there', () => {
  test('keeps what its classes demand', () => {
    expect(() => set({ name: undefined }, entry(), plan())).toThrow(
      refused("name.familyName: is required, the directory's schema demands sn"),
    );
    expect(set({ name: undefined }, entry({ sn: [] }), plan())).toEqual([]);
    expect(set({ displayName: undefined }, entry({ displayName: ['Ada'] }), plan())).toEqual(['delete displayName: Ada']);
  });

  test('gets no class without what that demands', () => {
    const posix = plan(
      { uidNumber: { templates: ['7'], places: [], write: 'once' }, gidNumber: { templates: ['7'], places: [], write: 'once' } },
      ['posixAccount'],
    );
    expect(() => set({ nickName: 'Countess' }, entry(), posix)).toThrow(
      refused("userType: is required, the directory's schema demands homedirectory"),
    );
    expect(set({ nickName: 'Countess', userType: '/home/ada' }, entry(), posix)).toContain('add objectClass: posixAccount');
    // Its own classes say that it may have a home, although nobody looks at it.
    const account = { objectClass: ['inetOrgPerson', 'posixAccount'], uidNumber: ['7'], gidNumber: ['7'] };
    expect(set({ nickName: 'Countess' }, entry(account), posix)).toEqual(['add gecos: Countess']);
  });
});
