import { hkdfSync } from 'node:crypto';
import type { Logger } from 'pino';
import { createAdminApp } from '../http/admin-app.ts';
import { createApp } from '../http/app.ts';
import type { RequestHandler } from '../http/listener.ts';
import type { Tenant } from '../http/tenant.ts';
import { IdSnapshots } from '../provisioning/id-snapshots.ts';
import { type ConnectedDirectory, connectDirectories, SECRET_LENGTH } from './connected-directory.ts';
import type { ServiceConfiguration } from './load-service.ts';

/** One configuration, built: it answers all requests that come while it is in force, until the last of them is answered. */
export interface Generation {
  readonly configuration: ServiceConfiguration;
  readonly directories: ReadonlyMap<string, ConnectedDirectory>;
  readonly answer: RequestHandler;
  readonly answerAdmin: RequestHandler;
  /** Resolves when nothing is in flight; to be asked once, when no more comes. */
  drained(): Promise<void>;
}

/** @param before the generation that is in force: what doesn't change is taken over from it */
export async function buildGeneration(
  configuration: ServiceConfiguration,
  before: Generation | undefined,
  log: Logger,
): Promise<Generation> {
  const directories = await connectDirectories(configuration, before?.directories ?? new Map<never, never>(), log);
  const handle: RequestHandler = createApp(tenantsOf(configuration, directories), log).callback();
  const healths = new Map([...directories].map(([name, { ldap }]) => [name, ldap] as const));
  let inFlight = 0;
  let whenDrained: (() => void) | undefined;
  return {
    configuration,
    directories,
    async answer(request, response) {
      inFlight += 1;
      try {
        await handle(request, response);
      } finally {
        inFlight -= 1;
        if (inFlight === 0) whenDrained?.();
      }
    },
    answerAdmin: createAdminApp(healths).callback(),
    async drained() {
      if (inFlight === 0) return;
      await new Promise<void>((resolve) => {
        whenDrained = resolve;
      });
    },
  };
}

/** What has been read of a directory under one mapping says nothing under another: each generation begins with no snapshots. */
function tenantsOf(configuration: ServiceConfiguration, directories: ReadonlyMap<string, ConnectedDirectory>): readonly Tenant[] {
  const { bridge, plans, credentials } = configuration;
  const shared = new Map(
    [...directories].map(([name, { ldap, secret }]) => {
      const snapshots = new IdSnapshots();
      return [name, { directory: snapshots.watch(ldap), snapshots, secret }] as const;
    }),
  );
  return [...bridge.tenants].map(([name, { path, directory: directoryName, mapping, limits, paging }]) => {
    const plan = plans.get(mapping);
    const found = shared.get(directoryName);
    if (plan === undefined || found === undefined) throw new Error(`tenant ${name} names a mapping or directory that was not loaded`);
    const { directory, snapshots, secret } = found;
    const cursorKey = Buffer.from(hkdfSync('sha256', secret, '', `scim-ldap-bridge cursors of ${name}`, SECRET_LENGTH));
    const service = { plan, directory, paging, snapshots, cursorKey, baseUrl: `${bridge.publicUrl}${path}` };
    return { name, path, limits, service, credentials: credentials.get(name) ?? [] };
  });
}
