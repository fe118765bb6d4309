import type { Rights } from '../provisioning/authorize.ts';
import type { OperationContext } from '../provisioning/operation-context.ts';

/** Somebody who may use a tenant. */
export interface Credential {
  /** For the log. */
  readonly name: string;
  readonly rights: Rights;
  /** The part of the directory that exists for it; undefined: all of the tenant's. */
  readonly confined: Pick<OperationContext, 'directory' | 'snapshots'> | undefined;
}

/** What a credential may do of which nothing is said. */
export const ALL_RIGHTS: Rights = { allow: new Set(['read', 'create', 'update', 'delete']), targets: new Set(['users', 'groups']) };

/** Everything that proves to a tenant who somebody is. Only digests of secrets are kept. */
export interface AcceptedCredentials {
  readonly tokens: readonly BearerToken[];
  readonly certificates: readonly ClientCertificate[];
  readonly jwt: JwtCredential | undefined;
  readonly oauth: OAuthClients | undefined;
}

/** A token that a client may present as it is. */
export interface BearerToken {
  readonly credential: Credential;
  /** SHA-256 of the token. */
  readonly digest: Buffer;
  /** Milliseconds since the epoch; absent: from ever, for ever. */
  readonly notBefore?: number;
  readonly expires?: number;
}

export interface ClientCertificate {
  readonly credential: Credential;
  /** SHA-256 of the certificate in DER form. */
  readonly digest: Buffer;
}

/** Recognises the JWTs of an issuer. */
export interface JwtCredential {
  readonly credential: Credential;
  /** @throws ScimError 401 for a token that isn't good, 503 while the issuer's keys can't be had */
  verify(jwt: string): Promise<void>;
}

/** The clients of our own token endpoint (RFC 6749 §4.4). */
export interface OAuthClients {
  /** Signs the tokens that are given out. */
  readonly key: Buffer;
  /** Of those tokens, in seconds. */
  readonly tokenLifetime: number;
  readonly clients: readonly OAuthClient[];
}

export interface OAuthClient {
  readonly credential: Credential;
  readonly clientId: string;
  /** SHA-256 of each; none for a client that proves itself by assertions. */
  readonly secrets: readonly Buffer[];
  /** Recognises its assertions (RFC 7523 §3). @throws ScimError as `JwtCredential.verify` */
  readonly verifyAssertion: ((jwt: string) => Promise<void>) | undefined;
}
