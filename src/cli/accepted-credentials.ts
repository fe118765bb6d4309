import type { AdminTokenSection, AuthSection, ClientSection, ExpectedSecret, RightsSection } from '../config/auth-section.ts';
import type { Secrets } from '../config/secrets.ts';
import { digestToken } from '../http/authenticate.ts';
import { type AcceptedCredentials, ALL_RIGHTS, type BearerToken, type Credential, type OAuthClient } from '../http/credential.ts';
import { entraCredential } from '../http/entra-credential.ts';
import { type KeysLog, remoteKeys } from '../http/remote-keys.ts';
import { verifyJwt } from '../http/verify-jwt.ts';
import { confine } from '../provisioning/confine.ts';
import { IdSnapshots } from '../provisioning/id-snapshots.ts';
import type { OperationContext } from '../provisioning/operation-context.ts';

/** What the credentials of a tenant are made with. */
export interface CredentialParts {
  readonly secrets: { readonly tokens: ReadonlyMap<string, string>; readonly clients: ReadonlyMap<string, readonly string[]> };
  readonly directory: OperationContext['directory'];
  /** Signs the tokens of the tenant's own endpoint. */
  readonly tokenKey: Buffer;
  readonly log: KeysLog;
}

/** The secrets of a tenant. */
export function secretsOf({ tokens, clients }: Pick<Secrets, 'tokens' | 'clients'>, tenant: string): CredentialParts['secrets'] {
  return { tokens: tokens.get(tenant) ?? new Map<never, never>(), clients: clients.get(tenant) ?? new Map<never, never>() };
}

/** The tokens of the admin listener. @param secrets of those that are given as one, by name */
export function adminTokens(sections: readonly AdminTokenSection[], secrets: ReadonlyMap<string, string>): readonly BearerToken[] {
  return sections.map((section) => bearerToken(section, { name: section.name, rights: ALL_RIGHTS, confined: undefined }, secrets));
}

/** The credentials of a tenant, as its door knows them. */
export function acceptedCredentials(auth: AuthSection, parts: CredentialParts): AcceptedCredentials {
  const { entra, oauth } = auth;
  const credential = (section: { readonly name: string; readonly rights: RightsSection }) => credentialOf(section, parts);
  return {
    tokens: auth.tokens.map((section) => bearerToken(section, credential(section), parts.secrets.tokens)),
    certificates: auth.certificates.map((section) => ({ credential: credential(section), digest: Buffer.from(section.sha256, 'hex') })),
    jwt: entra === undefined ? undefined : entraCredential(credential(entra), entra, parts.log),
    oauth:
      oauth === undefined
        ? undefined
        : {
            key: parts.tokenKey,
            tokenLifetime: oauth.tokenLifetime / 1000,
            clients: oauth.clients.map((client) => clientOf(client, credential(client), parts)),
          },
  };
}

function bearerToken(
  { name, expected, notBefore, expires }: AdminTokenSection,
  credential: Credential,
  secrets: ReadonlyMap<string, string>,
): BearerToken {
  return {
    credential,
    digest: digestOf(expected, secrets.get(name)),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(expires === undefined ? {} : { expires }),
  };
}

function credentialOf(
  { name, rights }: { readonly name: string; readonly rights: RightsSection },
  { directory }: CredentialParts,
): Credential {
  return {
    name,
    rights: {
      allow: new Set(rights.allow),
      targets: new Set(rights.resources.map((resource) => (resource === 'Users' ? 'users' : 'groups'))),
    },
    confined: rights.base === undefined ? undefined : confinedTo(rights.base, directory),
  };
}

/** Lists of ids belong to what is seen, so those that see a part only keep their own. */
function confinedTo(base: string, directory: OperationContext['directory']): NonNullable<Credential['confined']> {
  const snapshots = new IdSnapshots();
  return { directory: snapshots.watch(confine(directory, base)), snapshots };
}

function clientOf(section: ClientSection, credential: Credential, { secrets, log }: CredentialParts): OAuthClient {
  const { clientId } = section;
  if ('secrets' in section) {
    const kept = (secrets.clients.get(section.name) ?? []).values();
    const digests = section.secrets.map((expected) => digestOf(expected, expected.kind === 'secret' ? kept.next().value : undefined));
    return { credential, clientId, secrets: digests, verifyAssertion: undefined };
  }
  const { issuer, subject, audience, jwksUri } = section.federated;
  const keys = remoteKeys({ jwksUri }, log);
  const verifyAssertion = (jwt: string) => verifyJwt(jwt, keys, { issuers: [issuer], audience, subject, identities: [] });
  return { credential, clientId, secrets: [], verifyAssertion };
}

function digestOf(expected: ExpectedSecret, secret: string | undefined): Buffer {
  if (expected.kind === 'hash') return Buffer.from(expected.sha256, 'hex');
  if (secret === undefined) throw new Error('a secret was not loaded');
  return digestToken(secret);
}
