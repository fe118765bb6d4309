import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadService } from '../../src/cli/load-service.ts';
import { type Service, startService } from '../../src/cli/start-service.ts';
import { bridgeFile } from './bridge-file.ts';
import { type OpenLdap, type OpenLdapOptions, startOpenLdap } from './openldap.ts';
import { addSecret, refuseSecretsIn, secretsIn } from './secret-scanner.ts';
import type { ContainerDirectory, TestDirectory } from './test-directory.ts';

export const TOKEN = 'a-token-for-the-tests';

export interface BridgeOptions extends OpenLdapOptions, BridgeFiles {
  /** Where the bridge looks for the directory; default: the slapd that is started. */
  readonly url?: (ldap: OpenLdap) => string;
}

/** What a test changes in the files of the bridge. */
export interface BridgeFiles {
  /** Changes the shipped mapping before it is used. */
  readonly mapping?: (text: string) => string;
  /** Lines added to `auth` of the tenant, indented by six. */
  readonly auth?: string;
  /** Lines added to the tenant in bridge.yaml, indented by four. */
  readonly tenant?: string;
  /** Lines added to bridge.yaml itself; without them the audit trail is in a file, so that it stays out of `log`. */
  readonly service?: string;
  /** Lines added to the directory in bridge.yaml, indented by four. */
  readonly directory?: string;
  /** `admin` in bridge.yaml; default: any free port of loopback. */
  readonly admin?: string;
  /** `debug`: every LDAP operation is in `log` too, and looked through for secrets. */
  readonly level?: 'debug';
  /** SASL EXTERNAL instead of a name and a password. */
  readonly isExternal?: boolean;
}

/** What came back for one request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when there is none. */
  readonly body: ReturnType<typeof JSON.parse>;
}

/** The whole product for one test file: a real directory, a shipped mapping, the daemon in this process. */
export interface Bridge<Ldap extends TestDirectory = OpenLdap> {
  readonly ldap: Ldap;
  /** Base URL of the tenant. */
  readonly url: string;
  readonly adminUrl: string;
  /** Everything that was logged, a JSON object a line. */
  readonly log: readonly string[];
  /** Empties `log`, once it has been seen that no secret is in it. */
  forgetLog(): void;
  /** Sends a request with the token; a body that isn't text is sent as JSON. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startBridge(options: BridgeOptions = {}): Promise<Bridge> {
  const ldap = await startOpenLdap(options);
  return bridgeTo(ldap, options.url?.(ldap) ?? ldap.url, 'openldap', options);
}

/** The bridge in front of servers that are there already, preferred first. That one goes down with it. */
export function startBridgeOn(servers: readonly [OpenLdap, ...OpenLdap[]], files: BridgeFiles = {}): Promise<Bridge> {
  return bridgeTo(
    servers[0],
    servers.map(({ url }) => url),
    'openldap',
    files,
  );
}

/**
 * The bridge in front of a directory in a container, over TLS. The directory goes down with it.
 *
 * @param mapping name of a file of config/mappings
 */
export async function startContainerBridge(
  ldap: ContainerDirectory,
  mapping: string,
  files: BridgeFiles = {},
): Promise<Bridge<ContainerDirectory>> {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-ca-'));
  try {
    writeFileSync(join(folder, 'ca.pem'), ldap.ca);
    return await bridgeTo(ldap, ldap.ldapsUrl, mapping, {
      ...files,
      directory: `    ca: ${join(folder, 'ca.pem')}\n${files.directory ?? ''}`,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The bridge in front of a directory on this machine, which goes down with it. */
export function startBridgeTo<Ldap extends TestDirectory>(ldap: Ldap, mapping: string, files: BridgeFiles = {}): Promise<Bridge<Ldap>> {
  return bridgeTo(ldap, ldap.url, mapping, files);
}

/**
 * The bridge in front of a directory that goes on when it stops, for another one beside it or after it.
 *
 * @param mapping name of a file of config/mappings
 */
export function startBridgeBeside(
  ldap: TestDirectory | ContainerDirectory,
  mapping: string,
  files: BridgeFiles = {},
): Promise<Bridge<TestDirectory>> {
  const shared = withoutStop(ldap);
  return 'ca' in shared ? startContainerBridge(shared, mapping, files) : startBridgeTo(shared, mapping, files);
}

/** The same directory; who stops it has stopped nothing. */
function withoutStop<Ldap extends TestDirectory>(ldap: Ldap): Ldap {
  return new Proxy(ldap, {
    get(target, key) {
      if (key === 'stop') return () => Promise.resolve();
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** Another daemon in front of the same directory, which stays when it stops. */
export function startAnother({ ldap }: Bridge, files: BridgeFiles = {}): Promise<Bridge<TestDirectory>> {
  const { url, bindDn, bindPassword } = ldap;
  const same = { url, bindDn, bindPassword, stop: () => Promise.resolve() } as unknown as TestDirectory;
  return bridgeTo(same, url, 'openldap', files);
}

async function bridgeTo<Ldap extends TestDirectory>(
  ldap: Ldap,
  url: string | readonly string[],
  mapping: string,
  files: BridgeFiles,
): Promise<Bridge<Ldap>> {
  const auditFolder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-audit-'));
  const auditFile = join(auditFolder, 'audit.log');
  const loaded = load(ldap, url, mapping, { service: `audit: { file: ${auditFile} }`, ...files });
  if (!loaded.ok) {
    rmSync(auditFolder, { recursive: true });
    await ldap.stop();
    throw new Error(JSON.stringify(loaded.diagnostics, null, 2));
  }
  const log: string[] = [];
  const secrets = new Set([TOKEN, ldap.bindPassword]);
  const service = await startService(
    loaded.service,
    pino({ level: files.level ?? 'info' }, { write: (line: string) => void log.push(line) }),
  );
  return {
    ldap,
    log,
    url: `${service.url}/scim/v2`,
    adminUrl: service.adminUrl ?? '',
    forgetLog() {
      refuseSecretsIn(log, secrets);
      log.length = 0;
    },
    send(method, path, body, headers = {}) {
      for (const secret of secretsIn(body)) addSecret(secrets, secret);
      return send(service, method, path, body, headers);
    },
    async stop() {
      await service.stop();
      await ldap.stop();
      const trail = existsSync(auditFile) ? readFileSync(auditFile, 'utf8').split('\n') : [];
      rmSync(auditFolder, { recursive: true });
      refuseSecretsIn([...log, ...trail], secrets);
    },
  };
}

/** Loads the configuration as `serve` does, from files that are gone afterwards. */
function load(ldap: TestDirectory, url: string | readonly string[], mapping: string, files: BridgeFiles): ReturnType<typeof loadService> {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-test-'));
  try {
    const shipped = readFileSync(new URL(`../../config/mappings/${mapping}.yaml`, import.meta.url), 'utf8');
    writeFileSync(join(folder, 'mapping.yaml'), (files.mapping ?? ((text) => text))(shipped));
    const { auth = '', tenant = '', directory = '', service = '', isExternal = false, admin = '127.0.0.1:0' } = files;
    writeFileSync(
      join(folder, 'bridge.yaml'),
      bridgeFile(url, { bindDn: ldap.bindDn, isExternal, directory, auth, tenant, service, admin }),
    );
    return loadService(join(folder, 'bridge.yaml'), { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function send(service: Service, method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${service.url}/scim/v2${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) };
}
