import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import type { Environment } from '../../config/secrets.ts';

/** `systemd-notify` returns when systemd has read what it sent; whoever waits longer waits for nothing. */
const NOTIFY_TIMEOUT_MS = 10_000;

const run = promisify(execFile);

/** What starts, watches and stops the daemon: systemd, by the protocol of sd_notify(3); or nobody. */
export interface ServiceManager {
  /** How often a sign of life is due at the latest, in milliseconds; undefined: none is expected. */
  readonly watchdogMs: number | undefined;
  /** The listeners are open, or a reload is over. @param status a line for people, here and below */
  ready(status: string): Promise<void>;
  /** A reload has begun. */
  reloading(): Promise<void>;
  /** A sign of life. */
  alive(status: string): Promise<void>;
  /** What `systemctl status` shows. */
  tell(status: string): Promise<void>;
  stopping(status: string): Promise<void>;
}

/** @param environment with `NOTIFY_SOCKET` where a service manager listens */
export function serviceManagerOf(environment: Environment, log: Logger): ServiceManager {
  return new Systemd(environment, log);
}

/** Node.js has no datagram sockets of Unix: each message is a child's. They go one after the other, in the order of the calls. */
class Systemd implements ServiceManager {
  readonly watchdogMs: number | undefined;
  readonly #isThere: boolean;
  readonly #log: Logger;
  #sent: Promise<void> = Promise.resolve();

  constructor(environment: Environment, log: Logger) {
    const { NOTIFY_SOCKET = '' } = environment;
    this.#isThere = NOTIFY_SOCKET !== '';
    this.watchdogMs = this.#isThere ? watchdogOf(environment) : undefined;
    this.#log = log;
  }

  ready(status: string): Promise<void> {
    return this.#send('READY=1', `MAINPID=${process.pid}`, statusLine(status));
  }

  reloading(): Promise<void> {
    return this.#send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`, statusLine('loading the configuration'));
  }

  alive(status: string): Promise<void> {
    return this.#send('WATCHDOG=1', statusLine(status));
  }

  tell(status: string): Promise<void> {
    return this.#send(statusLine(status));
  }

  stopping(status: string): Promise<void> {
    return this.#send('STOPPING=1', statusLine(status));
  }

  #send(...assignments: readonly string[]): Promise<void> {
    if (this.#isThere) this.#sent = this.#sent.then(() => this.#sendNow(assignments));
    return this.#sent;
  }

  async #sendNow(assignments: readonly string[]): Promise<void> {
    try {
      await run('systemd-notify', assignments, { timeout: NOTIFY_TIMEOUT_MS });
    } catch (err) {
      this.#log.error({ err }, 'systemd was not told: NOTIFY_SOCKET is set, and systemd-notify failed');
    }
  }
}

/** `WATCHDOG_PID` says whose signs of life are expected, where several processes share the environment (sd_watchdog_enabled(3)). */
function watchdogOf({ WATCHDOG_USEC = '', WATCHDOG_PID = '' }: Environment): number | undefined {
  const isOurs = WATCHDOG_PID === '' || WATCHDOG_PID === String(process.pid);
  return isOurs && /^[1-9]\d*$/.test(WATCHDOG_USEC) ? Number(WATCHDOG_USEC) / 1000 : undefined;
}

function statusLine(status: string): string {
  return `STATUS=${status.replaceAll(/\s+/g, ' ')}`;
}
