import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, copyFileSync, existsSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

const PLACES = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/lib/openldap'];
/** Ubuntu confines slapd to the folders of its package; the rule goes by the path of the program. */
const APPARMOR_PROFILE = '/etc/apparmor.d/usr.sbin.slapd';

const IMAGE = 'scim-ldap-bridge/slapd:bookworm';
const DOCKERFILE = `FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends slapd && rm -rf /var/lib/apt/lists/*
`;

/** In a process group of its own: a Ctrl-C in the terminal is for us, who end the server when we are ready. */
const IN_BACKGROUND: SpawnOptions = { stdio: ['ignore', 'ignore', 'pipe'], detached: true };

/** What an engine has to know of the server it runs. */
export interface SlapdPlace {
  /** Holds everything the server reads and writes. */
  readonly folder: string;
  readonly port: number;
}

/** A way to run slapd. */
export interface SlapdEngine {
  /** The address to listen on so that 127.0.0.1 of this machine leads there. */
  readonly listenAddress: string;
  /** Starts slapd with these arguments, in the foreground, with its log on stderr. */
  spawn(args: readonly string[], place: SlapdPlace): ChildProcess;
  /** Sends a signal to the server itself. Synchronous, for the exit of the process too. */
  kill(child: ChildProcess, signal: NodeJS.Signals, place: SlapdPlace): void;
}

/**
 * The installed slapd, or one in a container when Docker answers (its image is built the first time).
 *
 * @param places folders in which the program may be
 * @throws Error with the command that installs slapd, when there is neither
 */
export function findSlapdEngine(places: readonly string[] = PLACES): SlapdEngine {
  const slapd = places.map((place) => join(place, 'slapd')).find(isExecutable);
  if (slapd !== undefined) return installedSlapd(slapd);
  if (succeeds('docker', ['version', '--format', '{{.Server.Version}}'])) return containerSlapd();
  throw new Error(
    'OpenLDAP (slapd) is not installed, and Docker does not answer. On Debian and Ubuntu:\n' +
      '  sudo apt-get install --no-install-recommends slapd',
  );
}

function installedSlapd(program: string): SlapdEngine {
  return {
    listenAddress: '127.0.0.1',
    spawn: (args, { folder }) => spawn(existsSync(APPARMOR_PROFILE) ? copyInto(folder, program) : program, args, IN_BACKGROUND),
    kill: (child, signal) => child.kill(signal),
  };
}

function copyInto(folder: string, program: string): string {
  const copy = join(folder, 'slapd');
  if (!existsSync(copy)) copyFileSync(program, copy);
  return copy;
}

function containerSlapd(): SlapdEngine {
  if (!succeeds('docker', ['image', 'inspect', IMAGE])) {
    const { status, stderr } = spawnSync('docker', ['build', '--tag', IMAGE, '-'], { input: DOCKERFILE, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the slapd image could not be built:\n${stderr}`);
  }
  const nameOf = ({ folder }: SlapdPlace) => basename(folder);
  return {
    listenAddress: '0.0.0.0',
    spawn(args, place) {
      const { folder, port } = place;
      const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
      const isolation = ['--rm', '--name', nameOf(place), '--user', user, '--volume', `${folder}:${folder}`];
      const run = ['run', ...isolation, '--publish', `127.0.0.1:${port}:${port}`, '--entrypoint', '/usr/sbin/slapd', IMAGE];
      return spawn('docker', [...run, ...args], IN_BACKGROUND);
    },
    kill: (_child, signal, place) => void spawnSync('docker', ['kill', '--signal', signal, nameOf(place)], { stdio: 'ignore' }),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}
