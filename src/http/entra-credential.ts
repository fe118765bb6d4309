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
  readonly openidConfiguration: string;
}

/**
 * Tokens that Entra ID issues for its own provisioning service (entra-scim-client §3.3). Any Entra tenant can get one for this audience
 * that Entra has signed: so issuer, tenant and application are pinned.
 */
export function entraCredential(credential: Credential, options: EntraOptions, log: KeysLog): JwtCredential {
  const { tenantId, audience, appId, openidConfiguration } = options;
  // Version 1 and version 2 of its tokens; the latter call the application `azp`.
  const issuers = [`https://sts.windows.net/${tenantId}/`, `https://login.microsoftonline.com/${tenantId}/v2.0`];
  const keys = remoteKeys({ openidConfiguration, issuers }, log);
  const identities = [
    { claims: ['tid'], value: tenantId },
    { claims: ['appid', 'azp'], value: appId },
  ];
  return { credential, verify: (jwt) => verifyJwt(jwt, keys, { issuers, audience, identities }) };
}
