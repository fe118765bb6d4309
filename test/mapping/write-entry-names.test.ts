import { describe, expect, test } from 'vitest';
import { planUpdate } from '../../src/mapping/write-entry.ts';
import { entry, person, set, users } from './support/ada.ts';
import { type Attributes, ada, context, entryOf, PEOPLE, read, readMapped, usersPlan } from './support/plans.ts';

describe('planUpdate: names', () => {
  test('a new naming value renames, and nothing else has to be written', () => {
    expect(set({ userName: 'countess' })).toEqual(['rename to uid=countess']);
  });

  test('letter case alone renames', () => {
    expect(set({ userName: 'ADA' })).toEqual(['rename to uid=ADA']);
  });

  test('a value that the RDN has in another spelling is no new name', () => {
    expect(set({}, entry({}, `UID=\\41\\44\\41,${PEOPLE}`))).toEqual([]);
    expect(set({ displayName: 'x' }, entry({}, `UID=ADA,${PEOPLE}`))).toEqual(['add displayName: x']);
  });

  test('special characters are escaped', () => {
    expect(set({ userName: '#a, b' })).toEqual(['rename to uid=\\23a\\2c b']);
  });

  test('other values of the naming attribute stay', () => {
    const of = entry({ uid: ['countess', 'ada'] });
    expect(readMapped(users, of)).toMatchObject({ userName: 'ada' });
    expect(set({ userName: 'lovelace' }, of)).toEqual(['rename to uid=lovelace']);
    expect(set({ userName: 'Countess' }, of)).toEqual(['rename to uid=Countess']);
  });

  test('the rename comes first, carries the guard, and can be undone', () => {
    const of = entry({}, `uid=ada,${PEOPLE}`);
    const before = read(users, of);
    const { changes, dn } = planUpdate(users, users.lenses, of, before, { ...before, userName: 'countess', title: 'Miss' }, context);
    expect(dn).toBe(`uid=countess,${PEOPLE}`);
    expect(changes).toEqual([
      {
        change: {
          kind: 'rename',
          dn: `uid=ada,${PEOPLE}`,
          newRdn: 'uid=countess',
          source: ['users', 'attributes', 'userName'],
          assertion: { kind: 'equality', attribute: 'entryCSN', value: '20260131083000.000001Z#000000#000#000000' },
        },
        undo: { kind: 'rename', dn: `uid=countess,${PEOPLE}`, newRdn: 'uid=ada' },
      },
      {
        change: {
          kind: 'modify',
          dn: `uid=countess,${PEOPLE}`,
          modifications: [{ operation: 'add', attribute: 'title', values: ['Miss'], source: ['users', 'attributes', 'title'] }],
        },
        undo: { kind: 'modify', dn: `uid=countess,${PEOPLE}`, modifications: [{ operation: 'replace', attribute: 'title', values: [] }] },
      },
    ]);
  });

  test('an entry without version is guarded by its id', () => {
    const of = entryOf({ ...person, entryCSN: [] });
    const before = read(users, of);
    const { changes } = planUpdate(users, users.lenses, of, before, { ...before, title: 'Miss' }, context);
    expect(changes[0]?.change).toMatchObject({ assertion: { kind: 'equality', attribute: 'entryUUID', value: ada.id } });
  });

  describe('an adopted entry that another attribute names', () => {
    const adopted = entry({}, `cn=Ada Lovelace,${PEOPLE}`);

    test('keeps its name when its userName changes', () => {
      expect(set({ userName: 'countess' }, adopted)).toEqual(['delete uid: ada', 'add uid: countess']);
    });

    test('is renamed when that attribute changes: its value could not be taken out of the entry', () => {
      expect(set({ name: { givenName: 'Ada', familyName: 'Lovelace', formatted: 'Countess' } }, adopted)).toEqual([
        'rename to cn=Countess',
      ]);
    });

    test('also when the change is generated', () => {
      expect(set({ name: { givenName: 'Ada', familyName: 'King', formatted: 'Ada Lovelace' } }, adopted)).toEqual([
        'rename to cn=Ada King',
        'delete sn: Lovelace',
        'add sn: King',
      ]);
    });

    test('in an RDN of several values each keeps its part', () => {
      const of = entry({}, `cn=Ada Lovelace+uid=ada,${PEOPLE}`);
      expect(set({ userName: 'countess' }, of)).toEqual(['rename to cn=Ada Lovelace+uid=countess']);
    });

    test('the order of several userNames counts, since no name says which one is shown', () => {
      expect(set({ userName: 'x' }, entry({ uid: ['ada', 'countess'] }, `cn=Ada Lovelace,${PEOPLE}`))).toEqual([
        'replace uid: x | countess',
      ]);
    });
  });
});

describe('planUpdate: adoption', () => {
  const bare = (more: Attributes = {}) =>
    entryOf({ ...person, objectClass: ['top', 'person', 'organizationalPerson', 'INETORGPERSON'], ...more });

  test('a class is added when a written attribute needs it, in the same modify', () => {
    expect(set({ externalId: 'x' }, bare())).toEqual(['add objectClass: scimObject', 'add scimExternalId: x']);
    expect(set({ externalId: 'x' })).toEqual(['add scimExternalId: x']);
  });

  test('and only then', () => {
    expect(set({ title: 'x' }, bare())).toEqual(['add title: x']);
    expect(set({ externalId: undefined }, bare({ scimExternalId: ['x'] }))).toEqual(['delete scimExternalId: x']);
    expect(set({ active: false }, bare())).toEqual(['replace pwdAccountLockedTime: 000001010000Z']);
  });

  test('a structural class is never added', () => {
    expect(set({ title: 'x' }, entryOf({ ...person, objectClass: ['top', 'person'] }))).toEqual(['add title: x']);
  });

  test('each class once', () => {
    expect(set({ externalId: 'x', emails: [{ type: 'other', value: 'a@x.example' }] }, bare())[0]).toBe('add objectClass: scimObject');
  });

  test('a password needs its class too', () => {
    const plan = usersPlan({
      attributes: {
        displayName: { ldap: 'cn', required: true },
        userName: 'uid',
        password: { kind: 'password', ldap: 'userPassword', method: 'plain' },
      },
      section: { objectClass: ['top', 'groupOfNames', 'simpleSecurityObject'], rdn: 'cn' },
    });
    const of = entryOf({ objectClass: ['groupOfNames'], cn: ['x'], uid: ['x'] });
    expect(set({ password: 'p' }, of, plan)).toEqual(['add objectClass: simpleSecurityObject', 'replace userPassword: p']);
  });
});
