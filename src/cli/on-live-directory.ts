import { formatDiagnostics } from '../config/format-diagnostics.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import { connectDirectory, type LdapDirectory } from '../directory/ldapts-directory.ts';
import { CommandFailure } from './command-failure.ts';
import { directoryOptions } from './connected-directory.ts';
import { EXIT } from './exit-codes.ts';
import { loadService, type ServiceConfiguration } from './load-service.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Works on the live directory of a tenant, over a connection of its own.
 *
 * @throws CommandFailure EXIT.configuration; EXIT.unreachable when the directory does not answer
 */
export async function onLiveDirectory(
  command: string,
  configPath: string,
  tenant: string,
  work: (live: LdapDirectory, service: ServiceConfiguration) => Promise<number>,
): Promise<number> {
  const loaded = loadService(configPath, process.env);
  if (!loaded.ok) throw new CommandFailure(EXIT.configuration, formatDiagnostics(loaded.diagnostics));
  const name = loaded.service.bridge.tenants.get(tenant)?.directory ?? '';
  const live = connectDirectory(directoryOptions(name, loaded.service), SILENT);
  try {
    await live.facts();
    return await work(live, loaded.service);
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    const reason = live.health().reason ?? error.message;
    throw new CommandFailure(EXIT.unreachable, `${command}: the directory ${name} cannot be asked: ${reason}`);
  } finally {
    await live.close();
  }
}
