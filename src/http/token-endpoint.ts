import { timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { ScimError } from '../scim/errors.ts';
import { ASSERTION, makeAccessToken, proofOf } from './access-token.ts';
import { digestToken } from './authenticate.ts';
import type { OAuthClient, OAuthClients } from './credential.ts';
import { readBytes } from './request-body.ts';

/** No request for a token is longer. */
const BODY_BYTES = 64 * 1024;
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

type ErrorCode = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'temporarily_unavailable';

/** A refusal in the words of RFC 6749 §5.2. */
class TokenError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, description: string, cause?: unknown) {
    super(description, { cause });
    this.code = code;
  }
}

/**
 * Gives out an access token for client credentials (RFC 6749 §4.4): a secret in the Basic header or in the form (§2.3.1), or the signed
 * assertion of an identity provider that is trusted for the client (RFC 7523 §2.2, workload identity federation).
 *
 * @param noteFailure called when a client has not proved itself
 * @returns the name of the client's credential; undefined when it was refused
 */
export async function answerTokenRequest(ctx: Context, oauth: OAuthClients, noteFailure: () => void): Promise<string | undefined> {
  // RFC 6749 §5.1
  ctx.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  try {
    if (ctx.method !== 'POST') throw new TokenError('invalid_request', 'a token is asked for with POST');
    const form = await readForm(ctx);
    if (form.get('grant_type') !== 'client_credentials')
      throw new TokenError('unsupported_grant_type', 'grant_type: takes client_credentials');
    const { client, proof } = await authenticateClient(ctx.get('Authorization'), form, oauth.clients);
    ctx.body = { access_token: makeAccessToken(client, proof, oauth, Date.now()), token_type: 'Bearer', expires_in: oauth.tokenLifetime };
    return client.credential.name;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    if (error.code === 'invalid_client') noteFailure();
    answerRefusal(ctx, error);
    return undefined;
  }
}

function answerRefusal(ctx: Context, error: TokenError): void {
  ctx.status = error.code === 'invalid_client' ? 401 : error.code === 'temporarily_unavailable' ? 503 : 400;
  if (ctx.status === 401) ctx.set('WWW-Authenticate', 'Basic realm="scim"');
  if (error.cause instanceof ScimError && error.cause.retryAfter !== undefined) ctx.set('Retry-After', String(error.cause.retryAfter));
  ctx.body = { error: error.code, error_description: error.message };
}

async function readForm(ctx: Context): Promise<ReadonlyMap<string, string>> {
  if (ctx.is('application/x-www-form-urlencoded') === false) {
    throw new TokenError('invalid_request', 'the body must be application/x-www-form-urlencoded');
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams((await readBytes(ctx.req, BODY_BYTES)).toString('utf8'))) {
    if (form.has(name)) throw new TokenError('invalid_request', 'the body has a parameter twice');
    form.set(name, value);
  }
  return form;
}

interface Proven {
  readonly client: OAuthClient;
  readonly proof: string;
}

async function authenticateClient(header: string, form: ReadonlyMap<string, string>, clients: readonly OAuthClient[]): Promise<Proven> {
  const [basic, secret, assertion] = [readBasic(header), form.get('client_secret'), form.get('client_assertion')];
  if ([basic, secret, assertion].filter((each) => each !== undefined).length > 1) {
    throw new TokenError('invalid_request', 'the client proves itself in more than one way');
  }
  if (assertion !== undefined) return proveByAssertion(assertion, form, clients);
  const pairs = basic ?? [[form.get('client_id') ?? '', secret ?? '']];
  for (const [clientId, given] of pairs) {
    const proven = proveBySecret(clientId, given, clients);
    if (proven !== undefined) return proven;
  }
  throw invalidClient();
}

/** All secrets of all clients are compared each time, in constant time: how long it takes says nothing of any of them. */
function proveBySecret(clientId: string, given: string, clients: readonly OAuthClient[]): Proven | undefined {
  const digest = digestToken(given);
  let found: Proven | undefined;
  for (const client of clients) {
    for (const secret of client.secrets) {
      if (timingSafeEqual(digest, secret) && client.clientId === clientId) found = { client, proof: proofOf(secret) };
    }
  }
  return found;
}

async function proveByAssertion(jwt: string, form: ReadonlyMap<string, string>, clients: readonly OAuthClient[]): Promise<Proven> {
  if (form.get('client_assertion_type') !== JWT_BEARER)
    throw new TokenError('invalid_request', `client_assertion_type: takes ${JWT_BEARER}`);
  const clientId = form.get('client_id');
  // RFC 7523 §3 makes client_id optional: then the assertion itself has to fit one of the clients.
  for (const client of clients) {
    if (client.verifyAssertion === undefined || (clientId !== undefined && client.clientId !== clientId)) continue;
    try {
      await client.verifyAssertion(jwt);
      return { client, proof: ASSERTION };
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      if (error.status !== 401) throw new TokenError('temporarily_unavailable', error.detail, error);
    }
  }
  throw invalidClient();
}

/** Whether there is no such client, or it has another secret, is nobody's business. */
function invalidClient(): TokenError {
  return new TokenError('invalid_client', 'the client is not known, or has not proved itself');
}

/** What a Basic header says, as RFC 6749 §2.3.1 wants it encoded, and as most clients send it; undefined without one. */
function readBasic(header: string): readonly (readonly [clientId: string, secret: string])[] | undefined {
  const encoded = /^basic +(\S+)$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const [clientId = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const secret = rest.join(':');
  try {
    const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
    return [
      [clientId, secret],
      [decode(clientId), decode(secret)],
    ];
  } catch {
    return [[clientId, secret]];
  }
}
