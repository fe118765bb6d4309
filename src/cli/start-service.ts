import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { isLoopback } from '../config/address.ts';
import type { BridgeFile, LogLevel } from '../config/bridge-file.ts';
import type { DirectoryHealth } from '../directory/ldapts-directory.ts';
import { type Listener, openListener } from '../http/listener.ts';
import { type Expiry, warnOfExpiries } from './expiries.ts';
import { buildGeneration, type Generation } from './generation.ts';
import type { LoadedService, ServiceConfiguration } from './load-service.ts';
import { ServiceTelemetry } from './service-telemetry.ts';

const DAY_MS = 86_400_000;

/** From the least to the most. */
const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'trace'];

/** A running service. */
export interface Service {
  /** Tokens and certificates that end, in force now. */
  readonly expiries: readonly Expiry[];
  /** Where it listens, as `http://host:port`. */
  readonly url: string;
  readonly adminUrl: string | undefined;
  /** Whether the latest attempt to load a configuration put it in force: also the first, with which the service started. */
  readonly lastReloadSuccessful: boolean;
  /** By directory. */
  health(): ReadonlyMap<string, DirectoryHealth>;
  /** Whether every listener accepts a connection within `timeoutMs`. */
  accepts(timeoutMs: number): Promise<boolean>;
  /**
   * Puts another configuration in force: built fully, then swapped. Requests that are in flight finish on the old one. When anything
   * is wrong the old one stays, and the log says why. One at a time; whoever asks while another waits for its turn shares that one.
   * The audit trail goes on in a new file when the old one has been moved away, whatever becomes of the configuration.
   */
  reload(load: () => LoadedService | Promise<LoadedService>): Promise<void>;
  /** Says a level more, or less, in the log until the next reload. */
  stepLogLevel(direction: 'more' | 'less'): void;
  /** Stops accepting, lets what is in flight end, closes the directories' connections. */
  stop(): Promise<void>;
}

/** What systemd opened is not what the configuration wants. */
export class PassedSocketError extends Error {}

/**
 * Opens the listeners. Directories that are away don't keep it from starting: requests get 503 until they are back.
 *
 * @param sockets descriptors that systemd passed on, for `listen: systemd`
 * @throws Error of the system, when a port or the audit file can't be had; nothing is left open then
 * @throws PassedSocketError
 */
export async function startService(configuration: ServiceConfiguration, log: Logger, sockets: readonly number[] = []): Promise<Service> {
  const telemetry = new ServiceTelemetry();
  const service = new RunningService(await buildGeneration(configuration, undefined, log, telemetry), log, telemetry);
  try {
    await service.open(sockets);
  } catch (error) {
    await service.stop();
    throw error;
  }
  return service;
}

class RunningService implements Service {
  url = '';
  adminUrl: string | undefined;
  lastReloadSuccessful = true;
  #lastReload = Date.now();
  readonly #log: Logger;
  readonly #telemetry: ServiceTelemetry;
  /** The public ones: several only where systemd opened them. */
  readonly #listeners: Listener[] = [];
  #adminListener: Listener | undefined;
  #inForce: Generation;
  /** Those that still have directories open: the one in force, and older ones with requests in flight. */
  readonly #generations = new Set<Generation>();
  #reloading: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #isStopping = false;
  #expiryCheck: NodeJS.Timeout | undefined;

  constructor(first: Generation, log: Logger, telemetry: ServiceTelemetry) {
    this.#log = log;
    this.#telemetry = telemetry;
    this.#inForce = first;
    this.#generations.add(first);
    telemetry.watch(() => ({
      inForce: this.#inForce,
      reload: { successful: this.lastReloadSuccessful, lastSuccess: this.#lastReload },
    }));
  }

  get expiries(): readonly Expiry[] {
    return this.#inForce.expiries;
  }

  async open(sockets: readonly number[]): Promise<void> {
    this.#warnOfExpiries();
    this.#expiryCheck = setInterval(() => this.#warnOfExpiries(), DAY_MS).unref();
    const { listen, admin, insecure } = this.#inForce.configuration.bridge;
    const { tls } = this.#inForce.configuration;
    if (listen !== 'systemd' && sockets.length > 0) {
      this.#log.warn({ sockets: sockets.length }, 'systemd opened sockets that are not used: "listen" is not systemd');
    }
    for (const where of listen === 'systemd' ? passed(sockets) : [listen]) {
      const listener = await openListener((...exchange) => this.#inForce.answer(...exchange), where, this.#log, tls);
      this.#listeners.push(listener);
      if (listen === 'systemd') refuseSocket(listener, tls !== undefined || insecure);
    }
    this.url = this.#listeners.map(({ url }) => url).join(' ');
    if (admin === undefined) return;
    this.#adminListener = await openListener((...exchange) => this.#inForce.answerAdmin(...exchange), admin.listen, this.#log);
    this.adminUrl = this.#adminListener.url;
  }

  health(): ReadonlyMap<string, DirectoryHealth> {
    return new Map([...this.#inForce.directories].map(([name, { ldap }]) => [name, ldap.health()]));
  }

  async accepts(timeoutMs: number): Promise<boolean> {
    const accepted = await Promise.all(this.#allListeners().map((listener) => listener.accepts(timeoutMs)));
    return accepted.every(Boolean);
  }

  reload(load: () => LoadedService | Promise<LoadedService>): Promise<void> {
    this.#waiting ??= this.#reloadAfter(this.#reloading, load);
    this.#reloading = this.#waiting;
    return this.#waiting;
  }

  stepLogLevel(direction: 'more' | 'less'): void {
    const now = LOG_LEVELS.findIndex((level) => level === this.#log.level);
    const next = LOG_LEVELS[now + (direction === 'more' ? 1 : -1)];
    if (next !== undefined) this.#setLogLevel(next);
    // Whoever has made the log silent asked for this line.
    this.#log.child({}, { level: 'info' }).info({ logLevel: this.#log.level }, 'the level of the log');
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#expiryCheck);
    await Promise.all(this.#allListeners().map((listener) => listener.close()));
    await this.#reloading;
    const generations = [...this.#generations];
    this.#generations.clear();
    await Promise.all(generations.map((generation) => this.#close(generation)));
  }

  async #reloadAfter(earlier: Promise<void>, load: () => LoadedService | Promise<LoadedService>): Promise<void> {
    await earlier;
    this.#waiting = undefined;
    if (this.#isStopping) return;
    this.lastReloadSuccessful = await this.#reload(load);
    this.#telemetry.metrics.reloadEnded(this.lastReloadSuccessful);
    if (this.lastReloadSuccessful) this.#lastReload = Date.now();
  }

  /** @returns whether the new configuration is in force */
  async #reload(load: () => LoadedService | Promise<LoadedService>): Promise<boolean> {
    this.#inForce.audit.reopen();
    try {
      const loaded = await load();
      for (const { severity, message: reason, file, line, column, help } of loaded.diagnostics) {
        const level = severity === 'error' ? 'error' : 'warn';
        this.#log[level]({ file, line, column, reason, help }, 'a mistake in the configuration');
      }
      if (loaded.ok) {
        await this.#swap(loaded.service);
        return true;
      }
    } catch (err) {
      this.#log.error({ err }, 'the configuration could not be loaded');
    }
    this.#log.error({}, 'not reloaded: the old configuration stays in force');
    return false;
  }

  async #swap(configuration: ServiceConfiguration): Promise<void> {
    const before = this.#inForce;
    const { bridge } = configuration;
    const next = await buildGeneration(configuration, before, this.#log, this.#telemetry);
    this.#generations.add(next);
    this.#inForce = next;
    this.#renewCertificate(before.configuration, configuration);
    this.#warnOfExpiries();
    this.#log.info({ tenants: [...bridge.tenants.keys()] }, 'reloaded');
    for (const key of ['listen', 'admin'] as const) {
      if (!isDeepStrictEqual(addressIn(bridge, key), addressIn(before.configuration.bridge, key))) {
        this.#log.warn({ key }, 'this part of the configuration is in force after a restart only');
      }
    }
    this.#setLogLevel(bridge.log);
    void this.#retire(before);
  }

  /** Whether there is TLS at all, and whether clients show certificates, is decided when the port is opened. */
  #renewCertificate({ tls: before }: ServiceConfiguration, { tls: next }: ServiceConfiguration): void {
    if ((before === undefined) !== (next === undefined) || (before?.clientCa === undefined) !== (next?.clientCa === undefined)) {
      this.#log.warn({ key: 'tls' }, 'this part of the configuration is in force after a restart only');
    } else if (next !== undefined && !isDeepStrictEqual(before, next)) {
      for (const listener of this.#listeners) listener.renewCertificate(next);
      this.#log.info({}, 'the listener shows another certificate');
    }
  }

  #allListeners(): readonly Listener[] {
    return this.#adminListener === undefined ? this.#listeners : [...this.#listeners, this.#adminListener];
  }

  #setLogLevel(level: LogLevel): void {
    const logs = [...this.#generations].flatMap((generation) => generation.logs);
    for (const log of [this.#log, ...logs]) log.level = level;
  }

  #warnOfExpiries(): void {
    warnOfExpiries(this.expiries, Date.now(), this.#log);
  }

  async #retire(generation: Generation): Promise<void> {
    await generation.drained();
    if (this.#generations.delete(generation)) await this.#close(generation);
  }

  /** What no other generation needs. */
  async #close({ audit, journal, directories }: Generation): Promise<void> {
    const others = [...this.#generations];
    if (!others.some((each) => each.audit.file === audit.file)) audit.file?.close();
    if (!others.some((each) => each.journal?.file === journal?.file)) journal?.file.close();
    const needed = new Set(others.flatMap((each) => [...each.directories.values()]));
    const left = [...directories.values()].filter((directory) => !needed.has(directory));
    await Promise.all(left.map(({ ldap }) => ldap.close()));
  }
}

function passed(sockets: readonly number[]): readonly { readonly fd: number }[] {
  if (sockets.length > 0) return sockets.map((fd) => ({ fd }));
  throw new PassedSocketError('"listen" is systemd, which passed no socket: start the socket unit, not the program itself');
}

/** What `check` refuses of an address in the file, it can't see of one that stands in a socket unit. */
function refuseSocket({ url, host }: Listener, mayBeRemote: boolean): void {
  if (host === undefined)
    throw new PassedSocketError('systemd passed a socket that is not TCP, as in ListenStream=443: there is no other way in');
  if (mayBeRemote || isLoopback(host)) return;
  throw new PassedSocketError(
    `systemd listens at ${url}, which other machines can reach, and without "tls" all would be said in clear; or write insecure: true`,
  );
}

/** Of the admin listener only the address needs a restart. */
function addressIn({ listen, admin }: BridgeFile, key: 'listen' | 'admin'): BridgeFile['listen'] | undefined {
  return key === 'listen' ? listen : admin?.listen;
}
