import type { Credential, JwtCredential } from './credential.ts';
import { type KeysLog, remoteKeys } from './remote-keys.ts';
import { verifyJwt } from './verify-jwt.ts';

/** Which of Entra's tokens open a tenant. */
export interface EntraOptions {
  /** In lower case. */
  readonly tenantId: string;
  readonly audience: readonly string[];
  /** The provisioning service; in lower case. */
  readonly appId: string;
  /** Of version 1 and of version 2 of its tokens. */
  readonly issuers: readonly string[];
  readonly openidConfiguration: string;
}

/**
 * Tokens that Entra ID issues for its own provisioning service (entra-scim-client §3.3). Any Entra tenant can get one for this audience
 * that Entra has signed: so issuer, tenant and application are pinned.
 */
export function entraCredential(credential: Credential, options: EntraOptions, log: KeysLog): JwtCredential {
  const { tenantId, audience, appId, issuers, openidConfiguration } = options;
  const keys = remoteKeys({ openidConfiguration, issuers }, log);
  const identities = [
    { claims: ['tid'], value: tenantId },
    // Version 2 calls the application `azp`.
    { claims: ['appid', 'azp'], value: appId },
  ];
  return { credential, verify: (jwt) => verifyJwt(jwt, keys, { issuers, audience, identities }) };
}
