import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestToken } from '../../src/http/authenticate.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const [SECRET, NEXT_SECRET] = ['first secret, with + and % & :', 'second-secret'];
const hash = (secret: string): string => `'sha256:${digestToken(secret).toString('hex')}'`;

let issuer: Issuer;
let bridge: Bridge;

beforeAll(async () => {
  issuer = await startIssuer();
  issuer.issuer = 'https://login.microsoftonline.com/0b9c2d4e/v2.0';
  const federated = `{ issuer: '${issuer.issuer}', subject: principal, audience: [api://bridge, bridge], jwksUri: '${issuer.jwksUri}' }`;
  bridge = await startBridge({
    auth: `      oauth:
        tokenLifetime: 2h
        clients:
          - { name: entra-app, clientId: contoso, secrets: [${hash(SECRET)}, ${hash(NEXT_SECRET)}] }
          - { name: reader, clientId: reader, secrets: [${hash('reader-secret')}], allow: [read] }
          - { name: entra-wif, clientId: contoso-wif, federated: ${federated} }`,
  });
});
afterAll(async () => {
  await bridge.stop();
  await issuer.close();
});

interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(form: Readonly<Record<string, string>> | string, headers: Record<string, string> = {}): Promise<TokenAnswer> {
  const body = typeof form === 'string' ? form : new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(`${bridge.url}/oauth/token`, { method: 'POST', body, headers: { ...type, ...headers } });
  return { status: response.status, headers: response.headers, body: (await response.json()) as TokenAnswer['body'] };
}

const basic = (clientId: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
});

const statusWith = async (token: unknown): Promise<number> =>
  (await bridge.send('GET', '/Users?count=0', undefined, { authorization: `Bearer ${String(token)}` })).status;

describe('a client with a secret', () => {
  it.each([
    ['in the form', { client_id: 'contoso', client_secret: SECRET }, {}],
    ['in the form, the second one', { client_id: 'contoso', client_secret: NEXT_SECRET, scope: 'anything' }, {}],
    ['in the Basic header, as most clients send it', {}, basic('contoso', NEXT_SECRET)],
    ['in the Basic header, encoded as RFC 6749 §2.3.1 wants it', {}, basic('contoso', encodeURIComponent(SECRET))],
    ['in the Basic header, not encoded', {}, basic('contoso', SECRET)],
    ['in the Basic header, the id in the form as well', { client_id: 'contoso' }, basic('contoso', NEXT_SECRET)],
  ])('%s gets a token that opens the tenant', async (_what, form, headers) => {
    const answer = await ask(form, headers);

    expect(answer).toMatchObject({ status: 200, body: { access_token: expect.any(String), token_type: 'Bearer', expires_in: 7200 } });
    expect([answer.headers.get('cache-control'), answer.headers.get('content-type')]).toEqual([
      'no-store',
      'application/json; charset=utf-8',
    ]);
    expect(await statusWith(answer.body['access_token'])).toBe(200);
    expect(bridge.log.join('')).not.toContain(String(answer.body['access_token']));
  });

  it.each([
    ['a wrong secret', { client_id: 'contoso', client_secret: 'wrong' }, {}],
    ['the secret of another client', { client_id: 'reader', client_secret: NEXT_SECRET }, {}],
    ['an unknown client', { client_id: 'fabrikam', client_secret: NEXT_SECRET }, {}],
    ['no secret', { client_id: 'contoso' }, {}],
    ['nothing at all', {}, {}],
    ['a wrong secret in the header', {}, basic('contoso', 'wrong')],
    ['a federated client without its assertion', { client_id: 'contoso-wif', client_secret: '' }, {}],
    ['a hash instead of the secret', { client_id: 'contoso', client_secret: digestToken(NEXT_SECRET).toString('hex') }, {}],
  ])('%s is refused', async (_what, form, headers) => {
    const answer = await ask(form, headers);

    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect(bridge.log.join('')).not.toContain(NEXT_SECRET);
  });

  it('may do what its credential may, and is named in the log', async () => {
    const { body } = await ask({}, basic('reader', 'reader-secret'));
    const authorization = `Bearer ${String(body['access_token'])}`;

    expect((await bridge.send('GET', '/Users?count=0', undefined, { authorization })).status).toBe(200);
    expect(await bridge.send('POST', '/Users', { userName: 'x' }, { authorization })).toMatchObject({
      status: 400,
      body: { scimType: 'mutability' },
    });
    expect(bridge.log.at(-1)).toContain('"credential":"reader"');
  });
});

describe('a request for a token', () => {
  const good = 'grant_type=client_credentials&client_id=contoso&client_secret=second-secret';

  it.each([
    ['another grant', 'grant_type=password&username=a&password=b', 'unsupported_grant_type', {}],
    ['no grant', 'client_id=contoso', 'unsupported_grant_type', {}],
    ['a parameter twice', `${good}&client_id=contoso`, 'invalid_request', {}],
    ['two proofs', good, 'invalid_request', basic('contoso', NEXT_SECRET)],
    ['JSON', '{}', 'invalid_request', { 'content-type': 'application/json' }],
    ['an assertion of another type', 'grant_type=client_credentials&client_assertion=a.b.c&client_assertion_type=x', 'invalid_request', {}],
  ])('with %s is 400', async (_what, body, error, headers) => {
    expect(await ask(body, headers)).toMatchObject({ status: 400, body: { error } });
  });

  it('takes POST only', async () => {
    expect((await fetch(`${bridge.url}/oauth/token`)).status).toBe(400);
  });
});

describe('an access token', () => {
  it('that was changed, cut or made up opens nothing', async () => {
    const token = String((await ask({ client_id: 'contoso', client_secret: NEXT_SECRET })).body['access_token']);
    const [payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const longer = Buffer.from(JSON.stringify([claims[0], claims[1], claims[2] + 3600])).toString('base64url');
    for (const made of [`${longer}.${signature}`, `${payload}.`, `${payload}.AAAA`, `.${signature}`, `${payload}.${signature}.x`]) {
      expect(await statusWith(made)).toBe(401);
    }
  });
});

describe('a client with a federated identity (RFC 7523)', () => {
  const claims = { aud: 'api://bridge', sub: 'principal' };
  const withAssertion = async (more: object, clientId: string | undefined = 'contoso-wif') =>
    ask({
      client_assertion_type: JWT_BEARER,
      client_assertion: await issuer.sign({ ...claims, ...more }),
      scope: 'api://bridge/.default',
      ...(clientId === undefined ? {} : { client_id: clientId }),
    });

  it.each([
    ['for the documented audience', {}, 'contoso-wif'],
    ['for the bare one', { aud: 'bridge' }, 'contoso-wif'],
    ['without a client_id', {}, undefined],
  ])('gets a token by an assertion %s', async (_what, more, clientId) => {
    const { status, body } = await withAssertion(more, clientId);
    expect([status, await statusWith(body['access_token'])]).toEqual([200, 200]);
  });

  it('also after its keys have changed', async () => {
    await issuer.rotate();
    const { status } = await withAssertion({});
    // Within half a minute of the last look nobody asks the issuer again: a client tries again.
    expect([200, 401]).toContain(status);
  });

  it.each([
    ['another principal', { sub: 'stranger' }, 'contoso-wif'],
    ['another audience', { aud: 'api://other' }, 'contoso-wif'],
    ['another issuer', { iss: 'https://login.microsoftonline.com/other/v2.0' }, 'contoso-wif'],
    ['an assertion that has ended', { exp: 1000 }, 'contoso-wif'],
    ['an assertion without an end', { exp: null }, 'contoso-wif'],
    ['another client', {}, 'contoso'],
  ])('%s is refused', async (_what, more, clientId) => {
    expect(await withAssertion(more, clientId)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});
