import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import type { SlapdEngine, SlapdPlace } from './slapd-engine.ts';
import { findSlapdEngine } from './slapd-engine.ts';

const PORT_ATTEMPTS = 5;
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5000;
const STARTED = /slapd starting/;
const PORT_TAKEN = /errno=98|Address already in use|port is already allocated/;
const CONNECT_PAUSE_MS = 10;
/** A search for the root DSE (RFC 4511 §4.5.1). Whatever slapd answers: a container's port forwarder takes connections too, and is silent. */
const ROOT_DSE_SEARCH = Buffer.from('3025020101632004000a01000a0100020100020100010100870b6f626a656374436c6173733000', 'hex');

/** What a server is made of. `@DIR@` in the configuration stands for its folder; `@DIR@/db` is there for the database. */
export interface SlapdSetup {
  /** Text of slapd.conf. Paths outside the folder are the ones of Debian's package. */
  readonly configuration: string;
  /** More files for the folder, by name: schemas, certificates. */
  readonly files?: ReadonlyMap<string, string>;
  /** Loaded into the empty database before the first start. */
  readonly ldif: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Logs every operation (`-d stats`). */
  readonly logsOperations?: boolean;
  /** Listens for ldaps:// instead of ldap:// on the port; the configuration names the certificate. */
  readonly ldaps?: boolean;
}

/** A slapd of our own on the loopback interface, with its data in a folder that goes away with it. */
export interface ThrowawaySlapd {
  readonly url: string;
  readonly ldapiUrl: string;
  readonly port: number;
  /** The folder that holds configuration, database and socket. */
  readonly directory: string;
  /** Process id of slapd, or of the container's client; undefined while it is down. */
  readonly pid: number | undefined;
  /** Everything that slapd wrote to stderr since its first start. */
  logText(): string;
  /** Ends it by a signal and waits for its end; the folder stays. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again with its data on the same port, ending it first where needed. */
  restart(): Promise<void>;
  /** Ends it and removes the folder. The same happens when this process exits. */
  stop(): Promise<void>;
}

/**
 * Starts a slapd, installed or in a container, and waits until it answers. Runs as the user we are, never on port 389,
 * and leaves every other slapd alone.
 *
 * @throws Error with what slapd wrote to stderr, or with the command that installs it
 */
export async function startSlapd(setup: SlapdSetup, engine: SlapdEngine = findSlapdEngine()): Promise<ThrowawaySlapd> {
  for (let attempt = 1; ; attempt += 1) {
    const port = setup.port ?? (await freePort());
    const server = new SlapdProcess(setup, port, engine);
    try {
      await server.load(setup.ldif);
      await server.restart();
      return server;
    } catch (error) {
      await server.stop();
      const wasTaken = error instanceof Error && PORT_TAKEN.test(error.message);
      if (!wasTaken || setup.port !== undefined || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

class SlapdProcess implements ThrowawaySlapd {
  readonly url: string;
  readonly ldapiUrl: string;
  readonly port: number;
  readonly directory: string;
  readonly #engine: SlapdEngine;
  readonly #isTls: boolean;
  readonly #place: SlapdPlace;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #log = '';

  constructor({ configuration, files = new Map(), ldaps = false, logsOperations = false }: SlapdSetup, port: number, engine: SlapdEngine) {
    const scheme = ldaps ? 'ldaps' : 'ldap';
    this.directory = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-slapd-'));
    this.port = port;
    this.url = `${scheme}://127.0.0.1:${port}`;
    this.ldapiUrl = `ldapi://${encodeURIComponent(join(this.directory, 'ldapi'))}`;
    this.#engine = engine;
    this.#isTls = ldaps;
    this.#place = { folder: this.directory, port };
    const listeners = `${scheme}://${engine.listenAddress}:${port} ${this.ldapiUrl}`;
    const level = logsOperations ? 'stats' : 'none'; // "none" is what is always worth a word; 0 would be silence
    this.#args = ['-d', level, '-h', listeners, '-f', join(this.directory, 'slapd.conf')];
    LIVING.add(this);

    mkdirSync(join(this.directory, 'db'));
    for (const [name, text] of files) writeFileSync(join(this.directory, name), text, { mode: 0o600 });
    writeFileSync(join(this.directory, 'slapd.conf'), configuration.replaceAll('@DIR@', this.directory), { mode: 0o600 });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  logText(): string {
    return this.#log;
  }

  /** Fills the database (slapadd, which is slapd under another name). */
  async load(ldif: string): Promise<void> {
    const file = join(this.directory, 'base.ldif');
    writeFileSync(file, ldif);
    const { folder } = this.#place;
    const child = this.#spawn(['-T', 'add', '-q', '-f', join(folder, 'slapd.conf'), '-l', file]);
    const [code] = await ended(child);
    this.#child = undefined;
    if (code !== 0) throw new Error(`slapadd failed:\n${this.#log}`);
  }

  async restart(): Promise<void> {
    await this.kill('SIGTERM');
    const from = this.#log.length;
    const child = this.#spawn(this.#args);
    if ((await this.#saysStarted(child, from)) && (await this.#accepts(child))) return;
    await this.kill('SIGKILL');
    throw new Error(`slapd did not start:\n${this.#log.slice(from)}`);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const end = ended(child);
    this.#engine.kill(child, signal, this.#place);
    const overdue = setTimeout(() => this.#engine.kill(child, 'SIGKILL', this.#place), STOP_TIMEOUT_MS);
    await end;
    clearTimeout(overdue);
    this.#child = undefined;
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    this.remove();
  }

  /** What can be done while the process exits: all of it is synchronous. */
  remove(): void {
    LIVING.delete(this);
    if (this.#child !== undefined) this.#engine.kill(this.#child, 'SIGKILL', this.#place);
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Another server on our port would answer too, so what counts first is the word of our own. */
  #saysStarted(child: ChildProcess, from: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), START_TIMEOUT_MS);
      const look = () => {
        if (STARTED.test(this.#log.slice(from))) finish(true);
      };
      const finish = (started: boolean) => {
        clearTimeout(timer);
        child.stderr?.off('data', look);
        resolve(started);
      };
      child.stderr?.on('data', look);
      void ended(child).then(() => finish(false));
    });
  }

  /** It begins to listen a moment after it said so. */
  async #accepts(child: ChildProcess): Promise<boolean> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
      if (await isAnswering(this.port, this.#isTls)) return true;
      await pause(CONNECT_PAUSE_MS);
    }
    return false;
  }

  #spawn(args: readonly string[]): ChildProcess {
    const child = this.#engine.spawn(args, this.#place);
    child.on('error', (error) => this.#keep(`${error.message}\n`));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    this.#child = child;
    return child;
  }

  #keep(text: string): void {
    this.#log += text;
  }
}

/** Servers whose process and folder must not outlive this process. */
const LIVING = new Set<SlapdProcess>();
process.on('exit', () => {
  for (const server of LIVING) server.remove();
});

/** Exit code and signal, once the process has ended and all its output was read; also when it couldn't be started. */
async function ended(child: ChildProcess): Promise<readonly [code: number | null, signal: NodeJS.Signals | null]> {
  if (child.stderr?.closed === true && (child.exitCode !== null || child.signalCode !== null)) return [child.exitCode, child.signalCode];
  return new Promise((resolve) => {
    child.once('error', () => resolve([127, null]));
    child.once('close', (code, signal) => resolve([code, signal]));
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function isAnswering(port: number, isTls: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('connect', () => (isTls ? finish(true) : socket.write(ROOT_DSE_SEARCH)));
    socket.once('data', () => finish(true));
    socket.once('error', () => finish(false)).once('close', () => finish(false));
  });
}
