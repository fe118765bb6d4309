import { randomBytes, scrypt } from 'node:crypto';
import { isDeepStrictEqual, promisify } from 'node:util';
import type { Logger } from 'pino';
import type { BridgeFile, DirectorySection } from '../config/bridge-file.ts';
import { type DirectoryObserver, NO_OBSERVER } from '../directory/directory-observer.ts';
import { connectDirectory, type DirectoryOptions, type LdapDirectory } from '../directory/ldapts-directory.ts';
import { Turns } from '../provisioning/turns.ts';
import type { ServiceConfiguration } from './load-service.ts';

/** A directory with its connections; one generation of the configuration hands it on to the next while nothing of it changes. */
export interface ConnectedDirectory {
  readonly options: DirectoryOptions;
  readonly ldap: LdapDirectory;
  /** Behind the cursors of its tenants; 32 octets. */
  readonly secret: Buffer;
  /** Who changes what when. Of the directory, not of its connections: changes of one resource queue up across a reload too. */
  readonly turns: Turns;
  readonly log: Logger;
}

export const SECRET_LENGTH = 32;
const deriveKey = promisify<string, string, number, Buffer>(scrypt);

/**
 * The directories of a configuration, by name. Of `known` those stay connected whose section, password and authority are the same;
 * the others are connected in the background.
 *
 * @param observerOf makes the one that is told what happens to a directory; default: nobody is
 */
export async function connectDirectories(
  configuration: ServiceConfiguration,
  known: ReadonlyMap<string, ConnectedDirectory>,
  log: Logger,
  observerOf: (name: string) => DirectoryObserver = () => NO_OBSERVER,
): Promise<ReadonlyMap<string, ConnectedDirectory>> {
  const connected = [...configuration.bridge.directories.keys()].map(async (name): Promise<[string, ConnectedDirectory]> => {
    const options = directoryOptions(name, configuration);
    const before = known.get(name);
    const isSame = before !== undefined && isDeepStrictEqual(before.options, options);
    if (isSame) return [name, before];
    return [name, await connect(options, before?.turns ?? new Turns(), log.child({ directory: name }), observerOf(name))];
  });
  return new Map(await Promise.all(connected));
}

/** @throws Error there is none: a slip of the programmer, for the configuration was checked */
export function sectionOf({ directories }: BridgeFile, name: string): DirectorySection {
  const section = directories.get(name);
  if (section === undefined) throw new Error(`there is no directory ${name}`);
  return section;
}

/** How to connect to a directory of the configuration. @throws Error there is none of this name: a slip of the programmer */
export function directoryOptions(
  name: string,
  {
    bridge,
    authorities,
    bindPasswords,
    clientCertificates,
  }: Pick<ServiceConfiguration, 'bridge' | 'authorities' | 'bindPasswords' | 'clientCertificates'>,
): DirectoryOptions {
  const section = sectionOf(bridge, name);
  const { urls, replicas, startTls, tls, timeout, connections, writeFailover } = section;
  const ca = authorities.get(name);
  const clientCertificate = clientCertificates.get(name);
  return {
    ...('sasl' in section ? { sasl: section.sasl } : { bindDn: section.bindDn, bindPassword: bindPasswords.get(name) ?? '' }),
    urls,
    replicas,
    startTls,
    verifyTls: tls.verify,
    timeoutMs: timeout,
    connections,
    writeFailoverMs: writeFailover === 'never' ? Number.POSITIVE_INFINITY : writeFailover,
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/**
 * The secret behind the cursors comes from the one that we bind with, so that daemons of one configuration understand each other's;
 * through scrypt, so that nobody finds a weak password out by trying it on a cursor. Where the operating system vouches for us
 * (EXTERNAL over ldapi), there is none to share: cursors are good for this process only.
 */
async function connect(options: DirectoryOptions, turns: Turns, log: Logger, observer: DirectoryObserver): Promise<ConnectedDirectory> {
  const shared = 'bindPassword' in options ? options.bindPassword : options.clientCertificate?.key;
  const secret = shared === undefined ? randomBytes(SECRET_LENGTH) : await deriveKey(shared, 'scim-ldap-bridge cursors', SECRET_LENGTH);
  return { options, ldap: connectDirectory(options, log, observer), secret, turns, log };
}
