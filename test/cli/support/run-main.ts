import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BridgeFileOptions, bridgeFile } from '../../support/bridge-file.ts';
import { refuseSecretsIn, secretsInEnvironment } from '../../support/secret-scanner.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Most of a short run would be spent on reading the sources. */
const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/node');

/** How a run of the program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program as a child process, its output gathered while it runs. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export interface RunOptions {
  /** Default: the checkout. */
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

export function startMain(args: readonly string[], { cwd = ROOT, env = {} }: RunOptions = {}): Running {
  const { PATH = '' } = process.env;
  const command = ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main.ts'), ...args];
  const child = spawn(process.execPath, command, { cwd, env: { PATH, NODE_COMPILE_CACHE: COMPILE_CACHE, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => {
    refuseSecretsIn([stdout, stderr], secretsInEnvironment(env));
    return { code: code as number | null, stdout, stderr };
  });
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}

export function runMain(args: readonly string[], options?: RunOptions): Promise<Ended> {
  return startMain(args, options).ended;
}

/** A folder with a bridge.yaml and the shipped mapping beside it. */
export interface ConfigurationFolder {
  readonly path: string;
  /** Of bridge.yaml. */
  readonly file: string;
  readonly write: (name: string, text: string) => void;
  readonly remove: () => void;
}

export function makeConfigurationFolder(bridge: string): ConfigurationFolder {
  const path = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-cli-'));
  const write = (name: string, text: string) => writeFileSync(join(path, name), text);
  copyFileSync(join(ROOT, 'config/mappings/openldap.yaml'), join(path, 'mapping.yaml'));
  write('bridge.yaml', bridge);
  return { path, file: join(path, 'bridge.yaml'), write, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** bridge.yaml for a directory at an URL, on free ports, with a time limit that tests can exchange. */
export function bridgeText(url: string, addresses: Pick<BridgeFileOptions, 'listen' | 'admin'> = {}): string {
  return bridgeFile(url, { ...addresses, directory: '    timeout: 5s' });
}
