import { randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Address } from '../config/address.ts';
import { connectDirectory, type LdapDirectory } from '../directory/ldapts-directory.ts';
import { createAdminApp } from '../http/admin-app.ts';
import { createApp } from '../http/app.ts';
import { rawErrorResponse } from '../http/error-response.ts';
import type { Tenant } from '../http/tenant.ts';
import type { ServiceConfiguration } from './load-service.ts';

/** Longer than clients and load balancers keep a connection idle, so that they and not we close it (entra-scim-client §2.1). */
const KEEP_ALIVE_MS = 75_000;
/** Entra gives up after 60 s; whoever takes longer to send a request isn't one of ours. */
const REQUEST_TIMEOUT_MS = 60_000;

/** A running service. */
export interface Service {
  /** Where it listens, as `http://host:port`: the port is a free one where the configuration says 0. */
  readonly url: string;
  readonly adminUrl: string | undefined;
  /** Stops accepting, lets what is in flight end, closes the directories' connections. */
  stop(): Promise<void>;
}

/** Opens the listeners. Directories that are away don't keep it from starting: requests get 503 until they are back. */
export async function startService(configuration: ServiceConfiguration, log: Logger): Promise<Service> {
  const { bridge } = configuration;
  const directories = new Map(
    [...bridge.directories].map(([name, section]) => {
      const { urls, bindDn, startTls, tls, timeout, connections } = section;
      const ca = configuration.authorities.get(name);
      const options = {
        ...{ urls, bindDn, startTls, connections, verifyTls: tls.verify, timeoutMs: timeout },
        bindPassword: configuration.bindPasswords.get(name) ?? '',
        ...(ca === undefined ? {} : { ca }),
      };
      return [name, connectDirectory(options, log.child({ directory: name }))] as const;
    }),
  );
  const app = createApp(tenantsOf(configuration, directories), log);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_TIMEOUT_MS }, app.callback());
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => answerClientError(error, socket));
  await listen(server, bridge.listen);
  const admin = bridge.admin === undefined ? undefined : createServer(createAdminApp(directories).callback());
  if (admin !== undefined && bridge.admin !== undefined) await listen(admin, bridge.admin);
  return {
    url: urlOf(server),
    adminUrl: admin === undefined ? undefined : urlOf(admin),
    async stop() {
      await Promise.all([close(server), admin === undefined ? undefined : close(admin)]);
      await Promise.all([...directories.values()].map((directory) => directory.close()));
    },
  };
}

function tenantsOf(
  { bridge, plans, credentials }: ServiceConfiguration,
  directories: ReadonlyMap<string, LdapDirectory>,
): readonly Tenant[] {
  return [...bridge.tenants].map(([name, { path, directory: directoryName, mapping, limits, paging }]) => {
    const plan = plans.get(mapping);
    const directory = directories.get(directoryName);
    if (plan === undefined || directory === undefined) throw new Error(`tenant ${name} names a mapping or directory that was not loaded`);
    const service = { plan, directory, paging, baseUrl: `${bridge.publicUrl}${path}` };
    return { name, path, limits, service, credentials: credentials.get(name) ?? [] };
  });
}

async function listen(server: Server, { host, port }: Address): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** `close()` alone waits for idle keep-alive connections: answers say `Connection: close` from now on, and idle ones are cut. */
async function close(server: Server): Promise<void> {
  server.prependListener('request', (_request, response: ServerResponse) => void response.setHeader('Connection', 'close'));
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeIdleConnections();
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  await closed;
  clearInterval(sweep);
}

function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else socket.end(rawErrorResponse(error.code, randomUUID()));
}
