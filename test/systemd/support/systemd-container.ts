import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { imageOf } from '../../support/container-engine.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

/** What PID 1 needs; more capabilities than that are not had everywhere, so the container is not a privileged one. */
const RIGHTS = [
  ...['--cap-add=ALL', '--cap-drop=SYS_RESOURCE', '--cgroupns=host', '--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw'],
  ...['seccomp=unconfined', 'apparmor=unconfined', 'systempaths=unconfined'].map((option) => `--security-opt=${option}`),
  ...['--tmpfs=/run', '--tmpfs=/run/lock'],
];

/** `--wait` alone fails as long as nobody is there to be asked. */
const BOOTED =
  "for _ in $(seq 600); do systemctl is-system-running --wait | grep -Eq 'running|degraded' && exit 0; sleep 0.1; done; exit 1";

/** How a command in the container ended. */
export interface Result {
  readonly code: number;
  /** Standard output and error. */
  readonly output: string;
}

/** A machine with systemd. */
export interface SystemdContainer {
  /** Runs a line of shell as root; whatever its exit code. */
  sh(line: string): Promise<Result>;
  /** The same; @throws Error with the output, when it fails */
  must(line: string): Promise<string>;
  write(path: string, text: string): Promise<void>;
  copyIn(file: string, path: string): Promise<void>;
  stop(): Promise<void>;
}

/** Only where `hasContainerEngine`. Whatever it says of itself, it has booted when this returns. */
export async function startSystemd(): Promise<SystemdContainer> {
  const { context, image, isBuilt } = imageOf(new URL('../systemd-image', import.meta.url));
  if (!isBuilt) await run('docker', ['build', '--quiet', '--tag', image, context]);
  const { stdout } = await run('docker', ['run', '--detach', ...RIGHTS, image]);
  const container = new Container(stdout.trim());
  await container.must(BOOTED);
  return container;
}

class Container implements SystemdContainer {
  readonly #id: string;

  constructor(id: string) {
    this.#id = id;
  }

  async sh(line: string): Promise<Result> {
    try {
      const { stdout, stderr } = await run('docker', ['exec', this.#id, 'sh', '-c', line], { maxBuffer: 1e8 });
      return { code: 0, output: `${stdout}${stderr}` };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: `${stdout}${stderr}` };
    }
  }

  async must(line: string): Promise<string> {
    const { code, output } = await this.sh(line);
    if (code !== 0) throw new Error(`${line}\nended with ${code}:\n${output}`);
    return output;
  }

  async write(path: string, text: string): Promise<void> {
    await this.must(`mkdir -p "$(dirname ${path})" && printf %s ${quote(text)} > ${path}`);
  }

  async copyIn(file: string, path: string): Promise<void> {
    await run('docker', ['cp', file, `${this.#id}:${path}`]);
  }

  async stop(): Promise<void> {
    await run('docker', ['rm', '--force', '--volumes', this.#id]);
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The package, made if it isn't there or the sources have changed. */
export async function packageFile(): Promise<string> {
  await run(process.execPath, ['deploy/checkout/run.mjs', 'package'], { cwd: ROOT, maxBuffer: 1e8 });
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
  const { stdout } = await run('dpkg', ['--print-architecture']);
  return join(ROOT, `build/scim-ldap-bridge_${version}_${stdout.trim()}.deb`);
}
