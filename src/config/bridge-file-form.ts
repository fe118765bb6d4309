import * as z from 'zod';
import { formatAddress, type ListenAddress, type Network, parseAddress, parseListenAddress, parseNetwork } from './address.ts';
import { adminToken, auth } from './auth-form.ts';
import type { AdminSection, BridgeFile, DirectorySection } from './bridge-file.ts';
import {
  parseCursorTimeout,
  parseLdapUrl,
  parseName,
  parsePublicUrl,
  parseRetention,
  parseTenantPath,
  parseTimeout,
  parseWriteFailover,
} from './bridge-values.ts';
import { didYouMean } from './did-you-mean.ts';
import { choice, closedMap, dictionary, flag, format, integer, list, oneOf, oneOrMore, parsed, text } from './form.ts';
import { Mistake } from './mistake.ts';
import { secretReference } from './secret-form.ts';

/** How `bridge.yaml` is written. Keys named in `notYet` belong to the language, but not to this version. */

const entryName = parsed(parseName, text, 'key');

const urls = oneOrMore(parsed(parseLdapUrl));

const directoryKeys = {
  replicas: oneOrMore(parsed(parseLdapUrl)).default([]),
  startTls: flag.default(false),
  ca: text.exactOptional(),
  tls: closedMap({ verify: flag.default(true), certificate: text.exactOptional(), key: secretReference.exactOptional() }).prefault({}),
  insecure: flag.default(false),
  timeout: parsed(parseTimeout).default(10_000),
  connections: integer(1, 32).default(4),
  writeFailover: parsed(parseWriteFailover).default(30_000),
  coalesceMembers: flag.default(true),
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

const journal = closedMap({
  retention: parsed(parseRetention).default(30 * 86_400_000),
  required: flag.default(false),
});

// Unlike other lists this one may be written and be empty: nobody is believed.
const network = parsed(parseNetwork);
const networksOrNone = choice<readonly Network[]>(
  (written) => (Array.isArray(written) && written.length === 0 ? z.array(network) : list(network)),
  [z.array(network)],
);

const adminAddress = parsed(parseAddress).transform((listen): AdminSection => ({ listen, tokens: [], values: 'names', insecure: false }));

const adminSection = closedMap({
  listen: parsed(parseAddress),
  tokens: list(adminToken).default([]),
  values: oneOf(['names', 'all']).default('names'),
  insecure: flag.default(false),
}).transform((section): AdminSection => section);

const admin = choice<AdminSection>((written) => (typeof written === 'string' ? adminAddress : adminSection), [adminAddress, adminSection]);

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
  return closedMap({
    path: parsed(parseTenantPath).exactOptional(),
    directory: knownDirectory,
    mapping: text,
    auth,
    mode: oneOf(['live', 'shadow', 'canary']).default('live'),
    canary: closedMap({ users: text.exactOptional(), groups: text.exactOptional() }).exactOptional(),
    limits: closedMap({
      bodyBytes: integer(1024, 1024 * MEBIBYTE).default(MEBIBYTE),
      listValues: integer(1, 10_000_000).default(50_000),
      bulkOperations: integer(1, 100_000).default(1000),
      requestsInFlight: integer(1, 100_000).default(200),
      requestsPerSecond: integer(1, 100_000).exactOptional(),
    }).prefault({}),
    paging: closedMap({
      defaultPageSize: integer(1, 100_000).default(100),
      maxPageSize: integer(1, 100_000).default(1000),
      cursorTimeout: parsed(parseCursorTimeout).default(3_600_000),
      sortLimit: integer(0, 1_000_000).default(20_000),
    }).prefault({}),
    allowFrom: list(network).exactOptional(),
  });
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
      listen: parsed(parseListenAddress).default({ host: '127.0.0.1', port: 8080 }),
      tls: closedMap({ certificate: text, key: secretReference, clientCa: text.exactOptional() }).exactOptional(),
      insecure: flag.default(false),
      trustProxy: networksOrNone.default([]),
      publicUrl: parsed(parsePublicUrl).exactOptional(),
      admin: admin.exactOptional(),
      stateDirectory: text.exactOptional(),
      log: oneOf(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
      audit: audit.prefault({}),
      journal: journal.prefault({}),
      directories: dictionary(directory, entryName),
      tenants: dictionary(tenant(directories), entryName),
    },
    { notYet: ['workers'] },
  ).transform(
    ({ tenants, publicUrl, ...service }): BridgeFile => ({
      ...service,
      publicUrl: publicUrl ?? defaultPublicUrl(service.listen, service.tls !== undefined),
      tenants: new Map([...tenants].map(([name, section]) => [name, { ...section, path: section.path ?? defaultPath(name) }])),
    }),
  );
}

/** Which addresses systemd listens on is not in this file: `bridge-rules.ts` demands `publicUrl` then. */
function defaultPublicUrl(listen: ListenAddress, hasTls: boolean): string {
  return listen === 'systemd' ? '' : `http${hasTls ? 's' : ''}://${formatAddress(listen)}`;
}

/** Where a tenant is that has no `path`. */
export function defaultPath(tenantName: string): string {
  return `/${tenantName}/scim/v2`;
}
