import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate, type Credential, digestToken } from '../../src/http/authenticate.ts';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;

const CREDENTIALS: readonly Credential[] = [
  { name: 'first', digest: digestToken('first-token') },
  { name: 'second', digest: digestToken('second token, with blanks & signs') },
  { name: 'expired', digest: digestToken('expired-token'), expires: NOW },
  { name: 'not-yet', digest: digestToken('future-token'), notBefore: NOW + 1 },
  { name: 'this-year', digest: digestToken('current-token'), notBefore: NOW - DAY, expires: NOW + DAY },
  { name: 'from-now-on', digest: digestToken('new-token'), notBefore: NOW },
];

describe('authenticate', () => {
  it.each([
    ['Bearer first-token', 'first'],
    ['bearer first-token', 'first'],
    ['BEARER   first-token  ', 'first'],
    ['Bearer second token, with blanks & signs', 'second'],
    ['Bearer current-token', 'this-year'],
    ['Bearer new-token', 'from-now-on'],
  ])('%j is %s', (header, name) => expect(authenticate(header, CREDENTIALS, NOW).name).toBe(name));

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
    `Bearer ${digestToken('first-token').toString('hex')}`,
    `Bearer ${'x'.repeat(10_000)}`,
  ])('%j is 401', (header) => {
    expect(() => authenticate(header, CREDENTIALS, NOW)).toThrow(expect.objectContaining({ name: 'ScimError', status: 401 }));
  });

  it('knows nobody when there are no credentials', () => {
    expect(() => authenticate('Bearer first-token', [], NOW)).toThrow(expect.objectContaining({ status: 401 }));
  });

  it('changes its mind at the very moment', () => {
    const credentials = [{ name: 'window', digest: digestToken('t'), notBefore: NOW, expires: NOW + 10 }];
    const isKnown = (now: number) => {
      try {
        return authenticate('Bearer t', credentials, now).name === 'window';
      } catch {
        return false;
      }
    };
    expect([NOW - 1, NOW, NOW + 9, NOW + 10].map(isKnown)).toEqual([false, true, true, false]);
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
