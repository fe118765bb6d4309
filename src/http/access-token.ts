import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Credential, OAuthClient, OAuthClients } from './credential.ts';

/**
 * An access token of our own endpoint says which client it is for, by which of its secrets, and until when, signed: nothing is kept
 * for it here, so it works after a restart and in any process with the same key. Taking a client or a secret out of the configuration
 * ends the tokens that it got.
 *
 *     base64url(JSON [client name, secret, expiry in seconds]) . base64url(HMAC-SHA256)
 */
type Claims = readonly [client: string, proof: string, expires: number];

/** @param proof what the client proved itself by; see `proofsOf` @param now milliseconds since the epoch */
export function makeAccessToken({ credential }: OAuthClient, proof: string, { key, tokenLifetime }: OAuthClients, now: number): string {
  const claims: Claims = [credential.name, proof, Math.floor(now / 1000) + tokenLifetime];
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${payload}.${sign(payload, key).toString('base64url')}`;
}

/** The credential of the client that a token was given to; undefined for any other text. */
export function readAccessToken(token: string, oauth: OAuthClients | undefined, now: number): Credential | undefined {
  const [payload, signature, ...rest] = token.split('.');
  if (oauth === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const [given, expected] = [Buffer.from(signature, 'base64url'), sign(payload, oauth.key)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  // Only what was signed here comes this far.
  const [name, proof, expires] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
  const client = oauth.clients.find(({ credential }) => credential.name === name);
  if (client === undefined || !proofsOf(client).includes(proof) || now >= expires * 1000) return undefined;
  return client.credential;
}

/** What tokens of a client may rest on: one of its secrets, by the beginning of its digest, or an assertion. */
export function proofsOf({ secrets, verifyAssertion }: OAuthClient): readonly string[] {
  return [...secrets.map(proofOf), ...(verifyAssertion === undefined ? [] : [ASSERTION])];
}

export const ASSERTION = 'assertion';
const PROOF_BYTES = 6;

export function proofOf(secret: Buffer): string {
  return secret.subarray(0, PROOF_BYTES).toString('base64url');
}

function sign(payload: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(payload).digest();
}
