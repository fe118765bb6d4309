import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridgeTo } from '../support/bridge.ts';
import { DISABLED, GROUPS, PEOPLE } from '../support/openldap.ts';
import { startPosixOpenLdap } from '../support/openldap-posix.ts';

let bridge: Bridge;

beforeAll(async () => {
  bridge = await startBridgeTo(await startPosixOpenLdap(), 'openldap-posix');
});
afterAll(() => bridge.stop());
beforeEach(() => bridge.ldap.reset());

async function valueAt(dn: string, attribute: string): Promise<string> {
  const [entry] = await bridge.ldap.adminSearch(dn, '(objectClass=*)', [attribute]);
  return String(entry === undefined ? '' : (valuesOf(entry, attribute)[0] ?? ''));
}

describe('accounts and groups of RFC 2307bis', () => {
  it('gives a new account a number, a group and a home, and keeps them when it is renamed', async () => {
    const created = await bridge.send('POST', '/Users', { userName: 'ada', name: { familyName: 'Lovelace' } });
    expect(created.status).toBe(201);
    const number = await valueAt(`uid=ada,${PEOPLE}`, 'uidNumber');
    expect(Number(number)).toBeGreaterThanOrEqual(20_000);
    expect(await valueAt(`uid=ada,${PEOPLE}`, 'gidNumber')).toBe(number);
    expect(await valueAt(`uid=ada,${PEOPLE}`, 'homeDirectory')).toBe('/home/ada');

    const renamed = await bridge.send('PATCH', `/Users/${created.body.id}`, {
      Operations: [{ op: 'replace', path: 'userName', value: 'countess' }],
    });
    expect(renamed.status).toBe(200);
    expect(await valueAt(`uid=countess,${PEOPLE}`, 'uidNumber')).toBe(number);
    expect(await valueAt(`uid=countess,${PEOPLE}`, 'homeDirectory')).toBe('/home/ada');
  });

  it('never gives a number twice', async () => {
    const numberOf = async (userName: string) => {
      const { body } = await bridge.send('POST', '/Users', { userName });
      const number = await valueAt(`uid=${userName},${PEOPLE}`, 'uidNumber');
      await bridge.send('DELETE', `/Users/${body.id}`);
      return number;
    };
    const numbers = [await numberOf('a'), await numberOf('b'), await numberOf('a')];
    expect(new Set(numbers).size).toBe(3);
  });

  it('has groups with a number and members by DN, or none', async () => {
    const { body: ada } = await bridge.send('POST', '/Users', { userName: 'ada' });
    const { status, body: group } = await bridge.send('POST', '/Groups', { displayName: 'staff' });
    expect([status, group.members]).toEqual([201, undefined]);
    expect(Number(await valueAt(`cn=staff,${GROUPS}`, 'gidNumber'))).toBeGreaterThanOrEqual(60_000);
    await bridge.send('PATCH', `/Groups/${group.id}`, { Operations: [{ op: 'add', path: 'members', value: [{ value: ada.id }] }] });
    expect(await valueAt(`cn=staff,${GROUPS}`, 'member')).toBe(`uid=ada,${PEOPLE}`);
    expect((await bridge.send('GET', `/Users/${ada.id}`)).body.groups).toMatchObject([{ value: group.id }]);
  });
});

describe('the number of somebody who left and is kept', () => {
  const COUNTER = 'cn=uidNext,ou=scim,dc=example,dc=org';
  let keeping: Bridge;

  beforeAll(async () => {
    const onDelete = `  onDelete: { move: { base: '${DISABLED}', rdn: '{ldap:uid}-{id}' } }\n\n`;
    keeping = await startBridgeTo(await startPosixOpenLdap(), 'openldap-posix', {
      mapping: (text) => text.replace(/^ {2}meta:|^groups:/m, `${onDelete}$&`),
    });
  });
  afterAll(() => keeping.stop());

  /** The number of a new account. */
  async function join(userName: string): Promise<{ readonly id: string; readonly number: number }> {
    const { status, body } = await keeping.send('POST', '/Users', { userName });
    expect([userName, status]).toEqual([userName, 201]);
    const [entry] = await keeping.ldap.adminSearch(`uid=${userName},${PEOPLE}`);
    return { id: body.id, number: Number(entry && valuesOf(entry, 'uidNumber')[0]) };
  }

  it('is nobody else’s, also when the counter begins anew', async () => {
    const leaver = await join('leaver');
    expect((await keeping.send('DELETE', `/Users/${leaver.id}`)).status).toBe(204);
    await keeping.ldap.adminRename(COUNTER, 'cn=lost');
    expect((await join('newcomer')).number).toBeGreaterThan(leaver.number);
  });

  it('is passed over by a counter that was set back', async () => {
    const leaver = await join('another');
    expect((await keeping.send('DELETE', `/Users/${leaver.id}`)).status).toBe(204);
    await keeping.ldap.adminRename(COUNTER, 'cn=ahead');
    const classes = 'objectClass: applicationProcess\nobjectClass: extensibleObject\n';
    await keeping.ldap.adminAdd(`dn: ${COUNTER}\n${classes}cn: uidNext\nuidNumber: ${leaver.number}\n`);
    expect((await join('successor')).number).toBeGreaterThan(leaver.number);
  });
});
