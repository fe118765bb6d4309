import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';

const TENANT = '0b9c2d4e-1111-4222-8333-444455556666';
const OTHER_TENANT = '99999999-1111-4222-8333-444455556666';
const AUDIENCE = '8adf8e6e-67b2-4cf2-a259-e3dc5476c621';
const APP = '00000014-0000-0000-c000-000000000000';
const ISSUER = `https://sts.windows.net/${TENANT}/`;
/** As Entra's provisioning service sends it (entra-scim-client §3.3). */
const CLAIMS = { iss: ISSUER, aud: AUDIENCE, tid: TENANT, appid: APP, sub: 'provisioning', ver: '1.0' };

let issuer: Issuer;
let bridge: Bridge;

beforeAll(async () => {
  issuer = await startIssuer();
  issuer.issuer = ISSUER;
});
afterAll(() => issuer.close());

async function start(more = ''): Promise<void> {
  const entra = `      entra: { tenantId: '${TENANT.toUpperCase()}', openidConfiguration: '${issuer.openidConfiguration}'${more} }`;
  bridge = await startBridge({ auth: entra });
}

async function statusOf(token: string): Promise<number> {
  const answer = await bridge.send('GET', '/Users?count=0', undefined, { authorization: `Bearer ${token}` });
  if (answer.status === 401) expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="scim", error="invalid_token"');
  return answer.status;
}

describe('a token that Entra ID issued', () => {
  beforeAll(() => start());
  afterAll(() => bridge.stop());

  const soon = () => Math.floor(Date.now() / 1000);

  it('opens the tenant, beside the tokens that were there before', async () => {
    expect(await statusOf(await issuer.sign(CLAIMS))).toBe(200);
    expect((await bridge.send('GET', '/Users?count=0')).status).toBe(200);
    expect(bridge.log.at(-2)).toContain('"credential":"entra"');
  });

  it('may be of version 2, which calls the application azp', async () => {
    const claims = { ...CLAIMS, iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, appid: null, azp: APP, ver: '2.0' };
    expect(await statusOf(await issuer.sign(claims))).toBe(200);
  });

  it.each([
    ['of another tenant', { iss: `https://sts.windows.net/${OTHER_TENANT}/`, tid: OTHER_TENANT }],
    ['of our issuer for another tenant', { tid: OTHER_TENANT }],
    ['without a tenant', { tid: null }],
    ['for another audience', { aud: 'https://graph.microsoft.com' }],
    ['without an audience', { aud: null }],
    ['of another application', { appid: '11111111-0000-0000-c000-000000000000' }],
    ['without an application', { appid: null }],
    ['without an issuer', { iss: null }],
    ['without an end', { exp: null }],
    ['that has ended', { exp: Math.floor(Date.now() / 1000) - 600 }],
    ['that begins in the future', { nbf: Math.floor(Date.now() / 1000) + 600 }],
    ['whose tenant is a list', { tid: [TENANT] }],
  ])('%s opens nothing', async (_what, claims) => {
    expect(await statusOf(await issuer.sign({ ...CLAIMS, ...claims }))).toBe(401);
  });

  it('may be a little early or late: clocks differ', async () => {
    expect(await statusOf(await issuer.sign({ ...CLAIMS, nbf: soon() + 60, exp: soon() + 3600 }))).toBe(200);
    expect(await statusOf(await issuer.sign({ ...CLAIMS, exp: soon() - 60 }))).toBe(200);
  });

  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('without a signature opens nothing, whatever it calls its algorithm', async () => {
    const payload = encode({ ...CLAIMS, exp: soon() + 3600 });
    for (const alg of ['none', 'None', 'NONE', '']) {
      for (const signature of ['', 'AAAA']) expect(await statusOf(`${encode({ alg })}.${payload}.${signature}`)).toBe(401);
    }
  });

  it('signed with the public key as if it were a password opens nothing', async () => {
    for (const alg of ['HS256', 'HS512']) {
      const input = `${encode({ alg, typ: 'JWT' })}.${encode({ ...CLAIMS, exp: soon() + 3600 })}`;
      const mac = createHmac(`sha${alg.slice(2)}`, await issuer.publicKey()).update(input);
      expect(await statusOf(`${input}.${mac.digest('base64url')}`)).toBe(401);
    }
  });

  it('that brings its own key along opens nothing', async () => {
    const stranger = await startIssuer();
    stranger.issuer = ISSUER;
    try {
      const [, payload = '', signature = ''] = (await stranger.sign(CLAIMS)).split('.');
      for (const header of [{ jku: stranger.jwksUri }, { x5u: stranger.jwksUri }, { jwk: {} }, { crit: ['exp'] }, {}]) {
        expect(await statusOf(`${encode({ alg: 'RS256', ...header })}.${payload}.${signature}`)).toBe(401);
      }
      expect(stranger.requests()).toBe(0);
    } finally {
      await stranger.close();
    }
  });

  it('that was changed opens nothing', async () => {
    const [header = '', payload = '', signature = ''] = (await issuer.sign(CLAIMS)).split('.');
    const other = encode({ ...CLAIMS, exp: soon() + 7200 });
    for (const token of [`${header}.${other}.${signature}`, `${header}.${payload}.${signature.slice(4)}`, `${header}.${payload}.`]) {
      expect(await statusOf(token)).toBe(401);
    }
  });

  it('a storm of unknown keys does not reach the issuer', async () => {
    const before = issuer.requests();
    const storm = Array.from({ length: 40 }, (_, index) =>
      statusOf(`${encode({ alg: 'RS256', kid: `storm-${index}` })}.${encode({ ...CLAIMS, exp: soon() + 3600 })}.AAAA`),
    );
    expect(new Set(await Promise.all(storm))).toEqual(new Set([401]));
    expect(issuer.requests() - before).toBeLessThanOrEqual(1);
  });

  it('is in no log line', async () => {
    const token = await issuer.sign(CLAIMS);
    await statusOf(token);
    await statusOf(`${token.slice(0, -8)}AAAAAAAA`);
    expect(bridge.log.join('')).not.toContain(token.slice(0, 40));
  });
});

describe('a token of another cloud', () => {
  afterEach(async () => {
    issuer.issuer = ISSUER;
    await bridge.stop();
  });

  it.each([
    ['usGovernment', ISSUER, `https://login.microsoftonline.us/${TENANT}/v2.0`],
    ['china', `https://sts.chinacloudapi.cn/${TENANT}/`, `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`],
  ])('opens the tenant that is in it: %s', async (cloud, first, second) => {
    issuer.issuer = first;
    await start(`, cloud: ${cloud}`);
    expect(await statusOf(await issuer.sign({ ...CLAIMS, iss: first }))).toBe(200);
    expect(await statusOf(await issuer.sign({ ...CLAIMS, iss: second, appid: null, azp: APP, ver: '2.0' }))).toBe(200);
    for (const iss of [`https://login.microsoftonline.com/${TENANT}/v2.0`, `${first}x`, first.replace(TENANT, OTHER_TENANT)])
      expect(await statusOf(await issuer.sign({ ...CLAIMS, iss }))).toBe(401);
  });

  it('opens a tenant that names its issuer, and then no other does', async () => {
    issuer.issuer = 'https://sts.example.org/';
    await start(`, issuer: 'https://sts.example.org/'`);
    expect(await statusOf(await issuer.sign({ ...CLAIMS, iss: 'https://sts.example.org/' }))).toBe(200);
    expect(await statusOf(await issuer.sign(CLAIMS))).toBe(401);
  });
});

describe('while the issuer’s keys cannot be had', () => {
  afterEach(async () => {
    issuer.isUp = true;
    issuer.issuer = ISSUER;
    await bridge.stop();
  });

  it('a token is neither good nor bad: 503, and the others go on', async () => {
    issuer.isUp = false;
    await start();
    const answer = await bridge.send('GET', '/Users', undefined, { authorization: `Bearer ${await issuer.sign(CLAIMS)}` });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
    expect((await bridge.send('GET', '/Users?count=0')).status).toBe(200);
    expect(bridge.log.join('')).toContain('the keys of an issuer cannot be had');
  });

  it('metadata of another issuer is not believed', async () => {
    await start();
    issuer.issuer = `https://sts.windows.net/${OTHER_TENANT}/`;
    expect(await statusOf(await issuer.sign(CLAIMS))).toBe(503);
  });
});
