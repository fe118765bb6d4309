import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { DISABLED, GROUPS, PEOPLE, SUFFIX } from '../support/openldap.ts';
import { createGroup, createUser, ENTERPRISE, entryWithId, find, findIds, memberDns, patch, snapshot } from './support/requests.ts';
import { withoutOverlays } from './support/without-overlays.ts';

/** What a DELETE leaves behind. Leavers go to ou=disabled, which no search of the mapping covers. */

const PASSWORD = 'correct horse battery';
/** Without overlays all is done by our own hand before the answer; a referential integrity overlay works a moment after it. */
const SETTLING = { interval: 20 };

const onDelete = (line: string) => (mapping: string) => mapping.replace(/^ {2}meta:|^groups:/m, `  onDelete: ${line}\n\n$&`);
const MOVE = onDelete(`{ move: { base: '${DISABLED}', rdn: '{ldap:uid}-{id}', purgeAfter: 90d, reviveBy: externalId } }`);
const DEACTIVATE = onDelete(`{ deactivate: { mark: { ldap: employeeNumber, value: left }, rdn: '{ldap:uid}-{id}' } }`);
/** The attribute that marks leavers belongs to nobody else. */
const withoutEmployeeNumber = (mapping: string) => mapping.replace(/^ {4}urn:.*employeeNumber\n/m, '');

let bridge: Bridge;

/** Everything that names a DN, wherever it stands. */
const namesOf = (dn: string) => bridge.ldap.adminSearch(SUFFIX, `(|(member=${dn})(manager=${dn}))`);

describe.each([
  ['move', MOVE, (id: string) => `uid=leaver-${id},${DISABLED}`],
  ['deactivate', (text: string) => withoutEmployeeNumber(DEACTIVATE(text)), (id: string) => `uid=leaver-${id},${PEOPLE}`],
] as const)('%s', (_kind, mapping, nameOf) => {
  describe.each(['full', 'bare'] as const)('%s', (variant) => {
    beforeAll(async () => {
      bridge = await startBridge(variant === 'full' ? { mapping } : { variant, mapping: (text) => withoutOverlays(mapping(text)) });
    });
    afterEach(() => bridge.ldap.reset());
    afterAll(() => bridge.stop());

    it('is gone for clients, and the name is free for somebody new', async () => {
      const id = await createUser(bridge, { userName: 'leaver', externalId: 'E1', password: PASSWORD, title: 'Boss' });
      const deleted = await bridge.send('DELETE', `/Users/${id}`);
      expect(deleted.status).toBe(204);

      expect((await bridge.send('GET', `/Users/${id}`)).status).toBe(404);
      expect((await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: 'x' })).status).toBe(404);
      expect((await bridge.send('PUT', `/Users/${id}`, { userName: 'leaver' })).status).toBe(404);
      expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(404);
      for (const filter of [
        'userName eq "leaver"',
        `userName sw "leaver"`,
        `id eq "${id}"`,
        'externalId eq "E1"',
        'title eq "Boss"',
        'active eq false',
        'userName pr',
      ])
        expect([filter, (await find(bridge, 'Users', filter)).body.totalResults]).toEqual([filter, 0]);

      const entry = await entryWithId(bridge, id);
      expect(entry?.dn).toBe(nameOf(id));
      expect(entry && valuesOf(entry, 'title')).toEqual(['Boss']);
      const newcomer = await bridge.send('POST', '/Users', { userName: 'LEAVER', externalId: 'E2' });
      expect([newcomer.status, newcomer.body.id === id]).toEqual([201, false]);
      expect((await bridge.send('DELETE', `/Users/${newcomer.body.id}`)).status).toBe(204);
    });

    it('logs in nowhere, and nobody refers to it', async () => {
      const id = await createUser(bridge, { userName: 'leaver', password: PASSWORD });
      const other = await createUser(bridge, { [ENTERPRISE]: { manager: { value: id } } });
      const [alone, shared] = [await createGroup(bridge, [id]), await createGroup(bridge, [id, other])];
      expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(204);

      if (variant === 'full') expect(await bridge.ldap.accepts(nameOf(id), PASSWORD)).toBe(false);
      const names = async () => [...(await namesOf(`uid=leaver,${PEOPLE}`)), ...(await namesOf(nameOf(id)))];
      await expect.poll(names, SETTLING).toEqual([]);
      expect(await memberDns(bridge, alone)).toEqual(['cn=nobody,dc=example,dc=org']);
      expect(await memberDns(bridge, shared)).toHaveLength(1);
      expect((await bridge.send('GET', `/Users/${other}`)).body[ENTERPRISE]?.manager).toBeUndefined();
      if (variant === 'full') {
        // The overlay may have been on its way when we looked.
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(await names()).toEqual([]);
      }
    });
  });
});

describe('coming back', () => {
  beforeAll(async () => {
    bridge = await startBridge({ mapping: MOVE });
  });
  afterEach(() => bridge.ldap.reset());
  afterAll(() => bridge.stop());

  it('by the attribute that the file names: the same id, and what the client says now', async () => {
    const first = { userName: 'ada', externalId: 'E7', password: PASSWORD, title: 'Old', phoneNumbers: [{ type: 'work', value: '1' }] };
    const id = await createUser(bridge, first);
    await bridge.send('DELETE', `/Users/${id}`);
    const again = await bridge.send('POST', '/Users', { userName: 'ada.l', externalId: 'E7', title: 'New', password: 'another password' });

    expect([again.status, again.body.id, again.body.active, again.body.title, again.body.phoneNumbers]).toEqual([
      201,
      id,
      true,
      'New',
      undefined,
    ]);
    expect(again.headers.get('location')).toMatch(new RegExp(`/Users/${id}$`));
    const entry = await entryWithId(bridge, id);
    expect([entry?.dn, entry && valuesOf(entry, 'uid')]).toEqual([`uid=ada.l,${PEOPLE}`, ['ada.l']]);
    expect(await bridge.ldap.accepts(`uid=ada.l,${PEOPLE}`, 'another password')).toBe(true);
    expect(await bridge.ldap.accepts(`uid=ada.l,${PEOPLE}`, PASSWORD)).toBe(false);
  });

  it('inactive, when the client says so; and not by another value, nor by the name alone', async () => {
    const id = await createUser(bridge, { userName: 'bob', externalId: 'E8' });
    await bridge.send('DELETE', `/Users/${id}`);
    const other = await bridge.send('POST', '/Users', { userName: 'bob', externalId: 'e8' });
    expect([other.status, other.body.id === id]).toEqual([201, false]);
    const nobody = await bridge.send('POST', '/Users', { userName: 'bob2' });
    expect([nobody.status, nobody.body.id === id]).toEqual([201, false]);
    const back = await bridge.send('POST', '/Users', { userName: 'bob3', externalId: 'E8', active: false });
    expect([back.status, back.body.id, back.body.active]).toEqual([201, id, false]);
  });

  it('to a name that somebody has by now is refused, and changes nothing', async () => {
    const id = await createUser(bridge, { userName: 'eve', externalId: 'E9' });
    await bridge.send('DELETE', `/Users/${id}`);
    await createUser(bridge, { userName: 'eve' });
    const left = await entryWithId(bridge, id, 'entryCSN');
    const before = await snapshot(bridge);
    const { status, body } = await bridge.send('POST', '/Users', { userName: 'Eve', externalId: 'E9' });
    expect([status, body.scimType]).toEqual([409, 'uniqueness']);
    expect([await snapshot(bridge), await entryWithId(bridge, id, 'entryCSN')]).toEqual([before, left]);
  });

  it('of several at once, one does', async () => {
    const id = await createUser(bridge, { userName: 'race', externalId: 'E10' });
    await bridge.send('DELETE', `/Users/${id}`);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => bridge.send('POST', '/Users', { userName: 'race', externalId: 'E10' })),
    );
    expect(answers.filter(({ status }) => status === 201).map(({ body }) => body.id)).toEqual([id]);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
    expect(await bridge.ldap.adminSearch(SUFFIX, '(scimExternalId=E10)')).toHaveLength(1);
  });

  it('of two who left with one value nobody does, and the log says so', async () => {
    const ids = [await createUser(bridge, { userName: 'one', externalId: 'E11' }), await createUser(bridge, { userName: 'two' })];
    for (const id of ids) await bridge.send('DELETE', `/Users/${id}`);
    await bridge.ldap.adminAdd(
      `dn: uid=three,${DISABLED}\nobjectClass: inetOrgPerson\nobjectClass: scimObject\nuid: three\ncn: T\nsn: T\nscimExternalId: E11\n`,
    );
    const { status, body } = await bridge.send('POST', '/Users', { userName: 'one', externalId: 'E11' });
    expect([status, ids.includes(body.id)]).toEqual([201, false]);
    expect(bridge.log.some((line) => line.includes('nobody is revived'))).toBe(true);
  });
});

describe('names that we make', () => {
  it('are never those of somebody who left', async () => {
    const generated = (text: string) =>
      text
        .replace(/^ {4}userName: .*$/m, '    userName: { ldap: scimExternalId, required: true }')
        .replace(/^ {4}externalId: .*scimExternalId.*$/m, '')
        .replace(/^ {2}generated:.*$/m, `$&\n    uid: { template: '{userName | before "@"}', unique: true, write: once }`);
    bridge = await startBridge({
      mapping: (text) => onDelete(`{ move: { base: '${DISABLED}', rdn: '{ldap:uid}-{id}' } }`)(generated(text)),
    });
    try {
      const nameOf = async (id: string) => (await entryWithId(bridge, id))?.dn;
      const first = await createUser(bridge, { userName: 'ada@example.org' });
      expect(await nameOf(first)).toBe(`uid=ada,${PEOPLE}`);
      await bridge.send('DELETE', `/Users/${first}`);
      const second = await createUser(bridge, { userName: 'ada@example.org' });
      expect(await nameOf(second)).toBe(`uid=ada2,${PEOPLE}`);
      const third = await createUser(bridge, { userName: 'ad@example.org' });
      expect(await nameOf(third)).toBe(`uid=ad,${PEOPLE}`);
    } finally {
      await bridge.stop();
    }
  });
});

describe('remove', () => {
  it('refuses an entry with others below it, and says why', async () => {
    bridge = await startBridge();
    try {
      const id = await createUser(bridge, { userName: 'parent' });
      const group = await createGroup(bridge, [id]);
      await bridge.ldap.adminAdd(`dn: cn=device,uid=parent,${PEOPLE}\nobjectClass: device\ncn: device\n`);
      const { status, body } = await bridge.send('DELETE', `/Users/${id}`);
      expect([status, body.detail]).toEqual([409, expect.stringContaining('the resource has others below it in the directory')]);
      expect(await memberDns(bridge, group)).toEqual([`uid=parent,${PEOPLE}`]);
      expect((await bridge.send('GET', `/Users/${id}`)).status).toBe(200);
    } finally {
      await bridge.stop();
    }
  });
});

describe('when the file asks for what the directory lacks', () => {
  it('a mark that the schema does not know is 503, never an empty list', async () => {
    const mapping = onDelete(`{ deactivate: { mark: { ldap: leftTheCompany, value: 'TRUE' }, rdn: '{ldap:uid}-{id}' } }`);
    bridge = await startBridge({ mapping });
    try {
      for (const path of ['/Users', '/Users?filter=userName%20eq%20%22a%22', `/Users/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`]) {
        expect([path, (await bridge.send('GET', path)).status]).toEqual([path, 503]);
      }
      expect(bridge.log.join('')).toContain('which marks deleted entries');
    } finally {
      await bridge.stop();
    }
  });

  it('a branch that is missing is 503, and nothing has changed', async () => {
    bridge = await startBridge({ mapping: onDelete(`{ move: { base: 'ou=nowhere,${SUFFIX}', rdn: '{ldap:uid}-{id}' } }`) });
    try {
      const id = await createUser(bridge, { userName: 'stays' });
      const group = await createGroup(bridge, [id]);
      expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(503);
      expect(await findIds(bridge, 'Users', 'userName eq "stays"')).toEqual([id]);
      expect(await memberDns(bridge, group)).toEqual([`uid=stays,${PEOPLE}`]);
      expect(await bridge.ldap.adminSearch(GROUPS, `(member=uid=stays,${PEOPLE})`)).toHaveLength(1);
    } finally {
      await bridge.stop();
    }
  });
});
