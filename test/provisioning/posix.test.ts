import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridgeTo } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
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
