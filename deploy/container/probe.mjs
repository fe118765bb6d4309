/**
 * `node probe.mjs /healthz` (or /readyz), inside the container: exit code 0 when the admin listener answers 200, otherwise 1, with what
 * it says on stderr. $SCIM_LDAP_BRIDGE_ADMIN is `admin` of bridge.yaml, where that isn't 127.0.0.1:9464.
 */
const TIMEOUT_MS = 4000;

const admin = process.env['SCIM_LDAP_BRIDGE_ADMIN'] ?? '127.0.0.1:9464';
const path = process.argv[2] ?? '/healthz';
try {
  const answer = await fetch(`http://${admin}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(await answer.text());
} catch (error) {
  process.stderr.write(`${String(error instanceof Error ? (error.cause ?? error) : error)}\n`);
  process.exitCode = 1;
}
