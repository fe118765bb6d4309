import { type Address, formatAddress } from '../config/address.ts';
import { formatDiagnostics } from '../config/format-diagnostics.ts';
import { EXIT } from './exit-codes.ts';
import { fail } from './fail.ts';
import { checkService } from './load-service.ts';

/** Holds a token of the admin listener, where it has some. */
const TOKEN_VARIABLE = 'SCIM_LDAP_BRIDGE_ADMIN_TOKEN';

/**
 * Asks the running daemon, by its admin listener, how far the brakes of its tenants are; or lets everything through for one window.
 *
 * @param tenant undefined: all of them
 */
export async function brakes(configPath: string, action: string, tenant: string | undefined): Promise<number> {
  if (action !== 'status' && action !== 'release') return fail('brakes takes status or release', EXIT.usage);
  const checked = checkService(configPath);
  if (!checked.ok) return fail(formatDiagnostics(checked.diagnostics), EXIT.configuration);
  const { admin } = checked.bridge;
  if (admin === undefined) return fail(`brakes: ${configPath} has no "admin" listener to ask`, EXIT.configuration);
  const url = `http://${formatAddress(reachedAt(admin.listen))}/brakes${action === 'release' ? '/release' : ''}`;
  try {
    const body = JSON.stringify(tenant === undefined ? {} : { tenant });
    const token = process.env[TOKEN_VARIABLE];
    const headers = token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
    const release = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
    const response = await fetch(url, action === 'status' ? { headers } : release);
    const text = await response.text();
    if (response.status === 401) return fail(`brakes: the admin listener wants one of its tokens in $${TOKEN_VARIABLE}`, EXIT.failure);
    if (!response.ok) return fail(`brakes: ${text}`, EXIT.failure);
    process.stdout.write(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    return EXIT.ok;
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return fail(`brakes: the daemon does not answer at ${url}${reason}`, EXIT.failure);
  }
}

/** A listener on all addresses is found on this machine's own. */
function reachedAt({ host, port }: Address): Address {
  return { host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port };
}
