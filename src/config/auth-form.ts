import type {
  AdminTokenSection,
  AuthSection,
  CertificateSection,
  ClientSection,
  EntraSection,
  ExpectedSecret,
  FederationSection,
  RightsSection,
  TokenSection,
} from './auth-section.ts';
import { parseDate, parseFingerprint, parseGuid, parseKeyUrl, parseTokenLifetime } from './bridge-values.ts';
import { choice, closedMap, list, oneOf, oneOrMore, parsed, text } from './form.ts';
import { secretHash, secretReference } from './secret-form.ts';

/** How the credentials of a tenant are written. */

/** What Entra ID's provisioning service calls itself, and whom its tokens are for (entra-scim-client §3.3). */
const ENTRA_APP = '00000014-0000-0000-c000-000000000000';
const ENTRA_AUDIENCE = '8adf8e6e-67b2-4cf2-a259-e3dc5476c621';

const rightsKeys = {
  allow: list(oneOf(['read', 'create', 'update', 'delete'])).default(['read', 'create', 'update', 'delete']),
  resources: list(oneOf(['Users', 'Groups'])).default(['Users', 'Groups']),
  base: text.exactOptional(),
};

/** What a credential is made of, once its rights are gathered. */
function withRights<Written extends RightsSection>({ allow, resources, base, ...rest }: Written) {
  const rights: RightsSection = { allow, resources, ...(base === undefined ? {} : { base }) };
  return { ...rest, rights };
}

const adminTokenKeys = {
  name: text,
  notBefore: parsed(parseDate).exactOptional(),
  expires: parsed(parseDate).exactOptional(),
};

const tokenKeys = { ...adminTokenKeys, ...rightsKeys };

function tokenWith(name: string) {
  return { notYet: [], readAs: { name, because: 'a token has either a hash or a secret' } };
}

const hashedToken = closedMap({ ...tokenKeys, hash: secretHash }, tokenWith('a token with a hash')).transform(
  ({ hash, ...token }): TokenSection => ({ ...withRights(token), expected: hash }),
);

const secretToken = closedMap({ ...tokenKeys, secret: secretReference }, tokenWith('a token with a secret')).transform(
  ({ secret, ...token }): TokenSection => ({ ...withRights(token), expected: { kind: 'secret', secret } }),
);

const token = choice<TokenSection>(
  (written) => (has(written, 'secret') && !has(written, 'hash') ? secretToken : hashedToken),
  [hashedToken, secretToken],
);

const hashedAdminToken = closedMap({ ...adminTokenKeys, hash: secretHash }, tokenWith('a token with a hash')).transform(
  ({ hash, ...written }): AdminTokenSection => ({ ...written, expected: hash }),
);

const secretAdminToken = closedMap({ ...adminTokenKeys, secret: secretReference }, tokenWith('a token with a secret')).transform(
  ({ secret, ...written }): AdminTokenSection => ({ ...written, expected: { kind: 'secret', secret } }),
);

/** A token of the admin listener: it may do everything there. */
export const adminToken = choice<AdminTokenSection>(
  (written) => (has(written, 'secret') && !has(written, 'hash') ? secretAdminToken : hashedAdminToken),
  [hashedAdminToken, secretAdminToken],
);

/** Where Entra ID's clouds sign in, and what calls itself the issuer of their tokens of version 1; version 2 is of the former. */
const ENTRA_CLOUDS = {
  public: { login: 'https://login.microsoftonline.com', issuer: 'https://sts.windows.net' },
  usGovernment: { login: 'https://login.microsoftonline.us', issuer: 'https://sts.windows.net' },
  china: { login: 'https://login.partner.microsoftonline.cn', issuer: 'https://sts.chinacloudapi.cn' },
};

const entra = closedMap({
  name: text.default('entra'),
  tenantId: parsed(parseGuid),
  cloud: oneOf(['public', 'usGovernment', 'china']).default('public'),
  audience: oneOrMore(text).default([ENTRA_AUDIENCE]),
  appId: parsed(parseGuid).default(ENTRA_APP),
  issuer: oneOrMore(text).exactOptional(),
  openidConfiguration: parsed(parseKeyUrl).exactOptional(),
  ...rightsKeys,
}).transform(({ cloud, issuer: issuers, openidConfiguration, ...written }): EntraSection => {
  const { login, issuer } = ENTRA_CLOUDS[cloud];
  const { tenantId } = written;
  return {
    ...withRights(written),
    issuers: issuers ?? [`${issuer}/${tenantId}/`, `${login}/${tenantId}/v2.0`],
    openidConfiguration: openidConfiguration ?? `${login}/${tenantId}/.well-known/openid-configuration`,
  };
});

const secretElsewhere = secretReference.transform((secret): ExpectedSecret => ({ kind: 'secret', secret }));
const expectedSecret = choice<ExpectedSecret>(
  (written) => (typeof written === 'string' ? secretHash : secretElsewhere),
  [secretHash, secretElsewhere],
);

const federated = closedMap({
  issuer: text,
  subject: text,
  audience: oneOrMore(text),
  jwksUri: parsed(parseKeyUrl),
}).transform((section): FederationSection => section);

const clientKeys = { name: text, clientId: text, ...rightsKeys };

function clientWith(name: string) {
  return { notYet: [], readAs: { name, because: 'a client has either secrets or a federated identity' } };
}

const secretClient = closedMap({ ...clientKeys, secrets: list(expectedSecret) }, clientWith('a client with secrets')).transform(
  (written): ClientSection => withRights(written),
);

const federatedClient = closedMap({ ...clientKeys, federated }, clientWith('a client with a federated identity')).transform(
  (written): ClientSection => withRights(written),
);

const client = choice<ClientSection>(
  (written) => (has(written, 'federated') && !has(written, 'secrets') ? federatedClient : secretClient),
  [secretClient, federatedClient],
);

const certificate = closedMap({ name: text, fingerprint: parsed(parseFingerprint), ...rightsKeys }).transform(
  ({ fingerprint, ...written }): CertificateSection => ({ ...withRights(written), sha256: fingerprint }),
);

export const auth = closedMap({
  tokens: list(token).default([]),
  entra: entra.exactOptional(),
  oauth: closedMap({ tokenLifetime: parsed(parseTokenLifetime).default(3_600_000), clients: list(client) }).exactOptional(),
  certificates: list(certificate).default([]),
}).transform((section): AuthSection => section);

function has(written: unknown, key: string): boolean {
  return typeof written === 'object' && written !== null && Object.hasOwn(written, key);
}
