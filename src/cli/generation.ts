import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Directory } from '../directory/directory.ts';
import { createAdminApp } from '../http/admin-app.ts';
import { createApp } from '../http/app.ts';
import { networks } from '../http/client-address.ts';
import type { RequestHandler } from '../http/listener.ts';
import type { Tenant } from '../http/tenant.ts';
import type { Plan } from '../mapping/plan.ts';
import { Brakes, type BrakesParts } from '../provisioning/brakes.ts';
import { coalesceLists } from '../provisioning/coalesce-lists.ts';
import { coalesceLookups } from '../provisioning/coalesce-lookups.ts';
import { countEntries } from '../provisioning/count-entries.ts';
import { IdSnapshots } from '../provisioning/id-snapshots.ts';
import { KnownNames } from '../provisioning/known-names.ts';
import type { OperationContext } from '../provisioning/operation-context.ts';
import { recoveringFirst } from '../provisioning/recovering-first.ts';
import { type BrakeCounter, openBrakeCounter } from '../state/brake-counter.ts';
import { type IntentJournal, NO_INTENT_JOURNAL, openIntentJournal } from '../state/intent-journal.ts';
import { STATUS_STYLE } from '../status/status-style.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { acceptedCredentials, adminTokens, secretsOf } from './accepted-credentials.ts';
import { openAuditTrail, type ServiceAuditTrail } from './audit-trail.ts';
import { type ConnectedDirectory, connectDirectories, SECRET_LENGTH, sectionOf } from './connected-directory.ts';
import { type Expiry, expiriesOf } from './expiries.ts';
import type { ServiceConfiguration } from './load-service.ts';
import type { ServiceTelemetry } from './service-telemetry.ts';
import { modeOf } from './tenant-mode.ts';
import { warnOfOrphanedIntents } from './warn-of-orphaned-intents.ts';
import { openWriteJournal, type ServiceJournal } from './write-journal.ts';

/** One configuration, built: it answers all requests that come while it is in force, until the last of them is answered. */
export interface Generation {
  readonly configuration: ServiceConfiguration;
  readonly directories: ReadonlyMap<string, ConnectedDirectory>;
  readonly audit: ServiceAuditTrail;
  /** By tenant. */
  readonly brakeCounters: ReadonlyMap<string, BrakeCounter>;
  readonly brakes: ReadonlyMap<string, Brakes>;
  readonly intents: IntentJournal;
  /** Those that live as long as it does: of its tenants and directories. */
  readonly logs: readonly Logger[];
  readonly journal: ServiceJournal | undefined;
  readonly tenants: readonly Tenant[];
  /** Tokens and certificates that end. */
  readonly expiries: readonly Expiry[];
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
  telemetry: ServiceTelemetry,
): Promise<Generation> {
  const { metrics } = telemetry;
  const { admin } = configuration.bridge;
  // First, for it may fail: nothing else has been opened then.
  const audit = openAuditTrail(configuration.bridge.audit, log, before?.audit, metrics.auditFailed);
  const intents = await openIntents(configuration, before);
  warnOfOrphanedIntents(intents, configuration.bridge.tenants.keys(), log);
  const journal = await openWriteJournal(configuration.bridge, log, before?.journal);
  const directories = await connectDirectories(configuration, before?.directories ?? new Map<never, never>(), log, metrics.observerOf);
  const brakeCounters = openBrakeCounters(configuration, before);
  const logs = new Map([...configuration.bridge.tenants.keys()].map((tenant) => [tenant, log.child({ tenant })]));
  const logOf = (tenant: string): Logger => logs.get(tenant) ?? log;
  const tenants = tenantsOf(configuration, directories, { intents, brakeCounters, journal, heldBack: metrics.heldBack }, logOf);
  const brakes = new Map(tenants.flatMap(({ name, service }) => (service.brakes === undefined ? [] : [[name, service.brakes] as const])));
  const handle: RequestHandler = createApp(tenants, {
    log,
    openAuditTrail: audit.openFor,
    openJournal: journal?.openFor,
    isTrustedProxy: networks(configuration.bridge.trustProxy),
    observer: admin === undefined ? metrics.requests : telemetry.observeRequests(admin.values),
  }).callback();
  const healths = new Map([...directories].map(([name, { ldap }]) => [name, ldap] as const));
  let inFlight = 0;
  let whenDrained: (() => void) | undefined;
  return {
    configuration,
    directories,
    audit,
    brakeCounters,
    brakes,
    intents,
    logs: [...logs.values(), ...[...directories.values()].map((directory) => directory.log)],
    journal,
    tenants,
    async answer(request, response) {
      inFlight += 1;
      try {
        await handle(request, response);
      } finally {
        inFlight -= 1;
        if (inFlight === 0) whenDrained?.();
      }
    },
    expiries: expiriesOf(configuration),
    answerAdmin: createAdminApp({
      tokens: adminTokens(admin?.tokens ?? [], configuration.secrets.adminTokens),
      directories: healths,
      brakes,
      printMetrics: metrics.print,
      statusPage: { render: () => telemetry.renderStatus(), style: STATUS_STYLE },
    }).callback(),
    async drained() {
      if (inFlight === 0) return;
      await new Promise<void>((resolve) => {
        whenDrained = resolve;
      });
    },
  };
}

/** A recovery is no request of anybody: what it writes is said in the log, and noted in the journal. */
const NO_REQUEST: Pick<OperationContext, 'audit' | 'rights'> = {
  audit: { keepsValues: false, open: () => ({ widen: () => undefined, keep: () => undefined }) },
  rights: { allow: new Set(), targets: new Set() },
};

function recoveryOf(tenant: string, journal: ServiceJournal | undefined): Pick<OperationContext, 'audit' | 'rights' | 'journal'> {
  const asker = { requestId: 'recovery', tenant, credential: '', address: '' };
  return { ...NO_REQUEST, ...(journal === undefined ? {} : { journal: journal.openFor(asker) }) };
}

/** The intents go with the process: what waits in it to be settled is not in the way of a reload. */
async function openIntents({ bridge }: ServiceConfiguration, before: Generation | undefined): Promise<IntentJournal> {
  const { stateDirectory } = bridge;
  if (before?.configuration.bridge.stateDirectory === stateDirectory && before !== undefined) return before.intents;
  return stateDirectory === undefined ? NO_INTENT_JOURNAL : openIntentJournal(join(stateDirectory, 'intents'));
}

/** What has been counted goes with the process, and with the state directory beyond it. */
function openBrakeCounters({ bridge }: ServiceConfiguration, before: Generation | undefined): ReadonlyMap<string, BrakeCounter> {
  const { stateDirectory, tenants } = bridge;
  const folder = stateDirectory === undefined ? undefined : join(stateDirectory, 'brakes');
  const isSame = before?.configuration.bridge.stateDirectory === stateDirectory;
  return new Map(
    [...tenants.keys()].map((tenant) => [
      tenant,
      (isSame ? before?.brakeCounters.get(tenant) : undefined) ?? openBrakeCounter(folder, tenant),
    ]),
  );
}

/** The log of a tenant. */
type LogOf = (tenant: string) => Logger;

/** What outlives a request, and a generation too. */
interface Kept {
  readonly intents: IntentJournal;
  readonly brakeCounters: ReadonlyMap<string, BrakeCounter>;
  readonly heldBack: Metrics['heldBack'];
  readonly journal: ServiceJournal | undefined;
}

function tenantsOf(
  configuration: ServiceConfiguration,
  directories: ReadonlyMap<string, ConnectedDirectory>,
  kept: Kept,
  logOf: LogOf,
): readonly Tenant[] {
  return [...directories].flatMap(([name, connected]) => {
    const services = servicesOf(configuration, name, connected, kept, logOf);
    const contexts = services.map((service) => ({ ...service, ...recoveryOf(service.tenant, kept.journal), log: logOf(service.tenant) }));
    const [first] = contexts;
    if (first === undefined) return [];
    const directory = recoveringFirst(first.directory, kept.intents, contexts);
    return services.map((service) => tenantOf(configuration, { ...service, directory }, connected, logOf));
  });
}

type TenantService = Tenant['service'];

/** What has been read of a directory under one mapping says nothing under another: each generation begins with no snapshots. */
function servicesOf(
  { bridge, plans }: ServiceConfiguration,
  directoryName: string,
  { ldap, secret, turns }: ConnectedDirectory,
  { intents, brakeCounters, heldBack }: Kept,
  logOf: LogOf,
): readonly TenantService[] {
  const snapshots = new IdSnapshots();
  const directorySection = sectionOf(bridge, directoryName);
  const ownDn = 'bindDn' in directorySection ? directorySection.bindDn : undefined;
  const names = new KnownNames();
  const directory = snapshots.watch(directorySection.coalesceMembers ? coalesceLookups(coalesceLists(ldap, turns)) : ldap);
  const own = [...bridge.tenants].filter(([, each]) => each.directory === directoryName);
  return own.map(([tenant, section]) => {
    const { path, mapping, paging } = section;
    const plan = plans.get(mapping);
    if (plan === undefined) throw new Error(`tenant ${tenant} names a mapping that was not loaded`);
    const cursorKey = keyFor('cursors', tenant, secret);
    const brakes = brakesOf(
      plan,
      { counter: brakeCounters.get(tenant), log: logOf(tenant), heldBack: (kind) => heldBack(tenant, kind) },
      directory,
    );
    const baseUrl = `${bridge.publicUrl}${path}`;
    return {
      tenant,
      plan,
      directory,
      ownDn,
      paging,
      snapshots,
      turns,
      names,
      intents,
      cursorKey,
      baseUrl,
      ...brakes,
      ...modeOf(bridge, tenant, section, plan, logOf(tenant)),
    };
  });
}

type KnownBrakesParts = Pick<BrakesParts, 'log' | 'heldBack'> & { readonly counter: BrakeCounter | undefined };

function brakesOf(plan: Plan, { counter, ...known }: KnownBrakesParts, directory: Directory): Pick<TenantService, 'brakes'> {
  const { brakes: budgets, users } = plan;
  if (budgets === undefined || counter === undefined) return {};
  return { brakes: new Brakes({ ...known, budgets, counter, population: () => countEntries(directory, users), now: Date.now }) };
}

function tenantOf({ bridge, secrets }: ServiceConfiguration, service: TenantService, { secret }: ConnectedDirectory, logOf: LogOf): Tenant {
  const name = service.tenant;
  const section = bridge.tenants.get(name);
  if (section === undefined) throw new Error(`there is no tenant ${name}`);
  const { path, auth, limits, allowFrom } = section;
  const accepted = acceptedCredentials(auth, {
    secrets: secretsOf(secrets, name),
    directory: service.directory,
    tokenKey: keyFor('access tokens', name, secret),
    log: logOf(name),
  });
  return { name, path, accepted, limits, allowFrom, service };
}

/** A key for one purpose of one tenant. */
function keyFor(purpose: string, tenant: string, secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `scim-ldap-bridge ${purpose} of ${tenant}`, SECRET_LENGTH));
}
