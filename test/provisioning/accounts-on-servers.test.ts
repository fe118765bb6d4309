import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import { start389ds } from '../support/389ds.ts';
import { type Answer, type Bridge, startContainerBridge } from '../support/bridge.ts';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { recordingLog } from '../support/directory-log.ts';
import { startSamba } from '../support/samba.ts';
import { type ContainerDirectory, DISABLED, PEOPLE } from '../support/test-directory.ts';

const PASSWORD = 'Engine-No-1815';
const ANOTHER = 'Engine-No-1852';

const KINDS = [
  { name: '389ds', mapping: '389ds', start: start389ds, dn: `uid=ada,${PEOPLE}` },
  { name: 'active-directory', mapping: 'active-directory', start: startSamba, dn: `CN=ada,${PEOPLE}` },
];

describe.skipIf(!hasContainerEngine).each(KINDS)(`an account with $name${skippedWithoutEngine}`, ({ mapping, start, dn }) => {
  let bridge: Bridge<ContainerDirectory>;

  beforeAll(async () => {
    bridge = await startContainerBridge(await start(), mapping);
  }, FIRST_START_MS);
  afterAll(() => bridge?.stop());
  beforeEach(() => bridge.ldap.reset());

  const create = (more: object) => bridge.send('POST', '/Users', { userName: 'ada', name: { familyName: 'Lovelace' }, ...more });
  const replace = (id: string, path: string, value: unknown): Promise<Answer> =>
    bridge.send('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path, value }] });

  it('can log in while it is active, and not while it is not', async () => {
    const { status, body } = await create({ password: PASSWORD });
    expect([status, body.active, body.password]).toEqual([201, true, undefined]);
    expect(await bridge.ldap.accepts(dn, PASSWORD)).toBe(true);
    for (const _ of ['once', 'twice']) expect((await replace(body.id, 'active', 'False')).body.active).toBe(false);
    expect(await bridge.ldap.accepts(dn, PASSWORD)).toBe(false);
    const found = await bridge.send('GET', '/Users?filter=active eq false');
    expect(found.body.Resources).toMatchObject([{ id: body.id, userName: 'ada' }]);
    expect((await replace(body.id, 'active', true)).body.active).toBe(true);
    expect(await bridge.ldap.accepts(dn, PASSWORD)).toBe(true);
  });

  it('can be created switched off, and keeps that when its password is set', async () => {
    const { body } = await create({ password: PASSWORD, active: false });
    expect(body.active).toBe(false);
    expect(await bridge.ldap.accepts(dn, PASSWORD)).toBe(false);
    expect((await replace(body.id, 'password', ANOTHER)).body.active).toBe(false);
    expect(await bridge.ldap.accepts(dn, ANOTHER)).toBe(false);
    await replace(body.id, 'active', true);
    expect(await bridge.ldap.accepts(dn, ANOTHER)).toBe(true);
  });

  it('is not created when its password is refused, and the reason is told without it', async () => {
    const refused = await create({ password: 'Ab1' });
    expect(refused.body).toMatchObject({ status: '400', scimType: 'invalidValue' });
    expect(refused.body.detail).toMatch(/^password: is too short/);
    expect((await bridge.send('GET', '/Users')).body.totalResults).toBe(0);
    expect(bridge.log.join('')).not.toMatch(/Ab1|Engine-No/);
  });
});

describe.skipIf(!hasContainerEngine)(`what Active Directory asks of those who write${skippedWithoutEngine}`, () => {
  let bridge: Bridge<ContainerDirectory>;

  beforeAll(async () => {
    const kept = `  onDelete: { move: { base: '${DISABLED}', rdn: '{ldap:cn | truncate 27}-{id}', clear: [userPrincipalName] } }`;
    bridge = await startContainerBridge(await startSamba(), 'active-directory', {
      mapping: (text) => text.replace(/^ {2}meta:/m, `${kept}\n\n$&`),
    });
  }, FIRST_START_MS);
  afterAll(() => bridge?.stop());
  beforeEach(() => bridge.ldap.reset());

  it('an account without a password gets one that nobody knows', async () => {
    const { status, body } = await bridge.send('POST', '/Users', { userName: 'ada' });
    expect([status, body.active]).toEqual([201, true]);
    const [entry] = await bridge.ldap.adminSearch(`CN=ada,${PEOPLE}`, '(objectClass=*)', ['pwdLastSet', 'userAccountControl']);
    expect(entry?.attributes.get('pwdlastset')).not.toEqual(['0']);
    expect(entry?.attributes.get('useraccountcontrol')).toEqual(['512']);
  });

  it('names for logging on differ, also where the first parts of user names are alike', async () => {
    for (const domain of ['a.example', 'b.example']) {
      expect((await bridge.send('POST', '/Users', { userName: `ada@${domain}` })).status).toBe(201);
    }
    const people = await bridge.ldap.adminSearch(PEOPLE, '(sAMAccountName=*)', ['sAMAccountName']);
    expect(people.flatMap((entry) => entry.attributes.get('samaccountname') ?? []).toSorted()).toEqual(['ada', 'ada2']);
  });

  it('the name of somebody who left is free, and the name for logging on that was made of it is not, however long they are', async () => {
    const userName = 'augusta.ada.king.countess.of.lovelace@contoso.example';
    for (const time of ['once', 'twice']) {
      const { status, body } = await bridge.send('POST', '/Users', { userName });
      expect([time, status]).toEqual([time, 201]);
      expect([time, (await bridge.send('DELETE', `/Users/${body.id}`)).status]).toEqual([time, 204]);
    }
    const left = await bridge.ldap.adminSearch(DISABLED, '(sAMAccountName=*)', ['sAMAccountName', 'userPrincipalName']);
    const names = left.flatMap((entry) => entry.attributes.get('samaccountname') ?? []).toSorted();
    expect(names).toEqual(['augusta.ada.king.co2', 'augusta.ada.king.cou']);
    expect(left.flatMap((entry) => entry.attributes.get('userprincipalname') ?? [])).toEqual([]);
  });

  it('a value that is too long is refused with its limit, before anything is written', async () => {
    const { body } = await bridge.send('POST', '/Users', { userName: 'ada', title: 'x'.repeat(200) });
    expect(body).toMatchObject({ scimType: 'invalidValue', detail: expect.stringMatching(/^title: is longer than the 128 characters/) });
    const group = await bridge.send('POST', '/Groups', { displayName: 'x'.repeat(65) });
    expect(group.body.detail).toMatch(/^displayName: is longer than the 64 characters/);
  });

  it('no password goes over a connection in clear', async () => {
    const { url, bindDn, bindPassword } = bridge.ldap;
    const directory = connectDirectory({ urls: [url], bindDn, bindPassword, timeoutMs: 10_000, connections: 1 }, recordingLog());
    const modifications = [{ operation: 'replace', attribute: 'unicodePwd', values: [Buffer.from('"x"', 'utf16le')] }] as const;
    await expect(directory.write({ kind: 'modify', dn: `CN=ada,${PEOPLE}`, modifications })).rejects.toMatchObject({ kind: 'unencrypted' });
    await directory.close();
  });
});
