import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';

const HASHED = 'a-token-that-is-kept-as-its-hash';
const EXPIRED = 'a-token-that-was-good-once';
const sha256 = (token: string) => `sha256:${createHash('sha256').update(token).digest('hex')}`;

let bridge: Bridge;

beforeAll(async () => {
  const tokens = [
    `{ name: prometheus, hash: '${sha256(HASHED)}' }`,
    '{ name: people, secret: { env: SCIM_TOKEN } }',
    `{ name: old, hash: '${sha256(EXPIRED)}', expires: 2020-01-01 }`,
  ];
  // As it would be in a network that is safe.
  bridge = await startBridge({ admin: `{ listen: 0.0.0.0:0, insecure: true, tokens: [ ${tokens.join(', ')} ] }` });
});
afterAll(() => bridge.stop());

function get(path: string, authorization?: string): Promise<Response> {
  return fetch(`${bridge.adminUrl}${path}`, authorization === undefined ? {} : { headers: { authorization } });
}

const basic = (password: string) => `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}`;

describe('an admin listener with tokens', () => {
  it.each(['/', '/metrics', '/brakes', '/nowhere'])('shows %s to nobody without one', async (path) => {
    for (const authorization of [undefined, 'Bearer wrong', basic('wrong'), `Bearer ${EXPIRED}`, 'Basic', `Bearer ${sha256(HASHED)}`]) {
      const answer = await get(path, authorization);
      expect([answer.status, await answer.text()]).toEqual([401, expect.not.stringContaining('corp')]);
      expect(answer.headers.get('www-authenticate')).toMatch(/Bearer .*Basic /);
    }
  });

  it.each(['/', '/metrics', '/brakes'])('shows %s to who has one, also as the password that a browser asks for', async (path) => {
    for (const authorization of [`Bearer ${HASHED}`, `Bearer ${TOKEN}`, basic(HASHED)]) {
      expect((await get(path, authorization)).status).toBe(200);
    }
  });

  it('tells probes yes or no, and the reasons to who has a token', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
    await expect.poll(async () => (await get('/readyz')).status).toBe(200);
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' });
    expect(await (await get('/readyz', `Bearer ${HASHED}`)).json()).toMatchObject({ directories: { corp: { ready: true } } });
  });

  it('releases no brakes for strangers', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${bridge.adminUrl}/brakes/release`, { method: 'POST', headers, body: '{}' })).status).toBe(401);
  });

  it('names expired tokens among what expires', async () => {
    const metrics = await (await get('/metrics', `Bearer ${HASHED}`)).text();
    expect(metrics).toContain('credential_expires_in_seconds{what="admin token",tenant="",credential="old"}');
  });

  it('slows down who tries them out, and nobody else', async () => {
    const statuses = await Promise.all(Array.from({ length: 120 }, async () => (await get('/metrics', 'Bearer guess')).status));
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect((await get('/metrics', `Bearer ${HASHED}`)).status).toBe(200);
  });
});
