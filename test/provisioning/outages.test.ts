import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { createGroup, createUser, patch } from './support/requests.ts';

const TIMEOUT_MS = 800;

/** Enough entries for an answer of many packets. */
const LISTED = Array.from(
  { length: 40 },
  (_, index) => `dn: uid=l${index},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: l${index}\ncn: L\nsn: L\n`,
).join('\n');

/** Every verb and kind of query, on what is there. */
function everyRequest(bridge: Bridge, user: string, group: string): readonly (() => Promise<Answer>)[] {
  return [
    () => bridge.send('GET', `/Users/${user}`),
    () => bridge.send('GET', `/Groups/${group}`),
    () => bridge.send('GET', '/Users'),
    () => bridge.send('GET', '/Users?startIndex=2&count=1'),
    () => bridge.send('GET', '/Users?count=0'),
    () => bridge.send('GET', `/Users?filter=${encodeURIComponent('userName eq "anna"')}`),
    () => bridge.send('GET', `/Groups?filter=${encodeURIComponent(`members eq "${user}"`)}`),
    () => bridge.send('POST', '/Users', { userName: 'created-in-vain' }),
    () => bridge.send('POST', '/Groups', { displayName: 'created-in-vain', members: [{ value: user }] }),
    () => bridge.send('PUT', `/Users/${user}`, { userName: 'anna', title: 'in vain' }),
    () => bridge.send('PUT', `/Groups/${group}`, { displayName: 'in-vain' }),
    () => patch(bridge, `/Users/${user}`, { op: 'replace', path: 'title', value: 'in vain' }),
    () => patch(bridge, `/Groups/${group}`, { op: 'remove', path: 'members' }),
    () => bridge.send('DELETE', `/Users/${user}`),
    () => bridge.send('DELETE', `/Groups/${group}`),
  ];
}

/** 503 with patience in whole seconds: never 404, never an empty list, and never a word of credentials. */
function expectUnavailable(answers: readonly Answer[]): void {
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
  for (const { headers, body } of answers) {
    expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(headers.get('content-type')).toBe('application/scim+json');
    expect(headers.has('www-authenticate')).toBe(false);
    expect(body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '503',
      detail: expect.stringContaining(headers.get('x-request-id') ?? 'no id'),
    });
  }
}

async function untilReady(bridge: Bridge): Promise<void> {
  await expect.poll(async () => (await fetch(`${bridge.adminUrl}/readyz`)).status, { interval: 20 }).toBe(200);
}

describe('a directory that stops', () => {
  let bridge: Bridge;
  let [user, group] = ['', ''];

  beforeAll(async () => {
    bridge = await startBridge({ directory: `    timeout: ${TIMEOUT_MS}ms` });
    user = await createUser(bridge, { userName: 'anna' });
    group = await createGroup(bridge, [user]);
  });
  afterAll(() => bridge.stop());

  it.each(['SIGTERM', 'SIGKILL'] as const)('by %s is 503 under every verb, and works again after its restart', async (signal) => {
    await bridge.ldap.slapd.kill(signal);
    expectUnavailable(await Promise.all(everyRequest(bridge, user, group).map((request) => request())));
    const ready = await fetch(`${bridge.adminUrl}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', directories: { corp: { ready: false, server: bridge.ldap.url, reason: expect.stringMatching(/./) } } },
    ]);
    expect((await fetch(`${bridge.adminUrl}/healthz`)).status).toBe(200);

    await bridge.ldap.slapd.restart();
    await untilReady(bridge);
    expect((await bridge.send('GET', `/Users/${user}`)).body.userName).toBe('anna');
    expect((await bridge.send('GET', `/Groups/${group}`)).body.members).toHaveLength(1);
    expect(await bridge.ldap.adminSearch('dc=example,dc=org', '(|(uid=created-in-vain)(cn=created-in-vain)(title=in vain))')).toEqual([]);
    expect((await patch(bridge, `/Users/${user}`, { op: 'replace', path: 'title', value: signal })).body.title).toBe(signal);
  });
});

describe('a network that fails', () => {
  let bridge: Bridge;
  let proxy: TcpProxy;
  let [user, group] = ['', ''];

  beforeAll(async () => {
    let port = 0;
    const opened = startTcpProxy({
      get port() {
        return port;
      },
    });
    proxy = await opened;
    bridge = await startBridge({
      directory: `    timeout: ${TIMEOUT_MS}ms`,
      ldif: LISTED,
      url(ldap) {
        port = ldap.slapd.port;
        return `ldap://127.0.0.1:${proxy.port}`;
      },
    });
    user = await createUser(bridge, { userName: 'anna' });
    group = await createGroup(bridge, [user]);
  });
  afterEach(async () => {
    proxy.set({ kind: 'none' });
    proxy.resetAll();
    await untilReady(bridge);
  });
  afterAll(async () => {
    await bridge.stop();
    await proxy.close();
  });

  it('a black hole is 503 within the time limit', async () => {
    proxy.set({ kind: 'blackHole' });
    const started = performance.now();
    expectUnavailable(await Promise.all(everyRequest(bridge, user, group).map((request) => request())));

    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS * 5 + 5000);
  });

  it('connections that are reset between requests are nobody’s concern', async () => {
    for (let round = 0; round < 5; round += 1) {
      proxy.resetAll();
      const answers = await Promise.all([
        bridge.send('GET', `/Users/${user}`),
        bridge.send('GET', `/Users?filter=${encodeURIComponent('userName eq "anna"')}`),
        bridge.send('GET', `/Groups/${group}`),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(answers[1]?.body.totalResults).toBe(1);
    }
  });

  it('an answer cut in the middle is asked for again; it is never a shorter list', async () => {
    const { totalResults } = (await bridge.send('GET', '/Users')).body;
    for (const bytes of [1, 200, 3000]) {
      proxy.set({ kind: 'cutAfter', bytes });
      const { status, body } = await bridge.send('GET', '/Users');
      expect([status, body.totalResults, body.Resources.length]).toEqual([200, totalResults, totalResults]);
    }
  });

  it('a write whose answer is lost is 503, and what was done is seen afterwards', async () => {
    proxy.set({ kind: 'cutAfter', bytes: 1 });
    const { status, headers } = await bridge.send('POST', '/Users', { userName: 'lost-answer' });

    expect([201, 503]).toContain(status);
    if (status === 503) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    await untilReady(bridge);
    const again = await bridge.send('POST', '/Users', { userName: 'lost-answer' });
    expect([201, 409]).toContain(again.status);
    expect(await bridge.ldap.adminSearch(PEOPLE, '(uid=lost-answer)')).toHaveLength(1);
  });
});

describe('an account that the directory refuses', () => {
  it('is 503 and never 401, and says so where the operator looks', async () => {
    // Nobody may compare this password: every bind with it ends as one with a wrong password does.
    const rule = 'access to dn.exact="cn=bridge,dc=example,dc=org" attrs=userPassword by * none\n';
    const bridge = await startBridge({
      directory: `    timeout: ${TIMEOUT_MS}ms`,
      configure: (text) => text.replace('access       to attrs=userPassword', `${rule}$&`),
    });
    try {
      const id = 'd8c3f2a0-0000-1000-8000-000000000000';
      expectUnavailable(await Promise.all(everyRequest(bridge, id, id).map((request) => request())));
      const ready = await fetch(`${bridge.adminUrl}/readyz`);
      expect([ready.status, await ready.text()]).toEqual([503, expect.stringMatching(/invalidCredentials|49/)]);
    } finally {
      await bridge.stop();
    }
  });
});
