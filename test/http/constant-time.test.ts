import type * as Crypto from 'node:crypto';
import { timingSafeEqual } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { digestToken } from '../../src/http/authenticate.ts';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';

vi.mock('node:crypto', async (importOriginal) => {
  const real = await importOriginal<typeof Crypto>();
  return { ...real, timingSafeEqual: vi.fn<typeof timingSafeEqual>(real.timingSafeEqual) };
});

const SECRETS = ['first-secret', 'second-secret', 'third-secret'];
const hash = (secret: string): string => `'sha256:${digestToken(secret).toString('hex')}'`;

let bridge: Bridge;
beforeAll(async () => {
  const tokens = SECRETS.map((secret, index) => `        - { name: token-${index}, hash: ${hash(secret)} }`);
  const oauth = `      oauth: { clients: [{ name: app, clientId: app, secrets: [${SECRETS.map(hash).join(', ')}] }] }`;
  bridge = await startBridge({ auth: [...tokens, oauth].join('\n') });
});
afterAll(() => bridge.stop());

/** How many digests are compared, in constant time, until an answer is there. */
async function comparisons(
  ask: () => Promise<{ readonly status: number }>,
): Promise<{ readonly status: number; readonly compared: number }> {
  vi.mocked(timingSafeEqual).mockClear();
  const { status } = await ask();
  for (const [given, known] of vi.mocked(timingSafeEqual).mock.calls) expect([given.byteLength, known.byteLength]).toEqual([32, 32]);
  return { status, compared: vi.mocked(timingSafeEqual).mock.calls.length };
}

describe('what is compared, in constant time, says nothing of which secret is right', () => {
  const asBearer = (token: string) => () => bridge.send('GET', '/Users?count=0', undefined, { authorization: `Bearer ${token}` });
  const asClient = (secret: string) => () => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'app', client_secret: secret });
    return fetch(`${bridge.url}/oauth/token`, { method: 'POST', body });
  };

  it.each([
    ['the first one', TOKEN, 200],
    ['one in the middle', 'first-secret', 200],
    ['the last one', 'third-secret', 200],
    ['one that is nearly right', 'third-secreT', 401],
    ['the beginning of one', 'third', 401],
    ['nothing like any of them', 'x', 401],
  ])('a token: %s', async (_what, token, status) => {
    expect(await comparisons(asBearer(token))).toEqual({ status, compared: SECRETS.length + 1 });
  });

  it.each([
    ['the first one', 'first-secret', 200],
    ['the last one', 'third-secret', 200],
    ['one that is nearly right', 'third-secreT', 401],
    ['nothing like any of them', 'x', 401],
  ])('the secret of a client: %s', async (_what, secret, status) => {
    expect(await comparisons(asClient(secret))).toEqual({ status, compared: SECRETS.length });
  });
});
