import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Bridge, startBridge, TOKEN } from '../support/bridge.ts';
import { rawRequest, sendRaw } from './support/raw-request.ts';

let bridge: Bridge;
let id: string;

beforeAll(async () => {
  bridge = await startBridge();
  id = (await bridge.send('POST', '/Users', { userName: 'anna' })).body.id;
});
afterAll(() => bridge.stop());

function expectError({ headers, body }: Answer, status: number): void {
  expect(headers.get('content-type')).toBe('application/scim+json');
  expect(body).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status) });
  expect(body.detail).toMatch(/./);
}

describe('methods', () => {
  it.each([
    ['PUT', '/Users', 'HEAD, GET, POST'],
    ['PATCH', '/Users', 'HEAD, GET, POST'],
    ['DELETE', '/Groups', 'HEAD, GET, POST'],
    ['POST', '/Users/x', 'HEAD, GET, PUT, PATCH, DELETE'],
    ['POST', '/Groups/x', 'HEAD, GET, PUT, PATCH, DELETE'],
    ['PUT', '/Schemas', 'HEAD, GET'],
    ['DELETE', '/Schemas/x', 'HEAD, GET'],
    ['PATCH', '/ServiceProviderConfig', 'HEAD, GET'],
    ['POST', '/ResourceTypes', 'HEAD, GET'],
    ['GET', '/Bulk', 'POST'],
  ])('%s %s is 405 and says which are', async (method, path, allow) => {
    const answer = await bridge.send(method, path, method === 'GET' ? undefined : {});

    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    expectError(answer, 405);
  });

  it.each(['PURGE', 'PROPFIND', 'TRACE'])('%s, which nobody takes, is 501 and says which are', async (method) => {
    const { status, headers, text } = await sendRaw(bridge, rawRequest(`${method} /scim/v2/Users`, `Authorization: Bearer ${TOKEN}`));

    expect([status, headers.get('allow'), headers.get('content-type')]).toEqual([501, 'HEAD, GET, POST', 'application/scim+json']);
    expect(JSON.parse(text).status).toBe('501');
  });

  it('HEAD answers as GET does, without the body', async () => {
    for (const path of ['/Users', `/Users/${id}`, '/Schemas', '/Users/nobody', '/Nowhere']) {
      const [get, head] = [await bridge.send('GET', path), await bridge.send('HEAD', path)];
      expect([head.status, head.text]).toEqual([get.status, '']);
      expect(head.headers.get('content-type')).toBe('application/scim+json');
      if (get.status === 200) expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    }
  });

  it('OPTIONS says what there is, in 204', async () => {
    const answer = await bridge.send('OPTIONS', '/Users');

    expect([answer.status, answer.headers.get('allow'), answer.text]).toEqual([204, 'HEAD, GET, POST', '']);
    expect(answer.headers.has('content-type')).toBe(false);
  });
});

describe('addresses', () => {
  it.each(['/Nowhere', '/Users/a/b', `/Users/${'x'.repeat(5000)}/y`, '/v1/Users', '/Devices', '/%55sers'])('%s is 404', async (path) => {
    const answer = await bridge.send('GET', path);

    expect(answer.status).toBe(404);
    expectError(answer, 404);
  });

  it.each(['', '/', '/scim', '/scim/v2x/Users', '/other/scim/v2/Users', '/%2e%2e/etc/passwd'])(
    'outside the tenant, %j is 404 without a token',
    async (path) => {
      const response = await fetch(`${new URL(bridge.url).origin}${path}`);

      expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/scim+json']);
      expect(await response.json()).toMatchObject({ status: '404' });
    },
  );

  it.each([
    '/Users',
    '/Users/',
    '//Users',
    '/Users//',
    '/Users?',
    '/Users/?filter=',
    '/Users?aadOptscim062020',
    '/Users/?aadOptscim062020&AzureAdScimPatch062020=1',
    '/users',
  ])('%s is the list of users', async (path) => {
    const { status, body } = await bridge.send('GET', path);
    expect([status, body.totalResults, body.Resources[0].id]).toEqual([200, 1, id]);
  });

  it.each(['/', '//', '?aadOptscim062020', '/?aadOptscim062020=true&x'])('a user is found with %j at the end', async (end) => {
    expect((await bridge.send('GET', `/Users/${id}${end}`)).body.id).toBe(id);
    const patched = await bridge.send('PATCH', `/Users/${id}${end}`, { Operations: [{ op: 'replace', path: 'title', value: 't' }] });
    expect([patched.status, patched.body.title]).toEqual([200, 't']);
  });

  it.each(['GET', 'POST', 'PATCH', 'DELETE'])('%s /Me is 501', async (method) => {
    const answer = await bridge.send(method, '/Me', method === 'GET' ? undefined : {});
    expect(answer.status).toBe(501);
    expectError(answer, 501);
  });

  it.each(['%', '%zz', '%ff', '%00', '%2F', 'a%20b'])('an id %j is nobody’s', async (text) => {
    const { status } = await sendRaw(bridge, rawRequest(`GET /scim/v2/Users/${text}`, `Authorization: Bearer ${TOKEN}`));
    expect(status).toBe(404);
  });

  it.each(['filter=%', 'filter=%e4', 'count=1&count=2', 'attributes=%ff'])('a query %j is 400', async (query) => {
    const { status, text } = await sendRaw(bridge, rawRequest(`GET /scim/v2/Users?${query}`, `Authorization: Bearer ${TOKEN}`));
    expect([status, JSON.parse(text).scimType]).toEqual([400, 'invalidSyntax']);
  });
});

describe('every answer', () => {
  it.each([undefined, '*/*', 'application/json', 'application/scim+json', 'text/html', 'image/png;q=0.1', 'nonsense', ''])(
    'to Accept: %s is application/scim+json',
    async (accept) => {
      const headers = accept === undefined ? {} : { accept };
      for (const answer of [
        await bridge.send('GET', '/Users', undefined, headers),
        await bridge.send('GET', `/Users/${id}`, undefined, headers),
        await bridge.send('GET', '/Users/nobody', undefined, headers),
        await bridge.send('POST', '/Users', { userName: 'anna' }, headers),
        await bridge.send('GET', '/Schemas', undefined, headers),
      ]) {
        expect([200, 404, 409]).toContain(answer.status);
        expect(answer.headers.get('content-type')).toBe('application/scim+json');
        expect(Number(answer.headers.get('content-length'))).toBe(Buffer.byteLength(answer.text));
      }
    },
  );

  it('takes a Content-Type on GET for nothing', async () => {
    const answer = await bridge.send('GET', '/Users', undefined, { 'content-type': 'application/json' });
    expect(answer.status).toBe(200);
  });

  it('says where a resource is: Content-Location is meta.location (RFC 7643 §3.1), Location goes with a creation only', async () => {
    const created = await bridge.send('POST', '/Users', { userName: 'located' });
    const { location } = created.body.meta;
    const path = `/Users/${created.body.id}`;
    const answers = [
      created,
      await bridge.send('GET', path),
      await bridge.send('PUT', path, { userName: 'located' }),
      await bridge.send('PATCH', path, { Operations: [] }),
    ];

    expect(location).toBe(`https://scim.example.org/scim/v2${path}`);
    expect(answers.map(({ headers }) => headers.get('content-location'))).toEqual(answers.map(() => location));
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual([location, null, null, null]);
    const list = await bridge.send('GET', '/Users');
    expect([list.headers.get('content-location'), list.headers.get('location')]).toEqual([null, null]);
  });
});
