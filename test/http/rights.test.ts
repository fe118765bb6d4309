import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestToken } from '../../src/http/authenticate.ts';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';

let bridge: Bridge;
let [user, group] = ['', ''];

const token = (name: string, rights: string): string =>
  `        - { name: ${name}, hash: 'sha256:${digestToken(name).toString('hex')}', ${rights} }`;

beforeAll(async () => {
  bridge = await startBridge({
    auth: [
      token('reader', 'allow: [read]'),
      token('creator', 'allow: [create]'),
      token('users-only', 'resources: [Users]'),
      token('confined', "base: 'OU=Contractors, ou=people,dc=example,dc=org'"),
    ].join('\n'),
  });
  await bridge.ldap.adminAdd('dn: ou=contractors,ou=people,dc=example,dc=org\nobjectClass: organizationalUnit\nou: contractors\n');
  await bridge.ldap.adminAdd(
    'dn: uid=inside,ou=contractors,ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: inside\ncn: Inside\nsn: Inside\n',
  );
  user = (await bridge.send('POST', '/Users', { userName: 'somebody' })).body.id;
  group = (await bridge.send('POST', '/Groups', { displayName: 'some', members: [{ value: user }] })).body.id;
});
afterAll(() => bridge.stop());

const as = (name: string) => (method: string, path: string, body?: unknown) =>
  bridge.send(method, path, body, { authorization: `Bearer ${name}` });

const PATCH = { Operations: [{ op: 'replace', value: { title: 'changed' } }] };

/** Refused so that Entra leaves this one resource and goes on with the others: never 401 or 403. */
function expectRefusal({ status, body }: Answer): void {
  expect([status, body.scimType]).toEqual([400, 'mutability']);
  expect(body.detail).toContain('the credential of this request may not');
}

describe('a credential may do what it is allowed', () => {
  it('reading', async () => {
    const send = as('reader');
    expect((await send('GET', '/Users')).status).toBe(200);
    expect((await send('POST', '/Groups/.search', {})).status).toBe(200);
    expect((await send('GET', `/Users/${user}`)).status).toBe(200);
    expectRefusal(await send('POST', '/Users', { userName: 'new' }));
    expectRefusal(await send('PUT', `/Users/${user}`, { userName: 'somebody' }));
    expectRefusal(await send('PATCH', `/Users/${user}`, PATCH));
    expectRefusal(await send('DELETE', `/Groups/${group}`));
    expect((await bridge.send('GET', `/Users/${user}`)).body.title).toBeUndefined();
  });

  it('creating', async () => {
    const send = as('creator');
    expect((await send('POST', '/Users', { userName: 'created' })).status).toBe(201);
    expectRefusal(await send('PATCH', `/Users/${user}`, PATCH));
    for (const path of ['/Users', '/', `/Users?filter=${encodeURIComponent('userName eq "somebody"')}`]) {
      expect(await send('GET', path)).toMatchObject({ status: 400, body: { detail: expect.stringContaining('may not read') } });
    }
    expect((await send('GET', `/Users/${user}`)).body.detail).toContain('may not read users');
    expect((await send('GET', '/Schemas')).status).toBe(200);
  });

  it('with one kind of resource', async () => {
    const send = as('users-only');
    expect((await send('PATCH', `/Users/${user}`, PATCH)).status).toBe(200);
    expectRefusal(await send('DELETE', `/Groups/${group}`));
    expect((await send('GET', '/Groups')).status).toBe(400);
    const all = (await send('GET', '/')).body.Resources.map(({ meta }: { meta: { resourceType: string } }) => meta.resourceType);
    expect(new Set(all)).toEqual(new Set(['User']));
  });

  it('each operation of a bulk request by itself', async () => {
    const Operations = [
      { method: 'POST', path: '/Users', bulkId: 'a', data: { userName: 'in-bulk' } },
      { method: 'DELETE', path: `/Users/${user}` },
      { method: 'PATCH', path: `/Users/${user}`, data: PATCH },
    ];
    expect((await as('creator')('POST', '/Bulk', { Operations })).body.Operations).toMatchObject([
      { status: '201' },
      { status: '400', response: { scimType: 'mutability' } },
      { status: '400', response: { scimType: 'mutability' } },
    ]);
  });
});

describe('a credential with a base of its own', () => {
  const send = as('confined');

  it('sees what lies below it, and nothing else', async () => {
    const { body } = await send('GET', '/Users');
    expect(body.Resources.map(({ userName }: { userName: string }) => userName)).toEqual(['inside']);
    expect((await send('GET', `/Users/${user}`)).status).toBe(404);
    expect((await send('GET', '/Groups')).body.totalResults).toBe(0);
    const everybody = (await bridge.send('GET', '/Users?sortBy=userName')).body.totalResults;
    expect(everybody).toBeGreaterThan(1);
    expect((await send('GET', '/Users?sortBy=userName')).body.totalResults).toBe(1);
    expect((await bridge.send('GET', '/Users?sortBy=userName')).body.totalResults).toBe(everybody);
  });

  it('changes what lies below it, and nothing else', async () => {
    const [{ id }] = (await send('GET', '/Users')).body.Resources;
    expect((await send('PATCH', `/Users/${id}`, PATCH)).status).toBe(200);
    expect((await send('PATCH', `/Users/${user}`, PATCH)).status).toBe(404);
    expect((await send('DELETE', `/Groups/${group}`)).status).toBe(404);
    // The mapping places new ones in the branch above it.
    expect(await send('POST', '/Users', { userName: 'outside' })).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
    expect(await bridge.ldap.adminSearch('dc=example,dc=org', '(uid=outside)')).toEqual([]);
  });
});
