import { CannotGoOn, runQuietly } from './command.mjs';
import { canInstallPackages, installPackages, isInstalled } from './debian-packages.mjs';

/** Debian's package would otherwise configure a directory and start it on port 389. */
const CONFIGURE_NOTHING = 'slapd slapd/no_configuration boolean true';
const PACKAGES = ['slapd', 'ldap-utils'];

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
  const isThere = () => isInstalled('slapd');
  if (isThere()) return;

  let failure = '';
  if (canInstallPackages()) {
    const why = 'the demo and the tests start directory servers of their own (none is configured)';
    failure = await installPackages(PACKAGES, { why, isDone: isThere, answers: CONFIGURE_NOTHING });
    if (isThere()) return;
  }
  if ((await runQuietly('docker', ['info'])).exitCode === 0) return;

  const install = ['install', '--yes', '--no-install-recommends', ...PACKAGES].join(' ');
  throw new CannotGoOn(
    [
      ...(failure === '' ? [] : [failure, '']),
      'slapd is missing, and no container engine answers. As root, on Debian or Ubuntu:',
      '',
      `  echo '${CONFIGURE_NOTHING}' | sudo debconf-set-selections && sudo DEBIAN_FRONTEND=noninteractive apt-get ${install}`,
      '',
      "Elsewhere: install OpenLDAP's slapd, or start Docker.",
    ].join('\n'),
  );
}
