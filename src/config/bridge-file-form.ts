import * as z from 'zod';
import { formatAddress, parseAddress } from './address.ts';
import type { BridgeFile, DirectorySection, SecretReference, TokenHash, TokenSection } from './bridge-file.ts';
import {
  parseCursorTimeout,
  parseDate,
  parseLdapUrl,
  parseName,
  parsePublicUrl,
  parseTenantPath,
  parseTimeout,
  parseWriteFailover,
} from './bridge-values.ts';
import { didYouMean } from './did-you-mean.ts';
import { choice, closedMap, dictionary, flag, format, integer, list, oneOf, oneOrMore, parsed, text } from './form.ts';
import { Mistake } from './mistake.ts';

/** How `bridge.yaml` is written. Keys named in `notYet` belong to the language, but not to this version. */

// The mistake is shown at the key: the value is what nobody should see.
const secretInPlace = z.any().transform((written: unknown, context): SecretReference => {
  const message = typeof written === 'string' ? 'a secret is never written in place' : 'this is no reference to a secret';
  const help = 'write { file: NAME } (absolute, or in $CREDENTIALS_DIRECTORY) or { env: NAME }';
  context.addIssue({ code: 'custom', message, params: { help, at: 'key' } });
  return z.NEVER;
});

const eitherPlace = { name: 'a reference to a secret', because: 'a secret is in a file or in the environment' };

const secretFile = closedMap({ file: text }, { notYet: [], readAs: eitherPlace }).transform(
  ({ file }): SecretReference => ({ kind: 'file', name: file }),
);

const secretVariable = closedMap({ env: text }, { notYet: [], readAs: eitherPlace }).transform(
  ({ env }): SecretReference => ({ kind: 'env', name: env }),
);

const secretReference = choice<SecretReference>(
  (written) => {
    // Of nothing at all, a map's form says that it is missing.
    if (written === undefined) return secretFile;
    if (typeof written !== 'object' || written === null) return secretInPlace;
    if (Object.hasOwn(written, 'file')) return secretFile;
    return Object.hasOwn(written, 'env') ? secretVariable : secretInPlace;
  },
  [secretFile, secretVariable],
);

// What was written is not repeated: it may be the token itself.
const tokenHash = parsed((written): TokenHash | Mistake => {
  const { digits } = /^sha256:(?<digits>[0-9A-Fa-f]{64})$/.exec(written)?.groups ?? {};
  if (digits !== undefined) return { kind: 'hash', sha256: digits.toLowerCase() };
  return new Mistake('a hash is sha256: and 64 hexadecimal digits', 'run: scim-ldap-bridge token');
});

const entryName = parsed(parseName, text, 'key');

const tokenKeys = {
  name: text,
  notBefore: parsed(parseDate).exactOptional(),
  expires: parsed(parseDate).exactOptional(),
};

function tokenWith(name: string) {
  return { notYet: ['allow'], readAs: { name, because: 'a token has either a hash or a secret' } };
}

const hashedToken = closedMap({ ...tokenKeys, hash: tokenHash }, tokenWith('a token with a hash')).transform(
  ({ hash, ...token }): TokenSection => ({ ...token, expected: hash }),
);

const secretToken = closedMap({ ...tokenKeys, secret: secretReference }, tokenWith('a token with a secret')).transform(
  ({ secret, ...token }): TokenSection => ({ ...token, expected: { kind: 'secret', secret } }),
);

const token = choice<TokenSection>(
  (written) => {
    const isSecret = typeof written === 'object' && written !== null && Object.hasOwn(written, 'secret') && !Object.hasOwn(written, 'hash');
    return isSecret ? secretToken : hashedToken;
  },
  [hashedToken, secretToken],
);

const urls = oneOrMore(parsed(parseLdapUrl));

const directoryKeys = {
  startTls: flag.default(false),
  ca: text.exactOptional(),
  tls: closedMap({ verify: flag.default(true), certificate: text.exactOptional(), key: secretReference.exactOptional() }).prefault({}),
  insecure: flag.default(false),
  timeout: parsed(parseTimeout).default(10_000),
  connections: integer(1, 32).default(4),
  writeFailover: parsed(parseWriteFailover).default(30_000),
};

const directoryByPassword = closedMap(
  { urls, bindDn: text, bindPassword: secretReference, ...directoryKeys },
  { notYet: [], alternatives: ['sasl'] },
);

const directoryByExternal = closedMap(
  { urls, sasl: oneOf(['EXTERNAL']), ...directoryKeys },
  { notYet: [], readAs: { name: 'a directory with sasl', because: 'EXTERNAL takes the place of bindDn and bindPassword' } },
);

const directory = choice<DirectorySection>(
  (written) =>
    typeof written === 'object' && written !== null && Object.hasOwn(written, 'sasl') ? directoryByExternal : directoryByPassword,
  [directoryByPassword, directoryByExternal],
);

const audit = closedMap({
  file: text.exactOptional(),
  values: oneOf(['all', 'names']).default('all'),
  required: flag.default(false),
});

const MEBIBYTE = 1024 * 1024;

function tenant(directories: readonly string[]) {
  const knownDirectory = parsed((written) => {
    if (directories.includes(written)) return written;
    const meant = didYouMean(written, directories);
    return new Mistake(
      `there is no directory "${written}"`,
      meant === undefined ? `under "directories" there is: ${directories.join(', ') || 'none'}` : `did you mean "${meant}"?`,
    );
  });
  return closedMap(
    {
      path: parsed(parseTenantPath).exactOptional(),
      directory: knownDirectory,
      mapping: text,
      auth: closedMap({ tokens: list(token) }, { notYet: ['entra', 'oauth'] }),
      limits: closedMap(
        { bodyBytes: integer(1024, 1024 * MEBIBYTE).default(MEBIBYTE), bulkOperations: integer(1, 100_000).default(1000) },
        { notYet: ['requestsPerSecond'] },
      ).prefault({}),
      paging: closedMap({
        defaultPageSize: integer(1, 100_000).default(100),
        maxPageSize: integer(1, 100_000).default(1000),
        cursorTimeout: parsed(parseCursorTimeout).default(3_600_000),
        sortLimit: integer(0, 1_000_000).default(20_000),
      }).prefault({}),
    },
    { notYet: ['allowFrom'] },
  );
}

/**
 * The form of `bridge.yaml`; what comes out is a `BridgeFile` but for the paths of files, which are as written.
 *
 * @param directories the names that tenants may mention
 */
export function bridgeFileForm(directories: readonly string[]) {
  return closedMap(
    {
      format,
      listen: parsed(parseAddress).default({ host: '127.0.0.1', port: 8080 }),
      insecure: flag.default(false),
      publicUrl: parsed(parsePublicUrl).exactOptional(),
      admin: parsed(parseAddress).exactOptional(),
      stateDirectory: text.exactOptional(),
      log: oneOf(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
      audit: audit.prefault({}),
      directories: dictionary(directory, entryName),
      tenants: dictionary(tenant(directories), entryName),
    },
    { notYet: ['tls', 'trustProxy', 'workers'] },
  ).transform(
    ({ tenants, publicUrl, ...service }): BridgeFile => ({
      ...service,
      publicUrl: publicUrl ?? `http://${formatAddress(service.listen)}`,
      tenants: new Map([...tenants].map(([name, section]) => [name, { ...section, path: section.path ?? defaultPath(name) }])),
    }),
  );
}

/** Where a tenant is that has no `path`. */
export function defaultPath(tenantName: string): string {
  return `/${tenantName}/scim/v2`;
}
