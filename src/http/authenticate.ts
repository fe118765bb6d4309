import { hash, timingSafeEqual } from 'node:crypto';
import { ScimError } from '../scim/errors.ts';
import { readAccessToken } from './access-token.ts';
import type { AcceptedCredentials, Credential } from './credential.ts';

/** What a request shows of its sender. */
export interface Presented {
  /** The Authorization header. */
  readonly authorization: string | undefined;
  /** The client's certificate in DER form, checked by TLS; undefined without one. */
  readonly certificate: Buffer | undefined;
}

/** SHA-256, as `scim-ldap-bridge token` prints it in hex. Tokens are long and random: they need no slow hash. */
export function digestToken(token: string | Buffer): Buffer {
  return hash('sha256', token, 'buffer');
}

/**
 * The credential behind what a request presents: a bearer token (RFC 6750 §2.1) of any kind, or a client certificate.
 *
 * @param now milliseconds since the epoch
 * @throws ScimError 401, never for another reason than the caller's own credentials; 503 while keys of an issuer can't be had
 */
export async function authenticate(
  { authorization, certificate }: Presented,
  accepted: AcceptedCredentials,
  now: number,
): Promise<Credential> {
  // Not just the characters of RFC 6750: whatever the administrator typed as secret is compared as it stands.
  const token = /^bearer +(.+)$/i.exec(authorization ?? '')?.[1]?.trim();
  if (token !== undefined) return findByToken(token, accepted, now);
  const credential = certificate === undefined ? undefined : findByDigest(digestToken(certificate), accepted.certificates);
  if (credential === undefined) throw new ScimError(401, 'a bearer token is needed in the Authorization header');
  return credential;
}

async function findByToken(token: string, accepted: AcceptedCredentials, now: number): Promise<Credential> {
  const valid = accepted.tokens.filter(({ notBefore = 0, expires = Number.POSITIVE_INFINITY }) => now >= notBefore && now < expires);
  const found = findByDigest(digestToken(token), valid) ?? readAccessToken(token, accepted.oauth, now);
  if (found !== undefined) return found;
  if (accepted.jwt === undefined || token.split('.').length !== 3) throw new ScimError(401, 'the bearer token is not valid');
  await accepted.jwt.verify(token);
  return accepted.jwt.credential;
}

interface ByDigest {
  readonly credential: Credential;
  readonly digest: Buffer;
}

/** Digests of equal length are compared in constant time, all of them each time: how long it takes says nothing of any of them. */
function findByDigest(digest: Buffer, known: readonly ByDigest[]): Credential | undefined {
  let found: Credential | undefined;
  for (const { credential, digest: expected } of known) if (timingSafeEqual(digest, expected)) found = credential;
  return found;
}
