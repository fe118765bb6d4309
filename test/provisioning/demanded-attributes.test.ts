import { afterEach, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE, SUFFIX } from '../support/openldap.ts';
import { patch } from './support/requests.ts';

/** What the classes of an entry demand (MUST), and a client leaves out or a mapping file has no line for. */

let bridge: Bridge;
afterEach(() => bridge.stop());

const start = (mapping: (text: string) => string, ldif = '') => startBridge({ mapping, ldif, logsOperations: true });

async function writes(): Promise<readonly string[]> {
  return (await bridge.ldap.operations()).map(({ kind }) => kind).filter((kind) => kind !== 'SRCH');
}

describe('an attribute that a line stores', () => {
  const COUNTER = `cn=uidNext,ou=scim,${SUFFIX}`;
  const numbered = (text: string) =>
    text
      .replace(/^ {4}name.familyName: .*$/m, '    name.familyName: sn')
      .replace(/inetOrgPerson, scimObject\]/, 'inetOrgPerson, posixAccount, scimObject]')
      .replace(
        /^ {2}generated:.*$/m,
        `$&
    uidNumber: { allocate: 20000-20009, counter: '${COUNTER}', write: once }
    gidNumber: { template: '{ldap:uidNumber}', write: once }
    homeDirectory: { template: '/home/{ldap:uid}', write: once }`,
      );

  it('is missed before anything is written, also before a number is taken', async () => {
    bridge = await start(numbered, `\ndn: ou=scim,${SUFFIX}\nobjectClass: organizationalUnit\nou: scim\n`);
    const refused = await bridge.send('POST', '/Users', { userName: 'ada' });
    expect([refused.status, refused.body.scimType]).toEqual([400, 'invalidValue']);
    expect(refused.body.detail).toMatch(/^name\.familyName: is required/);
    expect(await writes()).toEqual([]);

    const { status, body } = await bridge.send('POST', '/Users', { userName: 'ada', name: { familyName: 'Lovelace' } });
    expect(status).toBe(201);
    await bridge.ldap.mark();
    const cleared = await patch(bridge, `/Users/${body.id}`, { op: 'remove', path: 'name.familyName' });
    expect([cleared.status, cleared.body.scimType]).toEqual([400, 'invalidValue']);
    expect(cleared.body.detail).toMatch(/^name\.familyName: is required/);
    expect(await writes()).toEqual([]);
    expect(await bridge.ldap.adminSearch(PEOPLE, '(&(uid=ada)(sn=Lovelace)(uidNumber=20000))')).toHaveLength(1);
  });
});

describe('an attribute that no line writes', () => {
  it('is a matter of configuration: 503, told loudly, and nothing is there', async () => {
    bridge = await start((text) => text.replace(/inetOrgPerson, scimObject\]/, 'inetOrgPerson, posixAccount, scimObject]'));
    const { status, headers, body } = await bridge.send('POST', '/Users', { userName: 'ada', name: { familyName: 'Lovelace' } });
    expect([status, headers.get('retry-after')]).toEqual([503, '60']);
    expect(body.detail).toMatch(/as it is configured/);
    const told = bridge.log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);
    expect(told).toContainEqual(expect.objectContaining({ err: expect.objectContaining({ code: 65 }) }));
    expect(await bridge.ldap.adminSearch(PEOPLE, '(uid=*)')).toEqual([]);
  });
});
