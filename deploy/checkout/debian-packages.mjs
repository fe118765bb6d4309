import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { runQuietly, say } from './command.mjs';
import { withLock } from './lock.mjs';

/** Two checkouts may install at the same time; apt itself doesn't wait for debconf or for its package lists. */
const APT_LOCK = '/run/scim-ldap-bridge-apt.lock';

/** @returns {boolean} whether apt is there and lets us install */
export function canInstallPackages() {
  return process.getuid?.() === 0 && isInstalled('apt-get');
}

/**
 * Installs Debian packages; one who may (`canInstallPackages`) calls this.
 *
 * @param {readonly string[]} packages
 * @param {object} options
 * @param {string} options.why completes "installing … with apt: "
 * @param {() => boolean} options.isDone asked once it is our turn: another checkout may have installed them meanwhile
 * @param {string} [options.answers] to debconf's questions, as `debconf-set-selections` reads them
 * @returns {Promise<string>} what went wrong, or nothing
 */
export async function installPackages(packages, { why, isDone, answers }) {
  return withLock(APT_LOCK, async () => {
    if (isDone()) return '';
    say(`installing ${packages.join(' ')} with apt: ${why}`);
    return runSteps([
      { command: 'apt-get', args: ['update'] },
      ...(answers === undefined ? [] : [{ command: 'debconf-set-selections', args: [], input: `${answers}\n` }]),
      { command: 'apt-get', args: ['install', '--yes', '--no-install-recommends', ...packages, '--option', 'DPkg::Lock::Timeout=300'] },
    ]);
  });
}

/** In the checkout: programs out of packages whose services nobody asked for. */
const UNPACKED = 'node_modules/.scim-ldap-bridge/bin';

/** Lets children find what `unpackProgram` has unpacked. */
export function putUnpackedInPath() {
  process.env['PATH'] = `${process.env['PATH'] ?? ''}${delimiter}${resolve(UNPACKED)}`;
}

/**
 * Takes one program out of a Debian package without installing it: nothing of it is configured, and no service starts.
 *
 * @param {string} name of the package
 * @param {string} program its path in the package, such as `usr/bin/promtool`
 * @param {string} why completes "unpacking … from Debian's package …: "
 * @returns {Promise<string>} what went wrong, or nothing
 */
export async function unpackProgram(name, program, why) {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-unpack-'));
  say(`unpacking ${program} from Debian's package ${name}: ${why}`);
  try {
    return await withLock(APT_LOCK, () =>
      runSteps([
        { command: 'apt-get', args: ['update'] },
        { command: 'sh', args: ['-c', 'cd "$1" && apt-get download "$2" && dpkg-deb --extract *.deb .', 'sh', folder, name] },
        { command: 'install', args: ['-D', '--target-directory', UNPACKED, join(folder, program)] },
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {readonly { readonly command: string, readonly args: readonly string[], readonly input?: string }[]} steps
 * @returns {Promise<string>} what went wrong, or nothing
 */
async function runSteps(steps) {
  for (const { command, args, input } of steps) {
    const { exitCode, output } = await runQuietly(command, args, { env: { DEBIAN_FRONTEND: 'noninteractive' }, input: input ?? '' });
    if (exitCode !== 0) return `${[command, ...args].join(' ')} failed (exit code ${exitCode}):\n${output.trim()}`;
  }
  return '';
}

/**
 * @param {string} command
 * @returns {boolean} whether it is in PATH or in /usr/sbin, which is not in everybody's PATH
 */
export function isInstalled(command) {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
