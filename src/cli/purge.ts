import { pino } from 'pino';
import { formatDiagnostics } from '../config/format-diagnostics.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import { plansOf, type ResourcePlan } from '../mapping/plan.ts';
import { purge as purgeEntries } from '../provisioning/purge.ts';
import { type ConnectedDirectory, connectDirectories } from './connected-directory.ts';
import { EXIT } from './exit-codes.ts';
import { fail } from './fail.ts';
import { loadService, type ServiceConfiguration } from './load-service.ts';

/**
 * Removes for good what `onDelete: move` has moved away and `purgeAfter` lets go, and says a line for each entry. For a timer.
 *
 * @param dryRun only says what would go
 * @returns 69 when a directory can't be reached, 78 for an invalid configuration, 1 when an entry was refused, otherwise 0
 */
export async function purge(configPath: string, dryRun: boolean): Promise<number> {
  const loaded = loadService(configPath, process.env);
  if (!loaded.ok) {
    process.stderr.write(formatDiagnostics(loaded.diagnostics));
    return EXIT.configuration;
  }
  const directories = await connectDirectories(loaded.service, new Map(), pino({ level: 'silent' }));
  try {
    let code: number = EXIT.ok;
    for (const { plan, directory } of placesOf(loaded.service, directories)) {
      for await (const { dn, changed, outcome } of purgeEntries({ directory: directory.ldap }, plan, Date.now(), dryRun)) {
        process.stdout.write(`${outcome}: ${dn} (last changed ${changed})\n`);
        if (outcome === 'has entries below it' || outcome === 'refused') code = EXIT.failure;
      }
    }
    return code;
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    return fail(error.message, EXIT.unreachable);
  } finally {
    await Promise.all([...directories.values()].map(({ ldap }) => ldap.close()));
  }
}

/** Each mapping on each directory once, however many tenants share them. */
function placesOf(
  { bridge, plans }: ServiceConfiguration,
  directories: ReadonlyMap<string, ConnectedDirectory>,
): readonly { readonly plan: ResourcePlan; readonly directory: ConnectedDirectory }[] {
  const pairs = new Map([...bridge.tenants.values()].map((tenant) => [`${tenant.directory}\n${tenant.mapping}`, tenant] as const));
  return [...pairs.values()].flatMap(({ directory: name, mapping }) => {
    const [plan, directory] = [plans.get(mapping), directories.get(name)];
    return plan === undefined || directory === undefined ? [] : plansOf(plan).map((each) => ({ plan: each, directory }));
  });
}
