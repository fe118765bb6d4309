import { Client } from 'ldapts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import type { Change, Modification } from '../../src/ldap/change.ts';
import type { Attribute, LdapValue } from '../../src/ldap/entry.ts';
import { valuesOf } from '../../src/ldap/entry.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import { recordingLog } from '../support/directory-log.ts';
import type { OpenLdap } from '../support/openldap.ts';
import { DISABLED, GROUPS, PEOPLE, SUFFIX, startOpenLdap } from '../support/openldap.ts';

const LOCKED = '000001010000Z';
const ANNA = `uid=anna,${PEOPLE}`;

function addPerson(uid: string, more: readonly Attribute[] = []): Change {
  const attributes = [
    { name: 'objectClass', values: ['inetOrgPerson', 'scimObject'] },
    { name: 'uid', values: [uid] },
    { name: 'cn', values: ['Anna'] },
    { name: 'sn', values: ['Lind'] },
    ...more,
  ];
  return { kind: 'add', dn: `uid=${uid},${PEOPLE}`, attributes };
}

function modifyAnna(...modifications: readonly Modification[]): Change & { kind: 'modify' } {
  return { kind: 'modify', dn: ANNA, modifications };
}

function replace(attribute: string, ...values: readonly LdapValue[]): Modification {
  return { operation: 'replace', attribute, values };
}

function equality(attribute: string, value: string): LdapFilter {
  return { kind: 'equality', attribute, value };
}

let server: OpenLdap;
let directory: LdapDirectory;

beforeAll(async () => {
  server = await startOpenLdap({ logsOperations: true });
  const { url, bindDn, bindPassword } = server;
  directory = connectDirectory({ urls: [url], bindDn, bindPassword, timeoutMs: 10_000, connections: 2 }, recordingLog());
  await directory.facts();
});

beforeEach(async () => {
  await server.reset();
  await directory.write(addPerson('anna', [{ name: 'mail', values: ['anna@example.org'] }]));
});

afterAll(async () => {
  await directory.close();
  await server.stop();
});

async function canBind(dn: string, password: string): Promise<boolean> {
  const client = new Client({ url: server.url });
  try {
    await client.bind(dn, password);
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind();
  }
}

describe('add', () => {
  it('returns the new entry from the same operation', async () => {
    await server.mark();
    const entry = await directory.write(addPerson('bert'), ['entryUUID', 'cn', 'title']);

    expect(entry?.dn).toBe(`uid=bert,${PEOPLE}`);
    expect([...(entry?.attributes.keys() ?? [])].toSorted()).toEqual(['cn', 'entryuuid']);
    expect(await server.operations()).toEqual([{ kind: 'ADD', dn: `uid=bert,${PEOPLE}` }]);
  });

  it('returns nothing when nothing was asked for', async () => {
    expect(await directory.write(addPerson('bert'))).toBeUndefined();
  });

  it.each<[string, readonly LdapValue[]]>([
    ['UTF-8', ['Zoë Æ 漢字 👩‍🔧']],
    ['a leading byte order mark', ['\uFEFFAnna']],
    ['a NUL', ['a\0b']],
    ['1,000 characters', ['x'.repeat(1000)]],
    ['a single blank', [' ']],
    ['decomposed and composed letters', ['e\u0301']],
    ['several values, in their order', ['b', 'a', 'c']],
    ['what looks like other syntaxes', ['#04', 'a,b=c+d', '(x=*)', ':: YQ==', '\\00', '"']],
  ])('keeps values: %s', async (_name, values) => {
    const entry = await directory.write(addPerson('bert', [{ name: 'description', values }]), ['description']);
    const [found] = await directory.search({
      base: `uid=bert,${PEOPLE}`,
      scope: 'base',
      filter: { kind: 'and', filters: [] },
      attributes: ['description'],
    });

    expect(entry && valuesOf(entry, 'description')).toEqual(values);
    expect(found && valuesOf(found, 'description')).toEqual(values);
  });

  it('keeps bytes, also those that are text by chance, and mixtures', async () => {
    const bytes = Buffer.from([0xff, 0xd8, 0x00, 0x01]);
    const audio = [bytes, Buffer.from('text by chance')];
    const entry = await directory.write(addPerson('bert', [{ name: 'audio', values: audio }]), ['audio']);

    expect(entry && valuesOf(entry, 'audio')).toEqual([bytes, 'text by chance']);
  });

  it('keeps the options of an attribute in its name', async () => {
    const entry = await directory.write(addPerson('bert', [{ name: 'cn;lang-SV', values: ['Ånna'] }]), ['cn', 'cn;lang-sv']);

    expect([...(entry?.attributes.entries() ?? [])]).toEqual([
      ['cn', ['Anna']],
      ['cn;lang-sv', ['Ånna']],
    ]);
  });

  it.each<[string, Change, object]>([
    ['the entry is there', addPerson('anna'), { kind: 'refused', code: 68, dn: ANNA }],
    ['the parent is missing', { ...addPerson('x'), dn: `uid=x,ou=nowhere,${SUFFIX}` }, { kind: 'refused', code: 32 }],
    ['a unique value is taken', addPerson('bert', [{ name: 'mail', values: ['Anna@example.org'] }]), { kind: 'refused', code: 19 }],
    [
      'a class demands an attribute',
      { ...addPerson('x'), attributes: [{ name: 'objectClass', values: ['person'] }] } as Change,
      { kind: 'refused', code: 65 },
    ],
    ['no such attribute type', addPerson('x', [{ name: 'noSuchType', values: ['x'] }]), { kind: 'refused', code: 17 }],
    ['an empty value', addPerson('x', [{ name: 'title', values: [''] }]), { kind: 'refused', code: 21 }],
    ['a value twice', addPerson('x', [{ name: 'title', values: ['a', 'A'] }]), { kind: 'refused', code: 20 }],
    ['not a DN', { ...addPerson('x'), dn: 'anna' }, { kind: 'refused', code: 34, dn: 'anna' }],
    ['no rights there', { ...addPerson('x'), dn: `uid=x,ou=readonly,${SUFFIX}` }, { kind: 'refused', code: 50 }],
    ['outside of the suffix', { ...addPerson('x'), dn: 'uid=x,dc=elsewhere' }, { kind: 'refused', code: 53 }],
  ])('rejects when %s', async (_name, change, error) => {
    await expect(directory.write(change)).rejects.toMatchObject({ name: 'DirectoryError', ...error });
  });

  it("keeps the server's words out of the message and in a field", async () => {
    const error = await directory
      .write(addPerson('bert', [{ name: 'mail', values: ['Anna@example.org'] }]))
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      message: 'the directory answered the add with result 19 (constraintViolation)',
      serverText: expect.stringContaining('non-unique'),
    });
  });
});

describe('modify', () => {
  it('carries out all lines, in order, and returns the entry from the same operation', async () => {
    await server.mark();
    const change = modifyAnna(
      { operation: 'add', attribute: 'title', values: ['Chef', 'Boss'] },
      { operation: 'delete', attribute: 'title', values: ['boss'] },
      replace('description'),
      replace('mail', 'ann@example.org'),
    );
    const entry = await directory.write(change, ['title', 'mail', 'description']);

    expect([...(entry?.attributes.entries() ?? [])]).toEqual([
      ['title', ['Chef']],
      ['mail', ['ann@example.org']],
    ]);
    expect(await server.operations()).toMatchObject([{ kind: 'MOD', dn: ANNA, attributes: ['title', 'title', 'description', 'mail'] }]);
  });

  it('writes nothing when the assertion does not hold', async () => {
    const change = { ...modifyAnna(replace('title', 'Chef')), assertion: equality('uid', 'bert') };

    await expect(directory.write(change, ['title'])).rejects.toMatchObject({ kind: 'refused', code: 122, dn: ANNA });
    expect(await server.adminSearch(ANNA, '(title=*)')).toEqual([]);
  });

  it('writes when the assertion holds', async () => {
    const change = { ...modifyAnna(replace('title', 'Chef')), assertion: equality('uid', 'ANNA') };

    expect(await directory.write(change, ['title'])).toMatchObject({ attributes: new Map([['title', ['Chef']]]) });
  });

  it('adds present values only when it is permissive', async () => {
    const change = modifyAnna({ operation: 'add', attribute: 'cn', values: ['Anna', 'Ann'] });

    await expect(directory.write(change)).rejects.toMatchObject({ kind: 'refused', code: 20 });
    expect(await directory.write({ ...change, permissive: true }, ['cn'])).toMatchObject({
      attributes: new Map([['cn', ['Anna', 'Ann']]]),
    });
  });

  it.each<[string, Change, object]>([
    ['the value is absent', modifyAnna({ operation: 'delete', attribute: 'cn', values: ['Bert'] }), { code: 16 }],
    ['the attribute has one value at most', modifyAnna(replace('displayName', 'a', 'b')), { code: 19 }],
    ['the class demands the attribute', modifyAnna(replace('sn')), { code: 65 }],
    ['it names the entry', modifyAnna(replace('uid', 'bert')), { code: 64 }],
    ['the entry is not there', { ...modifyAnna(replace('title', 'x')), dn: `uid=bert,${PEOPLE}` }, { code: 32 }],
    ['the structural class would change', modifyAnna(replace('objectClass', 'device')), { code: 69 }],
  ])('rejects when %s', async (_name, change, error) => {
    await expect(directory.write(change)).rejects.toMatchObject({ name: 'DirectoryError', kind: 'refused', ...error });
  });

  it('sends requests of every size whole', async () => {
    const members = Array.from({ length: 12_000 }, (_, index) => `uid=member-${index},${PEOPLE}`);
    const dn = `cn=all,${GROUPS}`;
    const attributes = [
      { name: 'objectClass', values: ['scimGroup'] },
      { name: 'cn', values: ['all'] },
      { name: 'member', values: members },
    ];
    await directory.write({ kind: 'add', dn, attributes });
    const [group] = await directory.search({ base: dn, scope: 'base', filter: { kind: 'and', filters: [] }, attributes: ['member'] });

    expect(new Set(group && valuesOf(group, 'member'))).toEqual(new Set(members));
  });

  it('locks and unlocks an account (ppolicy), the lock before the password inside one modify', async () => {
    const entry = await directory.write(modifyAnna(replace('pwdAccountLockedTime', LOCKED), replace('userPassword', 'correct horse')), [
      'pwdAccountLockedTime',
    ]);
    expect(entry && valuesOf(entry, 'pwdAccountLockedTime')).toEqual([LOCKED]);
    expect(await canBind(ANNA, 'correct horse')).toBe(false);

    await directory.write(modifyAnna(replace('pwdAccountLockedTime')));
    expect(await canBind(ANNA, 'correct horse')).toBe(true);
  });

  it('may add an account that is locked from the start', async () => {
    const locked = [
      { name: 'userPassword', values: ['correct horse'] },
      { name: 'pwdAccountLockedTime', values: [LOCKED] },
    ];
    const entry = await directory.write(addPerson('bert', locked), ['pwdAccountLockedTime']);

    expect(entry && valuesOf(entry, 'pwdAccountLockedTime')).toEqual([LOCKED]);
    expect(await canBind(`uid=bert,${PEOPLE}`, 'correct horse')).toBe(false);
  });
});

describe('rename', () => {
  it('gives a new name, whatever is in it, and returns the entry from the same operation', async () => {
    await server.mark();
    const entry = await directory.write({ kind: 'rename', dn: ANNA, newRdn: 'uid=a\\2cb\\5c \\22#\\2b' }, ['uid', 'entryUUID']);

    expect(entry && valuesOf(entry, 'uid')).toEqual(['a,b\\ "#+']);
    expect(await server.operations()).toEqual([{ kind: 'MODRDN', dn: ANNA }]);
  });

  it('moves below another parent', async () => {
    const entry = await directory.write({ kind: 'rename', dn: ANNA, newRdn: 'uid=anna', newSuperior: DISABLED }, ['uid']);

    expect(entry?.dn).toBe(`uid=anna,${DISABLED}`);
  });

  it('respects the assertion', async () => {
    const change = { kind: 'rename', dn: ANNA, newRdn: 'uid=bert', assertion: equality('uid', 'bert') } as const;

    await expect(directory.write(change)).rejects.toMatchObject({ kind: 'refused', code: 122 });
  });

  it('rejects a name that is taken and a parent that is missing', async () => {
    await directory.write({ ...addPerson('bert'), dn: `uid=anna,${DISABLED}` });

    await expect(directory.write({ kind: 'rename', dn: ANNA, newRdn: 'uid=anna', newSuperior: DISABLED })).rejects.toMatchObject({
      code: 68,
    });
    const nowhere = `ou=nowhere,${SUFFIX}`;
    await expect(directory.write({ kind: 'rename', dn: ANNA, newRdn: 'uid=anna', newSuperior: nowhere })).rejects.toMatchObject({
      code: 32,
    });
  });
});

describe('delete', () => {
  it('removes the entry, when the assertion holds', async () => {
    await expect(directory.write({ kind: 'delete', dn: ANNA, assertion: equality('uid', 'bert') })).rejects.toMatchObject({ code: 122 });
    expect(await directory.write({ kind: 'delete', dn: ANNA, assertion: equality('uid', 'anna') }, ['uid'])).toBeUndefined();
    await expect(directory.write({ kind: 'delete', dn: ANNA })).rejects.toMatchObject({ kind: 'refused', code: 32 });
  });

  it('rejects an entry that has children', async () => {
    await expect(directory.write({ kind: 'delete', dn: PEOPLE })).rejects.toMatchObject({ kind: 'refused', code: 66 });
  });
});

describe('an assertion, beside the overlays of the server', () => {
  const GROUP = `cn=staff,${GROUPS}`;
  const holds = { assertion: equality('cn', 'staff') };
  const memberOfAnna = async () => {
    const [anna] = await server.adminSearch(ANNA, '(uid=*)', ['memberOf']);
    return anna && valuesOf(anna, 'memberOf');
  };
  const member = (operation: 'add' | 'delete'): Change => {
    return { kind: 'modify', dn: GROUP, modifications: [{ operation, attribute: 'member', values: [ANNA] }], ...holds };
  };

  beforeEach(async () => {
    const attributes = [
      { name: 'objectClass', values: ['scimGroup'] },
      { name: 'cn', values: ['staff'] },
    ];
    await directory.write({ kind: 'add', dn: GROUP, attributes });
  });

  it('lets memberOf follow every change of the group', async () => {
    await directory.write(member('add'));
    expect(await memberOfAnna()).toEqual([GROUP]);
    await directory.write({ kind: 'rename', dn: GROUP, newRdn: 'cn=crew', ...holds });
    expect(await memberOfAnna()).toEqual([`cn=crew,${GROUPS}`]);
    await directory.write({ kind: 'rename', dn: `cn=crew,${GROUPS}`, newRdn: 'cn=staff' });
    await directory.write(member('delete'));
    expect(await memberOfAnna()).toEqual([]);
    await directory.write(member('add'));
    await directory.write({ kind: 'delete', dn: GROUP, ...holds });
    expect(await memberOfAnna()).toEqual([]);
  });

  it('lets references to a deleted entry go', async () => {
    await directory.write(member('add'));
    await directory.write({ kind: 'delete', dn: ANNA, assertion: equality('uid', 'anna') });

    await expect.poll(() => server.adminSearch(GROUP, `(member=${ANNA})`)).toEqual([]);
  });

  it('lets unique attributes change, also when the DN is spelled otherwise, and guards them', async () => {
    const change = { ...modifyAnna(replace('mail', 'ann@example.org')), dn: `UID=Anna, OU=people,${SUFFIX}` };

    await expect(directory.write({ ...change, assertion: equality('uid', 'bert') })).rejects.toMatchObject({ code: 122 });
    await directory.write({ ...change, assertion: equality('uid', 'anna') });
    await directory.write({ kind: 'rename', dn: ANNA, newRdn: 'uid=ann', assertion: equality('uid', 'anna') });
    expect(await server.adminSearch(`uid=ann,${PEOPLE}`, '(mail=ann@example.org)')).toHaveLength(1);
  });

  it('does not hide that a unique value is taken', async () => {
    await directory.write(addPerson('bert', [{ name: 'mail', values: ['bert@example.org'] }]));
    const change = { ...modifyAnna(replace('mail', 'bert@example.org')), assertion: equality('uid', 'anna') };

    await expect(directory.write(change)).rejects.toMatchObject({ code: 19 });
  });
});

describe('password', () => {
  it('sets a password that then works (RFC 3062)', async () => {
    expect(await directory.write({ kind: 'password', dn: ANNA, newPassword: 'häst och vagn' }, ['uid'])).toBeUndefined();

    expect(await canBind(ANNA, 'häst och vagn')).toBe(true);
    const [entry] = await server.adminSearch(ANNA, '(objectClass=*)', ['userPassword']);
    expect(entry && valuesOf(entry, 'userPassword')[0]).toMatch(/^\{SSHA\}/);
  });

  it('rejects what the password policy refuses', async () => {
    await expect(directory.write({ kind: 'password', dn: ANNA, newPassword: 'short' })).rejects.toMatchObject({
      kind: 'refused',
      code: 19,
      dn: ANNA,
    });
  });

  it('rejects for an entry that is not there', async () => {
    const nobody = `uid=nobody,${PEOPLE}`;
    await expect(directory.write({ kind: 'password', dn: nobody, newPassword: 'correct horse' })).rejects.toMatchObject({
      kind: 'refused',
      code: 32,
    });
  });
});
