import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import { createApp } from '../../src/http/app.ts';
import { digestToken } from '../../src/http/authenticate.ts';
import { ALL_RIGHTS } from '../../src/http/credential.ts';
import { openListener } from '../../src/http/listener.ts';
import { NO_REQUEST_OBSERVER } from '../../src/http/request-observer.ts';
import type { Tenant } from '../../src/http/tenant.ts';
import { NO_AUDIT } from '../provisioning/support/no-audit.ts';
import { shippedPlan } from '../provisioning/support/shipped-plan.ts';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';

let bridge: Bridge;

beforeAll(async () => {
  bridge = await startBridge();
});
afterAll(() => bridge.stop());

interface LogLine {
  readonly msg: string;
  readonly level: number;
  readonly requestId?: string;
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly tenant?: string;
  readonly credential?: string;
  readonly durationMs?: number;
}

function linesOf(requestId: string | null): readonly LogLine[] {
  return bridge.log.map((line) => JSON.parse(line) as LogLine).filter((line) => line.requestId === requestId);
}

describe('X-Request-Id', () => {
  it.each(['abc', '0b9c2d4e-1111-4222-8333-444455556666', 'a.b:c_d-e', 'x'.repeat(128)])('%s is taken over', async (given) => {
    const { headers, body } = await bridge.send('GET', '/Users/nobody', undefined, { 'x-request-id': given });

    expect(headers.get('x-request-id')).toBe(given);
    expect(body.detail.endsWith(`(request ${given})`)).toBe(true);
    expect(linesOf(given)).toHaveLength(1);
  });

  it.each([undefined, '', ' ', 'a b', 'x'.repeat(129), '"quoted"', '<script>', 'a,b', 'é'])('%s is replaced', async (given) => {
    const headers = given === undefined ? {} : { 'x-request-id': given };
    const answer = await bridge.send('GET', '/Users/nobody', undefined, headers);
    const id = answer.headers.get('x-request-id');

    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(answer.body.detail.endsWith(`(request ${id})`)).toBe(true);
  });

  it('comes with every answer, good or bad', async () => {
    for (const [method, path, body, status] of [
      ['GET', '/Users', undefined, 200],
      ['POST', '/Users', { userName: 'id' }, 201],
      ['POST', '/Users', { userName: 'id' }, 409],
      ['POST', '/Users', '{', 400],
      ['DELETE', '/Users', undefined, 405],
      ['OPTIONS', '/Users', undefined, 204],
      ['GET', '/Nowhere', undefined, 404],
      ['GET', '/Me', undefined, 501],
    ] as const) {
      const answer = await bridge.send(method, path, body);
      const id = answer.headers.get('x-request-id') ?? '';
      expect([method, path, answer.status]).toEqual([method, path, status]);
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      if (status >= 400) expect(answer.body.detail).toMatch(new RegExp(`\\(request ${id}\\)$`));
    }
  });
});

describe('the log', () => {
  it('has one line for each request, with what an operator looks for', async () => {
    const before = bridge.log.length;
    const { headers } = await bridge.send('GET', `/Users/nobody/?filter=${encodeURIComponent('userName eq "somebody"')}`);

    expect(bridge.log).toHaveLength(before + 1);
    const [line] = linesOf(headers.get('x-request-id'));
    expect(line).toMatchObject({
      msg: 'request',
      level: 30,
      tenant: 'contoso',
      credential: 'tests',
      method: 'GET',
      path: '/scim/v2/Users/nobody',
      status: 404,
      durationMs: expect.any(Number),
    });
  });

  it('has the names of what was ignored, and no values', async () => {
    const { headers } = await bridge.send('POST', '/Users', { userName: 'noted', favouriteColour: 'secret-red', nickName: 'secret-nick' });
    const text = JSON.stringify(linesOf(headers.get('x-request-id')));

    expect(text).toContain('favouriteColour');
    expect(text).toContain('nickName');
    expect(text).not.toContain('secret');
  });

  it('has the reason of what the directory refused, for the operator', async () => {
    const { id } = (await bridge.send('POST', '/Users', { userName: 'tree' })).body;
    await bridge.ldap.adminAdd('dn: cn=leaf,uid=tree,ou=people,dc=example,dc=org\nobjectClass: device\ncn: leaf\n');
    const { status, headers, body } = await bridge.send('DELETE', `/Users/${id}`);
    const lines = linesOf(headers.get('x-request-id'));

    expect(status).toBe(409);
    expect(lines.map(({ msg }) => msg)).toEqual(['a request was refused', 'request']);
    expect(JSON.stringify(lines[0])).toContain('subordinate objects must be deleted first');
    expect(body.detail).not.toMatch(/subordinate|uid=|dc=/);
  });

  it('has no secret, whatever is sent where', async () => {
    const password = 'Secret-Pass-Word';
    const secrets = [TOKEN, password, 'bridge-secret', 'wrong-token-wrong'];
    const { id } = (await bridge.send('POST', '/Users', { userName: 'secretive', password })).body;
    const operations = (...Operations: readonly object[]) => ({ Operations });
    const requests: readonly (readonly [method: string, path: string, body?: unknown, headers?: Record<string, string>])[] = [
      ['POST', '/Users', { userName: 'secretive', password }],
      ['POST', '/Users', { userName: 'secretive-2', password: { value: password, [password]: password } }],
      ['POST', '/Users', { userName: 'secretive-3', password: [password, password] }],
      ['POST', '/Users', `{"userName":"x","password":"${password}"`],
      ['POST', '/Users', { userName: 'x', password }, { 'content-type': 'text/plain' }],
      ['POST', '/Users', { userName: 'x', emails: [{ value: 'zoë@example.org' }], password }],
      ['PUT', `/Users/${id}`, { password }],
      ['PUT', '/Users/nobody', { userName: 'x', password }],
      ['PATCH', `/Users/${id}`, operations({ op: 'replace', path: 'password', value: password })],
      ['PATCH', `/Users/${id}`, operations({ op: 'replace', value: { password } })],
      ['PATCH', `/Users/${id}`, operations({ op: 'bad', path: 'password', value: password })],
      ['PATCH', `/Users/${id}`, operations({ op: 'replace', path: 'passwort', value: password })],
      ['PATCH', `/Users/${id}`, operations({ op: 'remove', path: 'password', value: password })],
      ['GET', `/Users?filter=${encodeURIComponent(`password eq "${password}"`)}`],
      ['GET', `/Users?filter=${encodeURIComponent(`userName eq "${password}"`)}`],
      ['GET', '/Users', undefined, { authorization: 'Bearer wrong-token-wrong' }],
      ['GET', '/Users', undefined, { authorization: `Basic ${TOKEN}` }],
    ];
    for (const [method, path, body, headers] of requests) {
      const { status, text } = await bridge.send(method, path, body, headers);
      expect([200, 201, 400, 401, 404, 409, 415]).toContain(status);
      for (const secret of secrets) expect(text).not.toContain(secret);
    }

    // A name that a client makes up is no value: it may be logged.
    const log = bridge.log.filter((line) => !line.includes('known to no schema')).join('');
    for (const secret of secrets) expect(log).not.toContain(secret);
  });
});

describe('a bug', () => {
  it('is 500 with an id and nothing else, and loud in the log', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const failing = () => Promise.reject(new TypeError('secret detail'));
    const directory = {
      facts: failing,
      search: failing,
      searchFirst: failing,
      searchPages: failing,
      write: failing,
    } as unknown as Directory;
    const tenant = {
      name: 'broken',
      path: '/scim/v2',
      accepted: { tokens: [{ credential: { name: 'tests', rights: ALL_RIGHTS }, digest: digestToken(TOKEN) }] },
      limits: { bodyBytes: 1000, bulkOperations: 1, requestsInFlight: 10 },
      service: { plan: shippedPlan(), directory, baseUrl: '', paging: { defaultPageSize: 1, maxPageSize: 1 } },
    } as unknown as Tenant;
    const listener = await openListener(
      createApp([tenant], { log, openAuditTrail: () => NO_AUDIT, isTrustedProxy: () => false, observer: NO_REQUEST_OBSERVER }).callback(),
      { host: '127.0.0.1', port: 0 },
      log,
    );
    try {
      const response = await fetch(`${listener.url}/scim/v2/Users`, { headers: { authorization: `Bearer ${TOKEN}` } });
      const requestId = response.headers.get('x-request-id');

      expect(response.status).toBe(500);
      expect(await response.json()).toEqual({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: '500',
        detail: `internal error (request ${requestId})`,
      });
      const failure = JSON.parse(lines[0] ?? '{}');
      expect(failure).toMatchObject({
        level: 50,
        requestId,
        err: { type: 'TypeError', message: 'secret detail', stack: expect.stringContaining('app.test') },
      });
      expect(lines).toHaveLength(2);
    } finally {
      await listener.close();
    }
  });
});

describe('the admin listener', () => {
  it('answers for the process and for its directories, apart from the service', async () => {
    const [health, ready, lost] = await Promise.all(['/healthz', '/readyz', '/nowhere'].map((path) => fetch(`${bridge.adminUrl}${path}`)));

    expect([health?.status, await health?.json()]).toEqual([200, { status: 'ok' }]);
    expect([ready?.status, await ready?.json()]).toEqual([
      200,
      { status: 'ready', directories: { corp: { ready: true, server: bridge.ldap.url } } },
    ]);
    expect(lost?.status).toBe(404);
    expect((await fetch(`${bridge.adminUrl}/scim/v2/Users`, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(404);
    const { origin } = new URL(bridge.url);
    for (const path of ['/healthz', '/readyz']) expect((await fetch(`${origin}${path}`)).status).toBe(404);
  });
});
