import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
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
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const steps = [
      { command: 'apt-get', args: ['update'] },
      ...(answers === undefined ? [] : [{ command: 'debconf-set-selections', args: [], input: `${answers}\n` }]),
      { command: 'apt-get', args: ['install', '--yes', '--no-install-recommends', ...packages, '--option', 'DPkg::Lock::Timeout=300'] },
    ];
    for (const { command, args, input } of steps) {
      const { exitCode, output } = await runQuietly(command, args, { env, input: input ?? '' });
      if (exitCode !== 0) return `${[command, ...args].join(' ')} failed (exit code ${exitCode}):\n${output.trim()}`;
    }
    return '';
  });
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
