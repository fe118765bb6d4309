import { describe, expect, test } from 'vitest';
import { planCreate } from '../../src/mapping/write-entry.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { entry, groups, set, users } from './support/ada.ts';
import { bob, context, created, describePlan, entryOf, PEOPLE, readMapped, staff, usersPlan } from './support/plans.ts';

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
    expect(created(groups, { displayName: 'Staff' })).toContain('member: cn=nobody,dc=example,dc=org');
    expect(created(groups, { displayName: 'Staff', members: [{ value: bob.id }, { value: bob.id }, { value: staff.id }] })).toContain(
      `member: ${bob.dn} | ${staff.dn}`,
    );
  });

  test('without a line for the naming attribute the generated one names', () => {
    const plan = usersPlan({
      attributes: { userName: 'mail' },
      generated: { uid: { templates: ['{userName}'], places: [], write: 'once' } },
    });
    expect(created(plan, { userName: 'ada' })).toEqual([expect.anything(), expect.anything(), 'mail: ada', 'uid: ada']);
    const nameless = usersPlan({
      attributes: { userName: 'mail' },
      generated: { uid: { templates: ['{nickName}'], places: [], write: 'once' } },
    });
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
    generated: { labeledURI: { templates: ['https://people.example.org/{ldap:uid}'], places: [], write: 'once' } },
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
      generated: { title: { templates: ['{nickName}', '{title}'], places: [], write: 'always' } },
    });
    expect(created(plan, { userName: 'ada' })).toEqual([expect.anything(), expect.anything(), 'uid: ada']);
  });

  test('when nothing can be made any more, what we made goes, unless a class demands it', () => {
    const templates = ['{nickName}'];
    const plan = usersPlan({
      attributes: { userName: 'uid', nickName: 'description' },
      generated: { title: { templates, places: [], write: 'always' }, cn: { templates, places: [], write: 'always' } },
    });
    const of = (title: string) =>
      entryOf({ objectClass: ['person', 'inetOrgPerson'], uid: ['ada'], description: ['Countess'], title: [title], cn: ['Countess'] });
    expect(set({ nickName: undefined }, of('Countess'), plan)).toEqual(['delete description: Countess', 'delete title: Countess']);
    expect(set({ nickName: undefined }, of('Mathematician'), plan)).toEqual(['delete description: Countess']);
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
