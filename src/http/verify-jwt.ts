import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { ScimError } from '../scim/errors.ts';

/** Asymmetric ones only: with a symmetric one, whoever knows the public key could sign. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** How far clocks may be apart, in seconds (entra-scim-client §3.3: at most five minutes). */
const CLOCK_TOLERANCE = 120;

/** What a JWT must say. */
export interface ExpectedClaims {
  readonly issuers: readonly string[];
  readonly audience: readonly string[];
  /** Of each, one of these claims must have the value, in any letter case: GUIDs. */
  readonly identities: readonly { readonly claims: readonly string[]; readonly value: string }[];
  readonly subject?: string;
}

/**
 * Verifies a JWT (RFC 7519 §7.2): signature, issuer, audience, time, and who it is about.
 *
 * @throws ScimError 401 with the reason as its cause; what `keys` throws
 */
export async function verifyJwt(jwt: string, keys: JWTVerifyGetKey, expected: ExpectedClaims): Promise<void> {
  const { issuers, audience, subject, identities } = expected;
  try {
    const { payload } = await jwtVerify(jwt, keys, {
      algorithms: ALGORITHMS,
      issuer: [...issuers],
      audience: [...audience],
      ...(subject === undefined ? {} : { subject }),
      requiredClaims: ['exp', 'iss', 'aud'],
      clockTolerance: CLOCK_TOLERANCE,
    });
    const stranger = identities.find(({ claims, value }) => !claims.some((claim) => saysSo(payload, claim, value)));
    if (stranger !== undefined)
      throw new errors.JWTClaimValidationFailed('somebody else', payload, stranger.claims.join(' or '), 'check_failed');
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new ScimError(401, 'the bearer token is not valid', { cause: error });
    throw error;
  }
}

function saysSo(payload: JWTPayload, claim: string, value: string): boolean {
  const given = payload[claim];
  return typeof given === 'string' && given.toLowerCase() === value;
}
