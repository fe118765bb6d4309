import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import { formatGuid } from '../../src/ldap/guid.ts';
import { octetsOf } from '../../src/ldap/octets.ts';
import { start389ds } from '../support/389ds.ts';
import { type Answer, type Bridge, startContainerBridge } from '../support/bridge.ts';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { startSamba } from '../support/samba.ts';
import { type ContainerDirectory, DISABLED, GROUPS, PEOPLE, SUFFIX } from '../support/test-directory.ts';

/** From the first day to the day after the last, on directories that aren't OpenLDAP; every state is tried by binding. */

const PASSWORD = 'Engine-No-1815';
/** A plug-in of the server may do its work a moment after the answer. */
const SETTLING = { interval: 50 };

/** Leavers go to ou=disabled, which no search of the mapping covers. */
const leaving = (rdn: string) => `  onDelete: { move: { base: '${DISABLED}', rdn: '{ldap:${rdn}}-{id}', reviveBy: externalId } }\n\n`;

const KINDS = [
  {
    name: '389ds',
    mapping: '389ds',
    start: start389ds,
    naming: 'uid',
    id: 'entryUUID',
    byHand: `dn: uid=Old.Hand,${PEOPLE}
objectClass: inetOrgPerson
uid: Old.Hand
cn: Augusta Ada King
sn: Byron
mail: Ada@Example.ORG
carLicense: KI-NG 1
description: kept by hand
`,
    freesName: true,
    untouched: ['carLicense', 'description', 'mail'],
  },
  {
    name: 'active-directory',
    mapping: 'active-directory',
    start: startSamba,
    naming: 'cn',
    id: 'objectGUID',
    byHand: `dn: CN=Old.Hand,${PEOPLE}
objectClass: user
cn: Old.Hand
sAMAccountName: OldHand
userPrincipalName: Old.Hand
sn: Byron
mail: Ada@Example.ORG
wWWHomePage: http://example.org/
description: kept by hand
userAccountControl: 544
`,
    /** The leaver keeps the userPrincipalName, of which there is one in a forest. */
    freesName: false,
    untouched: ['wWWHomePage', 'description', 'mail', 'sAMAccountName'],
  },
];

describe.skipIf(!hasContainerEngine).each(KINDS)(`the life of an account with $name${skippedWithoutEngine}`, (kind) => {
  const { mapping, start, naming, byHand, untouched, freesName } = kind;
  let bridge: Bridge<ContainerDirectory>;

  beforeAll(async () => {
    bridge = await startContainerBridge(await start(), mapping, {
      mapping: (text) => text.replace(/^ {2}meta:/m, `${leaving(naming)}$&`),
    });
  }, FIRST_START_MS);
  afterAll(() => bridge?.stop());
  beforeEach(() => bridge.ldap.reset());

  const dnOf = (name: string, base = PEOPLE) => `${naming}=${name},${base}`;
  const post = (user: object) => bridge.send('POST', '/Users', { name: { familyName: 'Lovelace' }, ...user });
  const replace = (id: string, value: object): Promise<Answer> =>
    bridge.send('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value }] });
  const canBind = (dn: string) => bridge.ldap.accepts(dn, PASSWORD);

  async function join(user: object): Promise<string> {
    const { status, body } = await post(user);
    expect({ status, body }).toMatchObject({ status: 201 });
    return body.id;
  }

  async function groupOf(id: string): Promise<string> {
    const { status, body } = await bridge.send('POST', '/Groups', { displayName: 'engineers', members: [{ value: id }] });
    expect({ status, body }).toMatchObject({ status: 201 });
    return body.id;
  }

  async function memberIds(group: string): Promise<readonly string[]> {
    const { body } = await bridge.send('GET', `/Groups/${group}`);
    return (body.members ?? []).map(({ value }: { value: string }) => value);
  }

  function entriesBelow(base: string): Promise<readonly Entry[]> {
    return bridge.ldap.adminSearch(base, '(sn=*)', ['*', kind.id]);
  }

  const idOf = (entry: Entry | undefined): string => {
    const [id = ''] = entry === undefined ? [] : valuesOf(entry, kind.id);
    return typeof id === 'string' ? id : (formatGuid(octetsOf(id)) ?? '');
  };

  it('off and on again: who it is, what it has and where it belongs stay', async () => {
    const id = await join({ userName: 'ada', title: 'Countess', password: PASSWORD });
    const group = await groupOf(id);
    const before = await bridge.send('GET', `/Users/${id}`);
    expect([before.body.active, await canBind(dnOf('ada'))]).toEqual([true, true]);

    for (const time of ['once', 'twice']) {
      const off = await replace(id, { active: false });
      expect([time, off.status, off.body.id, off.body.active, off.body.title]).toEqual([time, 200, id, false, 'Countess']);
      expect([time, await canBind(dnOf('ada'))]).toEqual([time, false]);
    }
    expect(await memberIds(group)).toEqual([id]);
    const put = await bridge.send('PUT', `/Users/${id}`, { userName: 'ada', name: { familyName: 'King' } });
    expect([put.status, put.body.active, await canBind(dnOf('ada'))]).toEqual([200, false, false]);

    const on = await replace(id, { active: true, title: 'Countess' });
    expect([on.status, on.body.id, on.body.active, await canBind(dnOf('ada'))]).toEqual([200, id, true, true]);
    expect(await memberIds(group)).toEqual([id]);
    expect((await bridge.send('GET', `/Users/${id}`)).body.groups).toMatchObject([{ value: group }]);
  });

  it('another name: the id stays, references follow, and a name that somebody has is refused', async () => {
    const id = await join({ userName: 'ada', password: PASSWORD });
    const group = await groupOf(id);
    await join({ userName: 'grace' });

    const taken = await replace(id, { userName: 'GRACE' });
    expect([taken.status, taken.body.scimType]).toEqual([409, 'uniqueness']);
    expect(await canBind(dnOf('ada'))).toBe(true);

    for (const userName of ['countess', 'Countess']) {
      const renamed = await replace(id, { userName, title: `of ${userName}` });
      expect([renamed.status, renamed.body.id, renamed.body.userName, renamed.body.title]).toEqual([200, id, userName, `of ${userName}`]);
    }
    await expect.poll(() => memberIds(group), SETTLING).toEqual([id]);
    const [stored] = await bridge.ldap.adminSearch(PEOPLE, `(${naming}=countess)`, [naming]);
    expect(stored && [stored.dn.split(',')[0]?.toLowerCase(), valuesOf(stored, naming)]).toEqual([`${naming}=countess`, ['Countess']]);
    expect(await canBind(dnOf('countess'))).toBe(true);
  });

  it('leaving: gone for clients, logs in nowhere, in no group; coming back: who it was', async () => {
    const id = await join({ userName: 'ada', externalId: 'E1', title: 'Countess', password: PASSWORD });
    const group = await groupOf(id);
    expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(204);

    expect((await bridge.send('GET', `/Users/${id}`)).status).toBe(404);
    expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(404);
    const found = await bridge.send('GET', `/Users?filter=${encodeURIComponent('userName eq "ada" or externalId eq "E1"')}`);
    expect(found.body.totalResults).toBe(0);
    const [left, ...others] = await entriesBelow(DISABLED);
    expect([left?.dn.toLowerCase(), others]).toEqual([dnOf(`ada-${id}`, DISABLED).toLowerCase(), []]);
    expect([idOf(left), await canBind(left?.dn ?? '')]).toEqual([id, false]);
    await expect.poll(() => memberIds(group), SETTLING).toEqual([]);
    await expect.poll(() => bridge.ldap.adminSearch(GROUPS, `(member=${left?.dn})`), SETTLING).toEqual([]);

    const newcomer = await post({ userName: 'ada', externalId: 'E2' });
    expect([newcomer.status, newcomer.body.id === id]).toEqual([freesName ? 201 : 409, false]);

    const back = await post({ userName: 'ada.king', externalId: 'E1', title: 'Analyst', password: `${PASSWORD}-b` });
    expect([back.status, back.body.id, back.body.active, back.body.title]).toEqual([201, id, true, 'Analyst']);
    expect(await bridge.ldap.accepts(dnOf('ada.king'), `${PASSWORD}-b`)).toBe(true);
    expect(await entriesBelow(DISABLED)).toEqual([]);
  });

  it('made by hand: found, active, and changed in what is asked for only', async () => {
    await bridge.ldap.adminAdd(byHand);
    const found = await bridge.send('GET', `/Users?filter=${encodeURIComponent('userName eq "old.hand"')}`);
    expect(found.body.Resources).toMatchObject([{ userName: 'Old.Hand', active: true, name: { familyName: 'Byron' } }]);
    const { id } = found.body.Resources[0];
    const valuesOfHand = async () => {
      const [entry] = await bridge.ldap.adminSearch(dnOf('Old.Hand'), '(objectClass=*)', ['*']);
      return untouched.map((name) => [name, entry === undefined ? [] : valuesOf(entry, name)]);
    };
    const before = await valuesOfHand();
    const { status, body } = await replace(id, { externalId: 'E7', title: 'Analyst' });
    expect([status, body.userName, body.externalId, body.title]).toEqual([200, 'Old.Hand', 'E7', 'Analyst']);
    expect(await valuesOfHand()).toEqual(before);
    expect(await bridge.ldap.adminSearch(SUFFIX, '(sn=Byron)')).toHaveLength(1);
  });
});
