import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { ScimError } from '../scim/errors.ts';

/** How long keys are used without asking again; one that nobody knows is asked for at once. */
const KEYS_MAX_AGE_MS = 12 * 3_600_000;
/** However many tokens name keys that nobody knows, the issuer is asked no more often. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 5000;
/** Seconds until a client tries again what could not be decided. */
const RETRY_AFTER = 30;

/** Where the issuer's keys are: known, or said by its metadata. */
export type KeyLocation = { readonly jwksUri: string } | { readonly openidConfiguration: string; readonly issuers: readonly string[] };

/** What the log is told when keys can't be had. */
export interface KeysLog {
  warn(fields: object, message: string): void;
}

/**
 * The keys of an issuer, fetched when they are first needed, and again when they are old or one is asked for that they don't have.
 *
 * @returns rejects with a ScimError 503 while they can't be had: the caller's token may well be good
 */
export function remoteKeys(location: KeyLocation, log: KeysLog): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | undefined;
  let failed: { readonly at: number; readonly error: ScimError } | undefined;
  const fetchKeys: JWTVerifyGetKey = async (header, token) => {
    keys ??= createRemoteJWKSet(await locate(location), {
      cacheMaxAge: KEYS_MAX_AGE_MS,
      cooldownDuration: COOLDOWN_MS,
      timeoutDuration: TIMEOUT_MS,
    });
    return keys(header, token);
  };
  return async (header, token) => {
    if (failed !== undefined && performance.now() - failed.at < COOLDOWN_MS) throw failed.error;
    try {
      const key = await fetchKeys(header, token);
      failed = undefined;
      return key;
    } catch (error) {
      if (isAboutToken(error)) throw error;
      log.warn({ err: error, ...location }, 'the keys of an issuer cannot be had: its tokens are neither good nor bad');
      failed = {
        at: performance.now(),
        error: new ScimError(503, 'the keys of the issuer cannot be had', { cause: error, retryAfter: RETRY_AFTER }),
      };
      throw failed.error;
    }
  };
}

/** The keys were there, and none of them fits. */
function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

async function locate(location: KeyLocation): Promise<URL> {
  if ('jwksUri' in location) return new URL(location.jwksUri);
  const { openidConfiguration, issuers } = location;
  const response = await fetch(openidConfiguration, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`the metadata of the issuer was answered with ${response.status}`);
  const { issuer, jwks_uri: jwksUri } = (await response.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
  if (typeof issuer !== 'string' || !issuers.includes(issuer)) throw new Error(`the metadata is that of another issuer: ${String(issuer)}`);
  if (typeof jwksUri !== 'string') throw new Error('the metadata of the issuer says nothing of its keys');
  return new URL(jwksUri);
}
