import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createAdminApp } from '../http/admin-app.ts';
import { createApp } from '../http/app.ts';
import { networks } from '../http/client-address.ts';
import type { RequestHandler } from '../http/listener.ts';
import type { Tenant } from '../http/tenant.ts';
import { coalesceLists } from '../provisioning/coalesce-lists.ts';
import { IdSnapshots } from '../provisioning/id-snapshots.ts';
import { KnownNames } from '../provisioning/known-names.ts';
import type { OperationContext } from '../provisioning/operation-context.ts';
import { recoveringFirst } from '../provisioning/recovering-first.ts';
import { type IntentJournal, NO_INTENT_JOURNAL, openIntentJournal } from '../state/intent-journal.ts';
import { acceptedCredentials, secretsOf } from './accepted-credentials.ts';
import { openAuditTrail, type ServiceAuditTrail } from './audit-trail.ts';
import { type ConnectedDirectory, connectDirectories, SECRET_LENGTH, sectionOf } from './connected-directory.ts';
import type { ServiceConfiguration } from './load-service.ts';

/** One configuration, built: it answers all requests that come while it is in force, until the last of them is answered. */
export interface Generation {
  readonly configuration: ServiceConfiguration;
  readonly directories: ReadonlyMap<string, ConnectedDirectory>;
  readonly audit: ServiceAuditTrail;
  readonly intents: IntentJournal;
  readonly answer: RequestHandler;
  readonly answerAdmin: RequestHandler;
  /** Resolves when nothing is in flight; to be asked once, when no more comes. */
  drained(): Promise<void>;
}

/**
 * @param before the generation that is in force: what doesn't change is taken over from it
 * @throws Error of the system, when the audit trail's file can't be opened
 */
export async function buildGeneration(
  configuration: ServiceConfiguration,
  before: Generation | undefined,
  log: Logger,
): Promise<Generation> {
  // First, for it may fail: nothing else has been opened then.
  const audit = openAuditTrail(configuration.bridge.audit, log, before?.audit);
  const intents = await openIntents(configuration, before);
  const directories = await connectDirectories(configuration, before?.directories ?? new Map<never, never>(), log);
  const handle: RequestHandler = createApp(tenantsOf(configuration, directories, intents, log), {
    log,
    openAuditTrail: audit.openFor,
    isTrustedProxy: networks(configuration.bridge.trustProxy),
  }).callback();
  const healths = new Map([...directories].map(([name, { ldap }]) => [name, ldap] as const));
  let inFlight = 0;
  let whenDrained: (() => void) | undefined;
  return {
    configuration,
    directories,
    audit,
    intents,
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

/** A recovery is no request of anybody: what it writes is said in the log. */
const NO_REQUEST: Pick<OperationContext, 'audit' | 'rights'> = {
  audit: { keepsValues: false, open: () => undefined, keep: () => undefined },
  rights: { allow: new Set(), targets: new Set() },
};

/** The journal goes with the process: what waits in it to be settled is not in the way of a reload. */
async function openIntents({ bridge }: ServiceConfiguration, before: Generation | undefined): Promise<IntentJournal> {
  const { stateDirectory } = bridge;
  if (before?.configuration.bridge.stateDirectory === stateDirectory && before !== undefined) return before.intents;
  return stateDirectory === undefined ? NO_INTENT_JOURNAL : openIntentJournal(join(stateDirectory, 'intents'));
}

function tenantsOf(
  configuration: ServiceConfiguration,
  directories: ReadonlyMap<string, ConnectedDirectory>,
  intents: IntentJournal,
  log: Logger,
): readonly Tenant[] {
  return [...directories].flatMap(([name, connected]) => {
    const services = servicesOf(configuration, name, connected, intents);
    const contexts = services.map((service) => ({ ...service, ...NO_REQUEST, log: log.child({ tenant: service.tenant }) }));
    const [first] = contexts;
    if (first === undefined) return [];
    const directory = recoveringFirst(first.directory, intents, contexts);
    return services.map((service) => tenantOf(configuration, { ...service, directory }, connected, log));
  });
}

type TenantService = Tenant['service'];

/** What has been read of a directory under one mapping says nothing under another: each generation begins with no snapshots. */
function servicesOf(
  { bridge, plans }: ServiceConfiguration,
  directoryName: string,
  { ldap, secret, turns }: ConnectedDirectory,
  intents: IntentJournal,
): readonly TenantService[] {
  const snapshots = new IdSnapshots();
  const section = sectionOf(bridge, directoryName);
  const ownDn = 'bindDn' in section ? section.bindDn : undefined;
  const names = new KnownNames();
  const directory = snapshots.watch(section.coalesceMembers ? coalesceLists(ldap, turns) : ldap);
  const own = [...bridge.tenants].filter(([, each]) => each.directory === directoryName);
  return own.map(([tenant, { path, mapping, paging }]) => {
    const plan = plans.get(mapping);
    if (plan === undefined) throw new Error(`tenant ${tenant} names a mapping that was not loaded`);
    const cursorKey = keyFor('cursors', tenant, secret);
    const baseUrl = `${bridge.publicUrl}${path}`;
    return { tenant, plan, directory, ownDn, paging, snapshots, turns, names, intents, cursorKey, baseUrl };
  });
}

function tenantOf({ bridge, secrets }: ServiceConfiguration, service: TenantService, { secret }: ConnectedDirectory, log: Logger): Tenant {
  const name = service.tenant;
  const section = bridge.tenants.get(name);
  if (section === undefined) throw new Error(`there is no tenant ${name}`);
  const { path, auth, limits, allowFrom } = section;
  const accepted = acceptedCredentials(auth, {
    secrets: secretsOf(secrets, name),
    directory: service.directory,
    tokenKey: keyFor('access tokens', name, secret),
    log: log.child({ tenant: name }),
  });
  return { name, path, accepted, limits, allowFrom, service };
}

/** A key for one purpose of one tenant. */
function keyFor(purpose: string, tenant: string, secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `scim-ldap-bridge ${purpose} of ${tenant}`, SECRET_LENGTH));
}
