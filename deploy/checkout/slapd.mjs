import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CannotGoOn, runQuietly, say } from './command.mjs';
import { withLock } from './lock.mjs';

/** Debian's package would otherwise configure a directory and start it on port 389. */
const CONFIGURE_NOTHING = 'slapd slapd/no_configuration boolean true';
const INSTALL = ['install', '--yes', '--no-install-recommends', 'slapd', 'ldap-utils'];

/** Two checkouts may install at the same time; apt itself doesn't wait for debconf or for its package lists. */
const APT_LOCK = '/run/scim-ldap-bridge-apt.lock';

/**
 * @param {readonly string[]} args for vitest
 * @returns {boolean} false when they choose the project that starts no server
 */
export function testsNeedSlapd(args) {
  const projects = args.flatMap((arg, index) => {
    if (arg.startsWith('--project=')) return [arg.slice('--project='.length)];
    return arg === '--project' ? [args[index + 1]] : [];
  });
  return projects.length === 0 || projects.some((project) => project !== 'pure');
}

/**
 * Sees to it that there is a slapd that the demo and the tests can start for themselves, or a container engine that brings one.
 * A slapd that is running already is left alone, and none is started or configured.
 *
 * @throws {CannotGoOn} with the command to run
 */
export async function provideSlapd() {
  if (isInstalled('slapd')) return;

  let failure = '';
  if (process.getuid?.() === 0 && isInstalled('apt-get')) {
    failure = await withLock(APT_LOCK, installWithApt);
    if (isInstalled('slapd')) return;
  }
  if ((await runQuietly('docker', ['info'])).exitCode === 0) return;

  throw new CannotGoOn(
    [
      ...(failure === '' ? [] : [failure, '']),
      'slapd is missing, and no container engine answers. As root, on Debian or Ubuntu:',
      '',
      `  echo '${CONFIGURE_NOTHING}' | sudo debconf-set-selections && sudo DEBIAN_FRONTEND=noninteractive apt-get ${INSTALL.join(' ')}`,
      '',
      "Elsewhere: install OpenLDAP's slapd, or start Docker.",
    ].join('\n'),
  );
}

/** @returns {Promise<string>} what went wrong, or nothing */
async function installWithApt() {
  if (isInstalled('slapd')) return '';
  say('installing slapd and ldap-utils with apt: the demo and the tests start directory servers of their own (none is configured)');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const steps = [
    { command: 'apt-get', args: ['update'] },
    { command: 'debconf-set-selections', args: [], input: `${CONFIGURE_NOTHING}\n` },
    { command: 'apt-get', args: [...INSTALL, '--option', 'DPkg::Lock::Timeout=300'] },
  ];
  for (const { command, args, input } of steps) {
    const { exitCode, output } = await runQuietly(command, args, { env, input: input ?? '' });
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
