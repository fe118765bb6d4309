import { describe, expect, test } from 'vitest';
import { makeEntry } from '../../src/ldap/entry.ts';
import { formatLdapFilter } from '../../src/ldap/format-ldap-filter.ts';
import { formerNames, hadNames } from '../../src/mapping/former-names.ts';
import { ada, bob, usersPlan } from './support/plans.ts';

const plan = (rdn: string) =>
  usersPlan({
    attributes: { userName: 'uid' },
    section: { onDelete: { kind: 'move', base: 'ou=leavers,dc=example,dc=org', rdn, set: new Map(), clear: [] } },
  });
const left = (uid: string) =>
  makeEntry(`uid=${uid},ou=leavers,dc=example,dc=org`, [
    { name: 'uid', values: [uid] },
    { name: 'entryUUID', values: [ada.id] },
  ]);

describe.each([
  ['{ldap:uid}-{id}', '(uid=bob-*)'],
  ['left-{id}-{ldap:uid}.x', '(uid=left-*-bob.x)'],
  ['{id}{ldap:UID}', '(uid=*bob)'],
])('%s', (rdn, filter) => {
  const made = rdn.replace(/\{ldap:uid\}/i, 'bob').replace('{id}', ada.id);

  test('is asked for by what stands between the ids', () => {
    expect(formatLdapFilter(hadNames(plan(rdn), ['bob']))).toBe(filter);
  });

  test('tells the name that somebody had, and of others nothing', () => {
    expect(formerNames(plan(rdn), left(made))).toEqual(['bob']);
    expect(formerNames(plan(rdn), left('bob'))).toEqual([]);
    expect(formerNames(plan(rdn), left(made.replace(ada.id, bob.id)))).toEqual([]);
  });
});

test('nothing is known where the name is changed, missing, or nobody is kept', () => {
  for (const one of [plan('{ldap:uid | lowercase}-{id}'), plan('{id}'), usersPlan({ attributes: { userName: 'uid' } })]) {
    expect([hadNames(one, ['bob']), formerNames(one, left(`bob-${ada.id}`))]).toEqual([{ kind: 'or', filters: [] }, []]);
  }
});
