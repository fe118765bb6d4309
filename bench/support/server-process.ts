import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bridgeFile } from '../../test/support/bridge-file.ts';
import { BRIDGE_PASSWORD } from '../../test/support/openldap.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 2;

export const TOKEN = 'a-token-for-the-benchmark';
/** Of the tenant, below the daemon's URL. */
export const TENANT_PATH = '/scim/v2';

/** A server in a process of its own. */
export interface ServerProcess {
  readonly pid: number;
  readonly url: string;
  /** Everything that it wrote to standard error. */
  stderr(): string;
  stop(): Promise<void>;
}

/** Files for TLS on both sides: `certificate.pem`, `key.pem`, `ca.pem`. */
export interface TlsFolder {
  readonly folder: string;
}

/** The route of `hand-written-route.ts`. */
export function startRoute(ldapUrl: string, tls: TlsFolder | undefined): Promise<ServerProcess> {
  const env = { LDAP_URL: ldapUrl, ...(tls === undefined ? {} : { TLS_FOLDER: tls.folder, LDAP_CA: join(tls.folder, 'ca.pem') }) };
  const args = ['--disable-warning=ExperimentalWarning', 'bench/hand-written-route.ts'];
  return start(args, env, (text) => /^(https?:\S+)/.exec(text)?.[1], makeFolder());
}

export interface DaemonOptions {
  readonly tls?: TlsFolder | undefined;
  /** Lines of bridge.yaml. */
  readonly service?: string;
  /** Lines of the directory in bridge.yaml, indented by four. */
  readonly directory?: string;
  /** Arguments of Node.js. */
  readonly node?: readonly string[];
}

/** The daemon as an operator runs it: built, with the shipped mapping, its log and its audit trail in files. */
export async function startDaemon(
  ldapUrl: string,
  { tls, service = '', directory = '', node = [] }: DaemonOptions = {},
): Promise<ServerProcess> {
  const folder = makeFolder();
  const file = (name: string) => join(folder, name);
  copyFileSync(join(ROOT, 'config/mappings/openldap.yaml'), file('mapping.yaml'));
  const secured = tls === undefined ? '' : `tls: { certificate: ${tls.folder}/certificate.pem, key: { file: ${tls.folder}/key.pem } }`;
  const startTls = tls === undefined ? '' : `    startTls: true\n    ca: ${tls.folder}/ca.pem\n`;
  const text = bridgeFile(ldapUrl, {
    service: `audit: { file: ${file('audit.log')} }\nstateDirectory: ${folder}\n${secured}\n${service}`,
    directory: `${startTls}${directory}`,
    tenant: '    limits: { requestsInFlight: 1000 }',
  });
  writeFileSync(file('bridge.yaml'), text);
  const args = [...node, 'dist/main.js', 'serve', '--config', file('bridge.yaml')];
  return start(args, { LDAP_PASSWORD: BRIDGE_PASSWORD, SCIM_TOKEN: TOKEN }, readyUrl, folder);
}

function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-bench-'));
}

function readyUrl(log: string): string | undefined {
  const line = log.split('\n').find((each) => each.includes('"msg":"ready"'));
  return line === undefined ? undefined : (JSON.parse(line) as { readonly url: string }).url;
}

/**
 * @param readUrl finds the URL in what was written to standard output
 * @param folder for what it writes; goes away with it
 */
async function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  readUrl: (text: string) => string | undefined,
  folder: string,
): Promise<ServerProcess> {
  const logFile = join(folder, 'log');
  const { PATH = '' } = process.env;
  const descriptor = openSync(logFile, 'a');
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { PATH, ...env }, stdio: ['ignore', descriptor, 'pipe'] });
  closeSync(descriptor);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const url = readUrl(readFileSync(logFile, 'utf8'));
    if (url !== undefined) return { pid: child.pid ?? 0, url, stderr: () => stderr, stop: () => stop(child, folder) };
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`the server did not start:\n${stderr}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
