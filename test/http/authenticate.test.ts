import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate, digestToken } from '../../src/http/authenticate.ts';
import type { BearerToken } from '../../src/http/credential.ts';
import { ALL_RIGHTS } from '../../src/http/credential.ts';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;

function token(name: string, secret: string, validity: Pick<BearerToken, 'notBefore' | 'expires'> = {}): BearerToken {
  return { credential: { name, rights: ALL_RIGHTS, confined: undefined }, digest: digestToken(secret), ...validity };
}

const TOKENS: readonly BearerToken[] = [
  token('first', 'first-token'),
  token('second', 'second token, with blanks & signs'),
  token('expired', 'expired-token', { expires: NOW }),
  token('not-yet', 'future-token', { notBefore: NOW + 1 }),
  token('this-year', 'current-token', { notBefore: NOW - DAY, expires: NOW + DAY }),
  token('from-now-on', 'new-token', { notBefore: NOW }),
];

async function nameOf(authorization: string | undefined, tokens: readonly BearerToken[] = TOKENS, now = NOW): Promise<string> {
  const accepted = { tokens, certificates: [], jwt: undefined, oauth: undefined };
  return (await authenticate({ authorization, certificate: undefined }, accepted, now)).name;
}

describe('a bearer token', () => {
  it.each([
    ['Bearer first-token', 'first'],
    ['bearer first-token', 'first'],
    ['BEARER   first-token  ', 'first'],
    ['Bearer second token, with blanks & signs', 'second'],
    ['Bearer current-token', 'this-year'],
    ['Bearer new-token', 'from-now-on'],
  ])('%j is %s', async (header, name) => expect(await nameOf(header)).toBe(name));

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearerfirst-token',
    'first-token',
    'Basic first-token',
    'Bearer First-Token',
    'Bearer first-token2',
    'Bearer first-toke',
    'Bearer first-token, Bearer first-token',
    'Bearer expired-token',
    'Bearer future-token',
    'Bearer a.b.c',
    'Bearer a.b',
    `Bearer ${digestToken('first-token').toString('hex')}`,
    `Bearer ${'x'.repeat(10_000)}`,
  ])('%j is 401', async (header) => {
    await expect(nameOf(header)).rejects.toMatchObject({ name: 'ScimError', status: 401 });
  });

  it('is nobody’s when there are no credentials', async () => {
    await expect(nameOf('Bearer first-token', [])).rejects.toMatchObject({ status: 401 });
  });

  it('is good from the very moment to the very moment', async () => {
    const tokens = [token('window', 't', { notBefore: NOW, expires: NOW + 10 })];
    const known = [NOW - 1, NOW, NOW + 9, NOW + 10].map((now) =>
      nameOf('Bearer t', tokens, now).then(
        () => true,
        () => false,
      ),
    );
    expect(await Promise.all(known)).toEqual([false, true, true, false]);
  });
});

describe('a client certificate', () => {
  const der = Buffer.from('certificate');
  const accepted = {
    tokens: TOKENS,
    certificates: [{ credential: { name: 'proxy', rights: ALL_RIGHTS, confined: undefined }, digest: digestToken(der) }],
    jwt: undefined,
    oauth: undefined,
  };

  it('is enough without a token; a token that is not good is not made good by it', async () => {
    expect(await authenticate({ authorization: undefined, certificate: der }, accepted, NOW)).toMatchObject({ name: 'proxy' });
    expect(await authenticate({ authorization: 'Bearer first-token', certificate: der }, accepted, NOW)).toMatchObject({ name: 'first' });
    for (const presented of [
      { authorization: undefined, certificate: Buffer.from('another') },
      { authorization: 'Bearer wrong', certificate: der },
    ]) {
      await expect(authenticate(presented, accepted, NOW)).rejects.toMatchObject({ status: 401 });
    }
  });
});

describe('over HTTP', () => {
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge();
  });
  afterAll(() => bridge.stop());

  it.each([
    ['no header', ''],
    ['a wrong token', 'Bearer wrong'],
    ['another scheme', `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}`],
    ['the token of nobody', 'Bearer null'],
  ])('%s is 401 with a challenge, in SCIM form, for every verb and address', async (_what, authorization) => {
    for (const [method, path, body] of [
      ['GET', '/Users'],
      ['GET', '/Users/x'],
      ['POST', '/Users', { userName: 'x' }],
      ['PUT', '/Users/x', {}],
      ['PATCH', '/Groups/x', {}],
      ['DELETE', '/Users/x'],
      ['GET', '/ServiceProviderConfig'],
      ['GET', '/Nowhere'],
      ['POST', '/Me', '{'],
    ] as const) {
      const answer = await bridge.send(method, path, body, { authorization });
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
      expect(answer.headers.get('content-type')).toBe('application/scim+json');
      expect(answer.body).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '401' });
    }
    expect(await bridge.ldap.adminSearch('ou=people,dc=example,dc=org', '(uid=*)')).toEqual([]);
  });

  it('the token in the query is none', async () => {
    const response = await fetch(`${bridge.url}/Users?access_token=${TOKEN}`);
    expect(response.status).toBe(401);
    expect(bridge.log.join('')).not.toContain(TOKEN);
  });
});
