import { createHash, timingSafeEqual } from 'node:crypto';
import { ScimError } from '../scim/errors.ts';

/** A bearer token that a client may present. Only its digest is kept. */
export interface Credential {
  /** For the log. */
  readonly name: string;
  /** SHA-256 of the token. */
  readonly digest: Buffer;
  /** Milliseconds since the epoch; absent: from ever, for ever. */
  readonly notBefore?: number;
  readonly expires?: number;
}

/** SHA-256, as `scim-ldap-bridge token` prints it in hex. Tokens are long and random: they need no slow hash. */
export function digestToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

/**
 * The credential behind an Authorization header (RFC 6750 §2.1).
 *
 * Digests of equal length are compared in constant time, all of them each time: how long it takes says nothing of any token.
 *
 * @param now milliseconds since the epoch
 * @throws ScimError 401; never for another reason than the caller's own credentials
 */
export function authenticate(header: string | undefined, credentials: readonly Credential[], now: number): Credential {
  // Not just the characters of RFC 6750: whatever the administrator typed as secret is compared as it stands.
  const token = /^bearer +(.+)$/i.exec(header ?? '')?.[1]?.trim();
  if (token === undefined) throw new ScimError(401, 'a bearer token is needed in the Authorization header');
  const digest = digestToken(token);
  let found: Credential | undefined;
  for (const credential of credentials) {
    const isValid = now >= (credential.notBefore ?? 0) && now < (credential.expires ?? Number.POSITIVE_INFINITY);
    if (timingSafeEqual(digest, credential.digest) && isValid) found = credential;
  }
  if (found === undefined) throw new ScimError(401, 'the bearer token is not valid');
  return found;
}
