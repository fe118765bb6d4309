import { afterEach, describe, expect, it } from 'vitest';
import { type Bridge, type BridgeOptions, startBridge } from '../support/bridge.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

let bridge: Bridge;

afterEach(() => bridge.stop());

async function start(options: BridgeOptions = {}): Promise<void> {
  bridge = await startBridge({ level: 'debug', ...options });
}

type Line = Record<string, unknown>;

/** The lines about one request. */
function linesOf(requestId: string): readonly Line[] {
  return bridge.log.map((line) => JSON.parse(line) as Line).filter((line) => line['requestId'] === requestId);
}

function requestLine(requestId: string): Line | undefined {
  return linesOf(requestId).find(({ msg }) => msg === 'request');
}

let sent = 0;
async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  sent += 1;
  const requestId = `request-${sent}`;
  const answer = await bridge.send(method, path, body, { 'x-request-id': requestId, ...headers });
  return { answer, requestId };
}

describe('each request leaves one line', () => {
  it('with who asked for what, how it ended, how long it took and what it cost', async () => {
    await start();
    const { answer, requestId } = await send('POST', '/Users', { userName: 'ada' });
    expect(linesOf(requestId).filter(({ msg }) => msg === 'request')).toEqual([
      {
        level: 30,
        time: expect.any(Number),
        pid: process.pid,
        hostname: expect.any(String),
        requestId,
        address: '127.0.0.1',
        tenant: 'contoso',
        credential: 'tests',
        route: 'POST /Users',
        method: 'POST',
        path: '/scim/v2/Users',
        status: 201,
        durationMs: expect.any(Number),
        ldapOperations: 2,
        msg: 'request',
      },
    ]);
    const read = await send('GET', `/Users/${answer.body.id}`);
    expect(requestLine(read.requestId)).toMatchObject({ route: 'GET /Users/:id', status: 200, ldapOperations: 1 });
  });

  it('without what was asked for in the query, and also where nobody was let in or nothing is there', async () => {
    await start();
    const query = await send('GET', '/Users?filter=userName%20eq%20%22whom-nobody-shall-see%22');
    expect(JSON.stringify(requestLine(query.requestId))).not.toContain('whom-nobody-shall-see');
    const refused = await send('GET', '/Users/x', undefined, { authorization: 'Bearer wrong' });
    expect(requestLine(refused.requestId)).toMatchObject({ route: 'GET /Users/:id', status: 401, ldapOperations: 0 });
    expect(requestLine(refused.requestId)).not.toHaveProperty('credential');
    const nowhere = await send('GET', '/Nothing/here');
    expect(requestLine(nowhere.requestId)).toMatchObject({ route: 'other', status: 404, ldapOperations: 0, credential: 'tests' });
  });
});

describe('traceparent', () => {
  it('is in every line of its request, the audit trail’s too', async () => {
    await start({ service: 'audit: { file: /dev/full }' });
    const { requestId } = await send('POST', '/Users', { userName: 'ada', unheardOf: 1 }, { traceparent: `00-${TRACE}-${SPAN}-01` });
    const lines = linesOf(requestId);
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['request', 'LDAP search', 'LDAP write', 'audit: could not be written to its file']),
    );
    for (const line of lines) expect(line).toMatchObject({ traceId: TRACE, spanId: SPAN });
  });

  it('that is not valid is in none', async () => {
    await start();
    const { requestId } = await send('GET', '/Users', undefined, { traceparent: `00-${TRACE}-${SPAN}` });
    expect(linesOf(requestId).length).toBeGreaterThan(0);
    for (const line of linesOf(requestId)) expect(line).not.toHaveProperty('traceId');
  });
});

describe('at level debug', () => {
  const isDebug = ({ level }: Line) => level === 20;

  it('searches say what they ask for and find, writes are LDIF without passwords', async () => {
    await start();
    const { requestId } = await send('POST', '/Users', { userName: 'ada', title: 'Countess', password: 'difference-engine' });
    const [search, ...others] = linesOf(requestId).filter(isDebug);
    expect(search).toMatchObject({ msg: 'LDAP search', scope: 'subtree', filter: expect.stringContaining('(uid=ada)'), entries: 0 });
    const writes = others.filter(({ msg }) => msg === 'LDAP write');
    expect(writes[0]).toMatchObject({ ldif: expect.stringContaining('changetype: add\n'), durationMs: expect.any(Number) });
    expect(writes[0]?.['ldif']).toContain('title: Countess\n');
    expect(JSON.stringify(writes)).toContain('password modify');
    expect(bridge.log.join('')).not.toContain('difference-engine');
  });

  it('values are hidden where the audit trail hides them', async () => {
    await start({ service: 'audit: { file: /dev/null, values: names }' });
    const { requestId } = await send('POST', '/Users', { userName: 'ada', title: 'Countess' });
    const lines = linesOf(requestId).filter(isDebug);
    expect(lines.find(({ msg }) => msg === 'LDAP write')?.['ldif']).toContain('title: ***\n');
    expect(lines.find(({ msg }) => msg === 'LDAP search')?.['filter']).toContain('(uid=\\2a\\2a\\2a)');
    expect(JSON.stringify(lines)).not.toContain('Countess');
  });

  it('what the directory refuses is told too, and a long enumeration page by page', async () => {
    await start({ tenant: '    paging: { defaultPageSize: 1 }' });
    for (const userName of ['ada', 'bert']) await send('POST', '/Users', { userName });
    const { requestId, answer } = await send('GET', '/Users?count=1');
    expect(answer.body.totalResults).toBe(2);
    expect(
      linesOf(requestId)
        .filter(isDebug)
        .map(({ msg }) => msg),
    ).toContain('LDAP search, a page');
    await bridge.ldap.slapd.kill('SIGTERM');
    const failed = await send('GET', '/Users');
    expect(failed.answer.status).toBe(503);
    expect(linesOf(failed.requestId).filter(isDebug)[0]).toMatchObject({ msg: 'LDAP search', failed: expect.any(String) });
    await bridge.ldap.slapd.restart();
  });
});
