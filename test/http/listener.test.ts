import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';
import { type RawAnswer, rawRequest, sendRaw } from './support/raw-request.ts';

const AUTHORIZATION = `Authorization: Bearer ${TOKEN}`;

let bridge: Bridge;

beforeAll(async () => {
  bridge = await startBridge();
});
afterAll(() => bridge.stop());

function expectScimError({ headers, text }: RawAnswer, status: number): void {
  const body = JSON.parse(text);
  expect(headers.get('content-type')).toBe('application/scim+json');
  expect(body).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status) });
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(body.detail).toContain(`(request ${headers.get('x-request-id')})`);
}

describe('what Node’s parser refuses', () => {
  it.each([
    ['a request line that is too long', rawRequest(`GET /scim/v2/Users?filter=${'x'.repeat(20_000)}`, AUTHORIZATION), 431],
    ['a header that is too long', rawRequest('GET /scim/v2/Users', AUTHORIZATION, `X-Long: ${'x'.repeat(20_000)}`), 431],
    [
      'a header block that is too long',
      rawRequest('GET /scim/v2/Users', AUTHORIZATION, ...Array.from({ length: 500 }, (_, index) => `X-${index}: ${'y'.repeat(50)}`)),
      431,
    ],
    ['garbage', 'hello, is this LDAP?\r\n\r\n', 400],
    ['a TLS client hello', Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]), 400],
    ['an unknown method', rawRequest('FETCH /scim/v2/Users', AUTHORIZATION), 400],
    ['a bad header', 'GET /scim/v2/Users HTTP/1.1\r\nHost x\r\n\r\n', 400],
    ['two lengths', 'POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['a length beside chunks', 'POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
  ])('is answered in SCIM form: %s', async (_what, bytes, status) => {
    const answer = await sendRaw(bridge, bytes);

    expect(answer.status).toBe(status);
    expect(answer.headers.get('connection')).toBe('close');
    expectScimError(answer, status);
    expect(bridge.log.join('')).toContain(answer.headers.get('x-request-id'));
  });

  it('a connection that says nothing, or is cut, disturbs nobody', async () => {
    const { hostname, port } = new URL(bridge.url);
    for (const bytes of ['', 'GET /scim', 'POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"userName":']) {
      const socket = connect(Number(port), hostname);
      await new Promise((resolve) => socket.write(bytes, resolve));
      socket.resetAndDestroy();
    }
    expect((await bridge.send('GET', '/Users')).status).toBe(200);
  });
});

describe('what Node’s server would answer without a body', () => {
  it('a request without Host is 400', async () => {
    const answer = await sendRaw(bridge, `GET /scim/v2/Users HTTP/1.1\r\n${AUTHORIZATION}\r\nConnection: close\r\n\r\n`);

    expect(answer.status).toBe(400);
    expectScimError(answer, 400);
  });

  it('HTTP/1.0 needs none', async () => {
    const answer = await sendRaw(bridge, `GET /scim/v2/Users HTTP/1.0\r\n${AUTHORIZATION}\r\n\r\n`);

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/scim+json']);
  });

  it('an expectation that nobody knows is passed over', async () => {
    const body = JSON.stringify({ userName: 'expected' });
    const lines = [AUTHORIZATION, 'Content-Type: application/scim+json', `Content-Length: ${body.length}`, 'Expect: wonders'];
    const answer = await sendRaw(bridge, `${rawRequest('POST /scim/v2/Users', ...lines)}${body}`);

    expect([answer.status, JSON.parse(answer.text).userName]).toEqual([201, 'expected']);
  });
});

it('takes a target in absolute form, as proxies send it', async () => {
  const answer = await sendRaw(bridge, rawRequest('GET http://scim.example.org/scim/v2/Users?count=0', AUTHORIZATION));

  expect([answer.status, JSON.parse(answer.text).itemsPerPage]).toEqual([200, 0]);
});

it('keeps a connection open for the next request, also after an error and an unread body', async () => {
  const request = (line: string, more = '', body = '') => `${line} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\n${more}\r\n${body}`;
  const unread = request('DELETE /scim/v2/Users', 'Content-Type: text/plain\r\nContent-Length: 5\r\n', 'hello');
  const all = [
    request('GET /scim/v2/Users?count=0'),
    request('GET /scim/v2/Nowhere'),
    unread,
    rawRequest('GET /scim/v2/Groups?count=0', AUTHORIZATION),
  ];
  const { hostname, port } = new URL(bridge.url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  socket.write(all.join(''));
  await new Promise((resolve) => socket.once('close', resolve));

  expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 405', 'HTTP/1.1 200']);
  expect(text).toContain('Keep-Alive: timeout=75');
});

describe('stopping', () => {
  it('does not wait for a connection that was opened and never used', async () => {
    const stopped = await startBridge();
    const { hostname, port } = new URL(stopped.url);
    const idle = connect({ host: hostname, port: Number(port) });
    await once(idle, 'connect');
    const end = once(idle, 'close');
    await stopped.stop();
    await end;
    expect(idle.destroyed).toBe(true);
  });
});
