import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Logger, pino } from 'pino';
import { bridgeFileForm } from '../../config/bridge-file-form.ts';
import { formatDiagnostics } from '../../config/format-diagnostics.ts';
import { readMappingFile } from '../../config/read-mapping-file.ts';
import type { Directory } from '../../directory/directory.ts';
import { DirectoryError } from '../../directory/directory-error.ts';
import { connectDirectory, type LdapDirectory } from '../../directory/ldapts-directory.ts';
import { formatEntry } from '../../ldap/format-ldif.ts';
import { compileMapping } from '../../mapping/compile.ts';
import type { Plan } from '../../mapping/plan.ts';
import type { ServiceConfiguration } from '../load-service.ts';
import { startService } from '../start-service.ts';
import { freePort } from './free-port.ts';
import { BRIDGE_DN, sampleEntries } from './sample-entries.ts';
import type { SlapdEngine } from './slapd-engine.ts';
import { startSlapd } from './throwaway-slapd.ts';

/** The package's `config/`, which is at the same distance from `src/` and from `dist/`. */
const CONFIG = new URL('../../../config/', import.meta.url);
const MAPPING = fileURLToPath(new URL('mappings/openldap.yaml', CONFIG));
const TIMEOUT_MS = 10_000;

/** A throw-away slapd with the daemon in front of it, both on loopback. Nothing of it outlives this process. */
export interface BridgedDirectory {
  /** Of the daemon; no slash at the end. */
  readonly baseUrl: string;
  readonly token: string;
  /** What the daemon goes by: the mapping file as it is shipped. */
  readonly plan: Plan;
  readonly ldapUrl: string;
  /** The daemon's account in the directory. */
  readonly bindDn: string;
  readonly bindPassword: string;
  /** The same directory without the daemon, with the daemon's rights: to see what it has done. */
  readonly directory: Directory;
  /** Whether an account may use the directory. */
  acceptsBind(dn: string, password: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** @throws Error slapd or the daemon can't be started */
export async function startBridgedDirectory(engine: SlapdEngine): Promise<BridgedDirectory> {
  const plan = shippedPlan();
  const log = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }));
  const bindPassword = newSecret();
  const token = newSecret();
  const setup = {
    configuration: readFileSync(new URL('demo/slapd.conf', CONFIG), 'utf8'),
    files: new Map([['scim.schema', readFileSync(new URL('schema/scim.schema', CONFIG), 'utf8')]]),
    ldif: sampleEntries(bindPassword)
      .map((entry) => formatEntry(entry, { secretAttributes: new Set() }))
      .join('\n'),
  };
  const slapd = await startSlapd(setup, engine);
  try {
    const configuration = serviceConfiguration(slapd.url, bindPassword, token, plan, await freePort());
    const service = await startService(configuration, log);
    const directory = connect(slapd.url, BRIDGE_DN, bindPassword, log);
    return {
      baseUrl: `${service.url}/scim/v2`,
      token,
      plan,
      ldapUrl: slapd.url,
      bindDn: BRIDGE_DN,
      bindPassword,
      directory,
      acceptsBind: (dn, password) => acceptsBind(slapd.url, dn, password),
      async stop() {
        await Promise.all([service.stop(), directory.close()]);
        await slapd.stop();
      },
    };
  } catch (error) {
    await slapd.stop();
    throw error;
  }
}

function shippedPlan(): Plan {
  const reading = readMappingFile(MAPPING);
  const compiled = reading.ok ? compileMapping(reading.file, reading.source) : reading;
  if (!compiled.ok) throw new Error(`the shipped mapping file is wrong:\n${formatDiagnostics(compiled.diagnostics)}`);
  return compiled.plan;
}

/** Safe in a shell and in a header. */
function newSecret(): string {
  return randomBytes(16).toString('hex');
}

/** What a bridge.yaml for it would come to, the secrets looked up. */
function serviceConfiguration(ldapUrl: string, bindPassword: string, token: string, plan: Plan, port: number): ServiceConfiguration {
  const host = '127.0.0.1';
  return {
    bridge: bridgeFileForm(['demo']).parse({
      format: '1',
      listen: `${host}:${port}`,
      log: 'warn',
      // On the terminal it would stand between the lines to copy.
      audit: { file: devNull },
      directories: {
        demo: {
          urls: ldapUrl,
          bindDn: BRIDGE_DN,
          bindPassword: { env: 'LDAP_PASSWORD' },
          timeout: `${TIMEOUT_MS}ms`,
          writeFailover: 'never',
        },
      },
      tenants: {
        demo: {
          path: '/scim/v2',
          directory: 'demo',
          mapping: MAPPING,
          auth: { tokens: [{ name: 'demo', secret: { env: 'SCIM_TOKEN' } }] },
        },
      },
    }),
    plans: new Map([[MAPPING, plan]]),
    mappings: new Map(),
    authorities: new Map(),
    clientCertificates: new Map(),
    bindPasswords: new Map([['demo', bindPassword]]),
    tls: undefined,
    secrets: { adminTokens: new Map(), tokens: new Map([['demo', new Map([['demo', token]])]]), clients: new Map() },
  };
}

function connect(url: string, bindDn: string, bindPassword: string, log: Logger): LdapDirectory {
  return connectDirectory({ urls: [url], bindDn, bindPassword, timeoutMs: TIMEOUT_MS, connections: 1 }, log);
}

async function acceptsBind(url: string, dn: string, password: string): Promise<boolean> {
  const directory = connect(url, dn, password, pino({ level: 'silent' }));
  try {
    await directory.facts();
    return true;
  } catch (error) {
    if (error instanceof DirectoryError && error.kind === 'credentials') return false;
    throw error;
  } finally {
    await directory.close();
  }
}
