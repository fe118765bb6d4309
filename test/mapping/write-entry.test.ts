import { describe, expect, test } from 'vitest';
import type { AttributeLine } from '../../src/config/mapping-file.ts';
import { planCreate, planUpdate } from '../../src/mapping/write-entry.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE } from '../../src/scim/schema.ts';
import {
  type Attributes,
  ada,
  bob,
  context,
  created,
  describePlan,
  entryOf,
  GROUPS,
  OUTSIDER,
  PEOPLE,
  read,
  readMapped,
  shippedPlan,
  staff,
  updated,
  usersPlan,
} from './support/plans.ts';

const { users, groups } = shippedPlan('openldap.yaml');
const classes = ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'scimObject'];

/** A person as we would have made her. */
const person: Attributes = { objectClass: classes, uid: ['ada'], cn: ['Ada Lovelace'], sn: ['Lovelace'], givenName: ['Ada'] };
const entry = (more: Attributes = {}, dn?: string) => entryOf({ ...person, ...more }, dn);

/** The write that sets some top-level attributes of what an entry shows; `undefined` clears. */
function set(attributes: { readonly [name: string]: unknown }, of = entry(), plan = users): readonly string[] {
  return updated(
    plan,
    of,
    (before) => Object.fromEntries(Object.entries({ ...before, ...attributes }).filter(([, value]) => value !== undefined)) as ScimObject,
  );
}

describe('planCreate', () => {
  test('writes the classes, what was sent, what the class demands, and what is generated', () => {
    expect(created(users, { userName: 'ada' })).toEqual([
      'add',
      'objectClass: top | person | organizationalPerson | inetOrgPerson | scimObject',
      'uid: ada',
      'cn: ada',
      'sn: -',
    ]);
  });

  test('an inactive user is inactive from the start, and again after the password was set', () => {
    expect(created(users, { userName: 'ada', active: false, password: 's3cret' }).slice(5)).toEqual([
      'pwdAccountLockedTime: 000001010000Z',
      'password s3cret',
      'replace pwdAccountLockedTime: 000001010000Z',
    ]);
  });

  test('the name is escaped, the value is not', () => {
    const plan = planCreate(users, { userName: 'a,b+c="d"' }, context);
    expect(plan.dn).toBe(`uid=a\\2cb\\2bc\\3d\\22d\\22,${PEOPLE}`);
    expect(describePlan(plan)).toContain('uid: a,b+c="d"');
  });

  test('can be undone', () => {
    expect(planCreate(users, { userName: 'ada' }, context).changes[0]?.undo).toEqual({ kind: 'delete', dn: `uid=ada,${PEOPLE}` });
  });

  test.each<readonly [sent: ScimObject, detail: string]>([
    [{}, 'userName: is required'],
    [
      { userName: 'ada', emails: [{ type: 'work', value: 'zoë@x.example' }] },
      'emails[type eq "work"].value: holds characters outside ASCII, which the directory cannot store here',
    ],
    [{ userName: 'ada', title: 'a\0b' }, 'title: holds a NUL character, which the directory cannot store'],
  ])('%j is refused', (sent, detail) => {
    expect(() => planCreate(users, sent, context)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue', detail }));
  });

  test('an empty group has the placeholder, another one has none', () => {
    expect(created(groups ?? users, { displayName: 'Staff' })).toContain('member: cn=nobody,dc=example,dc=org');
    expect(
      created(groups ?? users, { displayName: 'Staff', members: [{ value: bob.id }, { value: bob.id }, { value: staff.id }] }),
    ).toContain(`member: ${bob.dn} | ${staff.dn}`);
  });

  test('without a line for the naming attribute the generated one names', () => {
    const plan = usersPlan({ attributes: { userName: 'mail' }, generated: { uid: { templates: ['{userName}'], write: 'once' } } });
    expect(created(plan, { userName: 'ada' })).toEqual([expect.anything(), expect.anything(), 'mail: ada', 'uid: ada']);
    const nameless = usersPlan({ attributes: { userName: 'mail' }, generated: { uid: { templates: ['{nickName}'], write: 'once' } } });
    expect(() => created(nameless, { userName: 'ada' })).toThrow('uid: is required, the directory names entries by it');
  });
});

describe('planUpdate: values', () => {
  test('nothing differs: nothing is written', () => {
    expect(set({})).toEqual([]);
    expect(set({ id: 'x', meta: { version: 'y' }, schemas: [] })).toEqual([]);
  });

  test('a difference in letter case or blanks is written', () => {
    expect(set({ displayName: 'ADA' }, entry({ displayName: ['Ada'] }))).toEqual(['delete displayName: Ada', 'add displayName: ADA']);
    expect(set({ displayName: 'A  L' }, entry({ displayName: ['A L'] }))).toEqual(['delete displayName: A L', 'add displayName: A  L']);
  });

  test('values are deleted by name: the modify is a compare-and-set', () => {
    expect(set({ title: 'Countess' }, entry({ title: ['Miss'] }))).toEqual(['delete title: Miss', 'add title: Countess']);
    expect(set({ title: undefined }, entry({ title: ['Miss', 'Countess'] }))).toEqual(['delete title: Miss | Countess']);
  });

  test('an attribute without equality rule is replaced', () => {
    expect(set({ phoneNumbers: [{ type: 'fax', value: '1' }] })).toEqual(['replace facsimileTelephoneNumber: 1']);
    expect(set({ phoneNumbers: undefined }, entry({ facsimileTelephoneNumber: ['1'] }))).toEqual(['replace facsimileTelephoneNumber:']);
  });

  test('of several values the first is exchanged, and the new one comes first', () => {
    const several = entry({ mail: ['a@x.example', 'b@x.example', 'c@x.example'] });
    const mail = (value: string) => set({ emails: [{ type: 'work', value, primary: true }] }, several);
    expect(mail('new@x.example')).toEqual(['replace mail: new@x.example | b@x.example | c@x.example']);
    expect(mail('B@x.example')).toEqual(['replace mail: B@x.example | c@x.example']);
    expect(mail('a@x.example')).toEqual([]);
  });

  test('a new value that the directory takes for one of the others takes its place', () => {
    const phones = entry({ telephoneNumber: ['7', '+49-30-1'] });
    expect(set({ phoneNumbers: [{ type: 'work', value: '+49 30 1' }] }, phones)).toEqual(['replace telephoneNumber: +49 30 1']);
  });

  test('a value that cannot be shown is kept beside others, and makes room where it is alone', () => {
    const plan = usersPlan({
      attributes: { userName: 'uid', 'urn:example:acme:2.0:User:count': 'title' },
      schemas: new Map([
        ['urn:example:acme:2.0:User', { extends: 'User', attributes: new Map([['count', { type: 'integer', multiValued: false }]]) }],
      ]),
    });
    const count = (value: number, stored: readonly string[]) =>
      set({ 'urn:example:acme:2.0:User': { count: value } }, entryOf({ uid: ['ada'], title: stored }), plan);
    expect(count(7, ['x', '6'])).toEqual(['replace title: 7 | x']);
    expect(count(7, ['x'])).toEqual(['delete title: x', 'add title: 7']);
  });

  test('a list is a set', () => {
    const plan = usersPlan({ attributes: { userName: 'uid', 'roles.value': 'businessCategory' } });
    const of = entryOf({ uid: ['ada'], businessCategory: ['a', 'b'] });
    expect(set({ roles: [{ value: 'b' }, { value: 'a' }] }, of, plan)).toEqual([]);
    expect(set({ roles: [{ value: 'b' }, { value: 'c' }, { value: 'C' }] }, of, plan)).toEqual([
      'delete businessCategory: a',
      'add businessCategory: c',
    ]);
    expect(set({ roles: undefined }, of, plan)).toEqual(['delete businessCategory: a | b']);
  });

  test('what the file does not map is left alone', () => {
    expect(set({ nickName: 'Ada', ims: [{ value: 'x' }] }, entry({ carLicense: ['x'] }))).toEqual([]);
  });

  test('read-only lines are shown and never written', () => {
    const plan = usersPlan({ attributes: { userName: 'uid', title: { ldap: 'title', mutability: 'readOnly' } } });
    const of = entryOf({ uid: ['ada'], title: ['Miss'] });
    expect(readMapped(plan, of)).toEqual({ userName: 'ada', title: 'Miss' });
    expect(set({ title: 'Countess' }, of, plan)).toEqual([]);
    expect(created(plan, { userName: 'ada', title: 'x' })).not.toContain('title: x');
  });

  test('an immutable value is given once', () => {
    const plan = usersPlan({ attributes: { userName: 'uid', title: { ldap: 'title', mutability: 'immutable' } } });
    expect(set({ title: 'Miss' }, entryOf({ uid: ['ada'] }), plan)).toEqual(['add title: Miss']);
    const change = () => set({ title: 'Countess' }, entryOf({ uid: ['ada'], title: ['Miss'] }), plan);
    expect(change).toThrow(expect.objectContaining({ scimType: 'mutability', detail: 'title: is immutable and has a value' }));
  });

  test('what is required cannot be cleared', () => {
    expect(() => set({ userName: undefined })).toThrow(
      expect.objectContaining({ scimType: 'invalidValue', detail: 'userName: is required' }),
    );
  });
});

describe('planUpdate: placeholders', () => {
  const nameOf = (name: object | undefined, of = entry()) => set({ name }, of);

  test('the class demands sn: clearing writes the placeholder, giving removes it', () => {
    expect(nameOf({ givenName: 'Ada', formatted: 'Ada Lovelace' })).toEqual([
      'delete sn: Lovelace',
      'add sn: -',
      'delete cn: Ada Lovelace',
      'add cn: ada',
    ]);
    expect(set({ name: { familyName: 'King' } }, entryOf({ uid: ['ada'], sn: ['-'], cn: ['ada'] }))).toEqual([
      'delete sn: -',
      'add sn: King',
    ]);
  });

  test('its text means "nothing", in any spelling', () => {
    const plan = usersPlan({ attributes: { userName: 'uid', 'name.familyName': { ldap: 'sn', whenEmpty: 'None' } } });
    const of = entryOf({ uid: ['ada'], sn: ['None'] });
    expect(readMapped(plan, of)).toEqual({ userName: 'ada' });
    expect(set({ name: { familyName: 'NONE' } }, of, plan)).toEqual([]);
    expect(created(plan, { userName: 'ada', name: { familyName: 'none' } })).toContain('sn: None');
  });

  test('beside a real value it is not shown, and goes with the next write', () => {
    const both = entryOf({ uid: ['ada'], cn: ['ada'], sn: ['-', 'Lovelace'] });
    expect(readMapped(users, both)).toMatchObject({ name: { familyName: 'Lovelace' } });
    expect(set({ name: { familyName: 'King', formatted: 'ada' } }, both)).toEqual(['delete sn: - | Lovelace', 'add sn: King']);
  });
});

describe('planUpdate: generated values', () => {
  test('are made again when what they mention changes', () => {
    expect(set({ name: { givenName: 'Ada', familyName: 'King', formatted: 'Ada Lovelace' } })).toEqual([
      'delete sn: Lovelace',
      'add sn: King',
      'delete cn: Ada Lovelace',
      'add cn: Ada King',
    ]);
  });

  test('on adopted entries only a value that we made is exchanged', () => {
    const adopted = entry({ cn: ['Countess of Lovelace'] });
    expect(set({ name: { givenName: 'Ada', familyName: 'King', formatted: 'Countess of Lovelace' } }, adopted)).toEqual([
      'delete sn: Lovelace',
      'add sn: King',
    ]);
    const both = entry({ cn: ['Countess', 'Ada Lovelace'] });
    expect(set({ name: { givenName: 'Ada', familyName: 'King', formatted: 'Countess' } }, both)).toContain('delete cn: Ada Lovelace');
  });

  test('the two-way line comes first: what the client says wins', () => {
    const change = { name: { givenName: 'Ada', familyName: 'King', formatted: 'Countess' } };
    expect(set(change)).toEqual(['delete cn: Ada Lovelace', 'add cn: Countess', 'delete sn: Lovelace', 'add sn: King']);
  });

  test('cleared, it is made again', () => {
    expect(set({ name: { givenName: 'Ada', familyName: 'Lovelace' } }, entry({ cn: ['Countess'] }))).toEqual([
      'delete cn: Countess',
      'add cn: Ada Lovelace',
    ]);
    expect(set({ name: { givenName: 'Ada', familyName: 'Lovelace' } })).toEqual([]);
  });

  const withUri = usersPlan({
    attributes: { userName: 'uid', title: 'title' },
    generated: { labeledURI: { templates: ['https://people.example.org/{ldap:uid}'], write: 'once' } },
  });

  test('once: only while the entry has none, also on entries that were there before us', () => {
    const of = entryOf({ uid: ['ada'] });
    expect(set({ title: 'Miss' }, of, withUri)).toEqual(['add title: Miss', 'add labeledURI: https://people.example.org/ada']);
    expect(set({ title: 'Miss' }, entryOf({ uid: ['ada'], labeledURI: ['x'] }), withUri)).toEqual(['add title: Miss']);
    expect(set({}, of, withUri)).toEqual([]);
  });

  test('an LDAP blank sees the entry as it will be', () => {
    expect(set({ userName: 'countess' }, entryOf({ uid: ['ada'] }), withUri)).toEqual([
      'rename to uid=countess',
      'add labeledURI: https://people.example.org/countess',
    ]);
    expect(created(withUri, { userName: 'ada' })).toContain('labeledURI: https://people.example.org/ada');
  });

  test('a line with no blank filled makes nothing', () => {
    const plan = usersPlan({
      attributes: { userName: 'uid' },
      generated: { title: { templates: ['{nickName}', '{title}'], write: 'always' } },
    });
    expect(created(plan, { userName: 'ada' })).toEqual([expect.anything(), expect.anything(), 'uid: ada']);
  });
});

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
          assertion: { kind: 'equality', attribute: 'entryCSN', value: '20260131083000.000001Z#000000#000#000000' },
        },
        undo: { kind: 'rename', dn: `uid=countess,${PEOPLE}`, newRdn: 'uid=ada' },
      },
      {
        change: {
          kind: 'modify',
          dn: `uid=countess,${PEOPLE}`,
          modifications: [{ operation: 'add', attribute: 'title', values: ['Miss'] }],
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
    const set = () => created(strict, { userName: 'ada', [ENTERPRISE]: { manager: { value: 'nobody' } } });
    expect(set).toThrow(expect.objectContaining({ scimType: 'invalidValue', detail: 'manager: there is no resource with id "nobody"' }));
  });

  const plan = groups ?? users;
  const group = (...member: readonly string[]) =>
    entryOf({ objectClass: ['groupOfNames', 'scimObject'], cn: ['Staff'], member }, `cn=Staff,${GROUPS}`);
  const members = (of: ReturnType<typeof group>, ...ids: readonly string[]) => set({ members: ids.map((value) => ({ value })) }, of, plan);

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
    expect(readMapped(plan, group('CN=nobody,DC=example,DC=org'))).toEqual({ displayName: 'Staff' });
  });

  test('a member twice is a member once', () => {
    expect(members(group(OUTSIDER), bob.id, bob.id.toUpperCase())).toEqual([`add member: ${bob.dn}`]);
  });
});

describe('planUpdate: elements of lists', () => {
  const email = (...emails: readonly object[]) => set({ emails }, entry({ mail: ['old@x.example'] }));

  test('an element without type becomes the first that is free', () => {
    expect(set({ emails: [{ value: 'a@x.example' }] })).toEqual(['add mail: a@x.example']);
    expect(created(users, { userName: 'ada', emails: [{ value: 'a@x.example' }, { value: 'b@x.example' }] })).toEqual(
      expect.arrayContaining(['mail: a@x.example', 'scimOtherMail: b@x.example']),
    );
    expect(email({ type: 'work', value: 'old@x.example' }, { value: 'b@x.example' })).toEqual(['add scimOtherMail: b@x.example']);
  });

  test('of several of one type the new one counts, among new ones the primary, otherwise the last', () => {
    const old = { type: 'work', value: 'old@x.example', primary: true };
    expect(email(old, { type: 'work', value: 'a@x.example' })).toEqual(['delete mail: old@x.example', 'add mail: a@x.example']);
    expect(email({ type: 'work', value: 'a@x.example', primary: true }, { type: 'work', value: 'b@x.example' }, old)).toContain(
      'add mail: a@x.example',
    );
    expect(email({ type: 'work', value: 'a@x.example' }, { type: 'WORK', value: 'b@x.example' })).toContain('add mail: b@x.example');
  });

  test('elements of other types are nowhere', () => {
    expect(email({ type: 'work', value: 'old@x.example' }, { type: 'car', value: 'b@x.example' })).toEqual([]);
  });

  test('an element is one of lines that say the same of it in other letters', () => {
    const plan = usersPlan({
      attributes: { userName: 'uid', 'emails[type eq "work"].value': 'mail', 'emails[type eq "Work"].display': 'title' },
    });
    const of = entryOf({ uid: ['ada'], mail: ['a@x.example'], title: ['Office'] });
    expect(readMapped(plan, of)).toEqual({ userName: 'ada', emails: [{ type: 'work', value: 'a@x.example', display: 'Office' }] });
  });
});
