import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { createUser, entryWithId } from './support/requests.ts';

describe('a client that goes away', () => {
  let bridge: Bridge;
  let proxy: TcpProxy;
  let id = '';

  beforeAll(async () => {
    let port = 0;
    proxy = await startTcpProxy({
      get port() {
        return port;
      },
    });
    bridge = await startBridge({
      directory: '    timeout: 4s\n    connections: 1',
      url(ldap) {
        port = ldap.slapd.port;
        return `ldap://127.0.0.1:${proxy.port}`;
      },
    });
    id = await createUser(bridge, { userName: 'anna', title: 'old' });
  });
  afterEach(() => proxy.set({ kind: 'none' }));
  afterAll(async () => {
    await bridge.stop();
    await proxy.close();
  });

  /** Sends a request, lets `meanwhile` happen, and goes away without waiting for the answer. */
  async function goAway(method: string, path: string, body: object | undefined, meanwhile: () => Promise<void>): Promise<void> {
    const leaving = new AbortController();
    const answer = fetch(`${bridge.url}${path}`, {
      method,
      signal: leaving.signal,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await Promise.all([meanwhile().then(() => leaving.abort()), answer.catch(() => undefined)]);
  }

  const saidGone = () => bridge.log.filter((line) => line.includes('"clientIsGone":true')).length;
  const retitle = { Operations: [{ op: 'replace', path: 'title', value: 'new' }] };
  const title = async () => valuesOf((await entryWithId(bridge, id)) ?? { dn: '', attributes: new Map() }, 'title');

  it('before anything was written: its searches are abandoned long before their time limit, and nothing is written', async () => {
    const before = saidGone();
    proxy.set({ kind: 'hold' });
    await goAway('PATCH', `/Users/${id}`, retitle, async () => {
      await expect.poll(() => proxy.held, { interval: 10 }).toBeGreaterThan(0);
    });
    await expect.poll(saidGone).toBe(before + 1);
    proxy.set({ kind: 'none' });

    expect((await bridge.send('GET', `/Users/${id}`)).body.title).toBe('old');
    expect(await title()).toEqual(['old']);
  });

  it('while the write is under way: it is carried through', async () => {
    const before = saidGone();
    proxy.set({ kind: 'swallowAnswersToWrites' });
    await goAway('PATCH', `/Users/${id}`, retitle, async () => {
      await expect.poll(title, { interval: 10 }).toEqual(['new']);
    });
    proxy.set({ kind: 'none' });

    await expect.poll(saidGone, { timeout: 30_000 }).toBe(before + 1);
    expect(await title()).toEqual(['new']);
  });
});
