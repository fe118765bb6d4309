import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createAdminApp } from '../http/admin-app.ts';
import { createApp } from '../http/app.ts';
import type { RequestHandler } from '../http/listener.ts';
import type { Tenant } from '../http/tenant.ts';
import type { AuditTrail } from '../provisioning/audit.ts';
import { IdSnapshots } from '../provisioning/id-snapshots.ts';
import { recoveringFirst } from '../provisioning/recovering-first.ts';
import { type IntentJournal, NO_INTENT_JOURNAL, openIntentJournal } from '../state/intent-journal.ts';
import { openAuditTrail, type ServiceAuditTrail } from './audit-trail.ts';
import { type ConnectedDirectory, connectDirectories, SECRET_LENGTH } from './connected-directory.ts';
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
  const handle: RequestHandler = createApp(tenantsOf(configuration, directories, intents, log), log, audit.openFor).callback();
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
const NO_AUDIT_TRAIL: AuditTrail = { keepsValues: false, open: () => undefined, keep: () => undefined };

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
    const tenants = tenantsOfDirectory(configuration, name, connected, intents);
    const contexts = tenants.map(({ service }) => ({ ...service, audit: NO_AUDIT_TRAIL, log: log.child({ tenant: service.tenant }) }));
    const [first] = contexts;
    if (first === undefined) return [];
    const directory = recoveringFirst(first.directory, intents, contexts);
    return tenants.map((tenant) => ({ ...tenant, service: { ...tenant.service, directory } }));
  });
}

/** What has been read of a directory under one mapping says nothing under another: each generation begins with no snapshots. */
function tenantsOfDirectory(
  { bridge, plans, credentials }: ServiceConfiguration,
  directoryName: string,
  { ldap, secret }: ConnectedDirectory,
  intents: IntentJournal,
): readonly Tenant[] {
  const snapshots = new IdSnapshots();
  const directory = snapshots.watch(ldap);
  const own = [...bridge.tenants].filter(([, section]) => section.directory === directoryName);
  return own.map(([name, { path, mapping, limits, paging }]) => {
    const plan = plans.get(mapping);
    if (plan === undefined) throw new Error(`tenant ${name} names a mapping that was not loaded`);
    const cursorKey = Buffer.from(hkdfSync('sha256', secret, '', `scim-ldap-bridge cursors of ${name}`, SECRET_LENGTH));
    const service = { tenant: name, plan, directory, paging, snapshots, intents, cursorKey, baseUrl: `${bridge.publicUrl}${path}` };
    return { name, path, limits, service, credentials: credentials.get(name) ?? [] };
  });
}
