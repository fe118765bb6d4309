import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assumeFacts } from '../../src/explain/assumed-directory.ts';
import { EntryStore } from '../../src/explain/entry-store.ts';
import { selectEntry } from '../../src/explain/select-entry.ts';
import { makeEntry } from '../../src/ldap/entry.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';

const { schema } = assumeFacts();
const BASE = 'ou=people,dc=example,dc=org';
const person = (uid: string, title: string) =>
  makeEntry(`uid=${uid},${BASE}`, [
    { name: 'objectClass', values: ['inetOrgPerson'] },
    { name: 'uid', values: [uid] },
    { name: 'title', values: [title, 'x'] },
    { name: 'manager', values: [`UID=${uid}, ${BASE}`] },
  ]);

const value = fc.constantFrom('a', 'A', 'b', 'c', 'x', `uid=a,${BASE}`, 'inetorgperson');
const attribute = fc.constantFrom('uid', 'title', 'manager', 'objectClass', 'entryDN', 'noSuchAttribute');
const filter = fc.letrec<{ filter: LdapFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    fc.record({ kind: fc.constant('equality' as const), attribute, value }),
    fc.record({ kind: fc.constant('present' as const), attribute }),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
  ),
})).filter;

describe('a store of entries', () => {
  test('finds by its indexes what a look at every entry finds, whatever was written before and after', () => {
    const change = fc.record({ uid: fc.constantFrom('a', 'b', 'c'), title: fc.constantFrom('a', 'b'), gone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.array(filter, { minLength: 1, maxLength: 4 }), (changes, filters) => {
        const store = new EntryStore(schema);
        const all = new Map<string, ReturnType<typeof person>>();
        for (const [index, { uid, title, gone }] of changes.entries()) {
          const entry = person(uid, title);
          if (gone) store.delete(entry.dn);
          else store.put(entry);
          if (gone) all.delete(uid);
          else all.set(uid, entry);
          const request = {
            base: BASE,
            scope: 'subtree',
            filter: filters[index % filters.length] as LdapFilter,
            attributes: ['uid'],
          } as const;
          const expected = [...all.values()].flatMap((each) => selectEntry(each, request, schema)).map(({ dn }) => dn);
          expect(
            store
              .select(request)
              .map(({ dn }) => dn)
              .toSorted(),
          ).toEqual(expected.toSorted());
        }
      }),
    );
  });
});
