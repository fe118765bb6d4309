import { hkdfSync, scryptSync } from 'node:crypto';
import type { Logger } from 'pino';
import { connectDirectory, type LdapDirectory } from '../directory/ldapts-directory.ts';
import { createAdminApp } from '../http/admin-app.ts';
import { createApp } from '../http/app.ts';
import { type Listener, openListener } from '../http/listener.ts';
import type { Tenant } from '../http/tenant.ts';
import { IdSnapshots } from '../provisioning/id-snapshots.ts';
import type { ServiceConfiguration } from './load-service.ts';

/** A running service. */
export interface Service {
  /** Where it listens, as `http://host:port`. */
  readonly url: string;
  readonly adminUrl: string | undefined;
  /** Stops accepting, lets what is in flight end, closes the directories' connections. */
  stop(): Promise<void>;
}

/**
 * Opens the listeners. Directories that are away don't keep it from starting: requests get 503 until they are back.
 *
 * @throws Error of the system, when a port can't be had; nothing is left open then
 */
export async function startService(configuration: ServiceConfiguration, log: Logger): Promise<Service> {
  const { listen, admin } = configuration.bridge;
  const directories = connectDirectories(configuration, log);
  const listeners: Listener[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()));
    await Promise.all([...directories.values()].map((directory) => directory.close()));
  };
  try {
    listeners.push(await openListener(createApp(tenantsOf(configuration, directories), log), listen, log));
    if (admin !== undefined) listeners.push(await openListener(createAdminApp(directories), admin, log));
  } catch (error) {
    await stop();
    throw error;
  }
  const [service, adminService] = listeners;
  return { url: service?.url ?? '', adminUrl: adminService?.url, stop };
}

function connectDirectories({ bridge, authorities, bindPasswords }: ServiceConfiguration, log: Logger): ReadonlyMap<string, LdapDirectory> {
  const connected = [...bridge.directories].map(([name, section]) => {
    const { urls, bindDn, startTls, tls, timeout, connections } = section;
    const ca = authorities.get(name);
    const options = {
      urls,
      bindDn,
      bindPassword: bindPasswords.get(name) ?? '',
      startTls,
      verifyTls: tls.verify,
      timeoutMs: timeout,
      connections,
      ...(ca === undefined ? {} : { ca }),
    };
    return [name, connectDirectory(options, log.child({ directory: name }))] as const;
  });
  return new Map(connected);
}

function tenantsOf(configuration: ServiceConfiguration, directories: ReadonlyMap<string, LdapDirectory>): readonly Tenant[] {
  const { bridge, plans, credentials, bindPasswords } = configuration;
  const shared = new Map(
    [...directories].map(([name, directory]) => [name, sharedBetweenTenants(directory, bindPasswords.get(name) ?? '')]),
  );
  return [...bridge.tenants].map(([name, { path, directory: directoryName, mapping, limits, paging }]) => {
    const plan = plans.get(mapping);
    const found = shared.get(directoryName);
    if (plan === undefined || found === undefined) throw new Error(`tenant ${name} names a mapping or directory that was not loaded`);
    const { directory, snapshots, secret } = found;
    const cursorKey = Buffer.from(hkdfSync('sha256', secret, '', `scim-ldap-bridge cursors of ${name}`, KEY_LENGTH));
    const service = { plan, directory, paging, snapshots, cursorKey, baseUrl: `${bridge.publicUrl}${path}` };
    return { name, path, limits, service, credentials: credentials.get(name) ?? [] };
  });
}

const KEY_LENGTH = 32;

/**
 * What the tenants of one directory have in common. The secret behind the cursors comes from the bind password, so that daemons of
 * one configuration understand each other's; through scrypt, so that nobody finds a weak password out by trying it on a cursor.
 */
function sharedBetweenTenants(directory: LdapDirectory, bindPassword: string) {
  const snapshots = new IdSnapshots();
  const secret = scryptSync(bindPassword, 'scim-ldap-bridge cursors', KEY_LENGTH);
  return { directory: snapshots.watch(directory), snapshots, secret };
}
