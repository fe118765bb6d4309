/** Who may use a tenant, and how they prove who they are. One way at least is there. */
export interface AuthSection {
  readonly tokens: readonly TokenSection[];
  /** JWTs that Entra ID issues when its secret token is left blank. */
  readonly entra?: EntraSection;
  /** Our own token endpoint: `POST <path>/oauth/token`. */
  readonly oauth?: OAuthSection;
  /** TLS client certificates. */
  readonly certificates: readonly CertificateSection[];
}

/** What a credential is called in the log, unique in the tenant, and what it may do. */
interface CredentialSection {
  readonly name: string;
  readonly rights: RightsSection;
}

export type Right = 'read' | 'create' | 'update' | 'delete';

export interface RightsSection {
  readonly allow: readonly Right[];
  readonly resources: readonly ('Users' | 'Groups')[];
  /** A DN: nothing outside is shown or written; absent: all of the tenant. */
  readonly base?: string;
}

/** A bearer token that opens a tenant. */
export interface TokenSection extends CredentialSection, AdminTokenSection {}

/** A bearer token that opens the admin listener. */
export interface AdminTokenSection {
  /** Unique among them. */
  readonly name: string;
  readonly expected: ExpectedSecret;
  /** Milliseconds since 1970-01-01T00:00Z: refused before. */
  readonly notBefore?: number;
  /** Milliseconds since 1970-01-01T00:00Z: refused from then on. */
  readonly expires?: number;
}

export interface EntraSection extends CredentialSection {
  /** In lower case. */
  readonly tenantId: string;
  readonly audience: readonly string[];
  readonly appId: string;
  /** Who may have issued a token, letter by letter. */
  readonly issuers: readonly string[];
  /** URL of the issuer's metadata. */
  readonly openidConfiguration: string;
}

export interface OAuthSection {
  /** Of the tokens that the endpoint gives out, in milliseconds; whole seconds. */
  readonly tokenLifetime: number;
  readonly clients: readonly ClientSection[];
}

export type ClientSection = CredentialSection & { readonly clientId: string } & (
    | { readonly secrets: readonly ExpectedSecret[] }
    | { readonly federated: FederationSection }
  );

/** Whose assertions prove who a client is (RFC 7523 §3). */
export interface FederationSection {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: readonly string[];
  readonly jwksUri: string;
}

export interface CertificateSection extends CredentialSection {
  /** SHA-256 of the certificate in DER form, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** What a client has to know: by its hash, or by the place where it is kept. */
export type ExpectedSecret = SecretHash | { readonly kind: 'secret'; readonly secret: SecretReference };

export interface SecretHash {
  readonly kind: 'hash';
  /** Of the secret's UTF-8 bytes, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** Where a secret is kept: a file (absolute, or relative to $CREDENTIALS_DIRECTORY) or an environment variable. */
export type SecretReference = { readonly kind: 'file'; readonly name: string } | { readonly kind: 'env'; readonly name: string };
