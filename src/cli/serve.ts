import { once } from 'node:events';
import pino, { type Logger } from 'pino';
import { formatDiagnostics } from '../config/format-diagnostics.ts';
import { StateDirectoryError } from '../state/intent-journal.ts';
import { EXIT } from './exit-codes.ts';
import { fail } from './fail.ts';
import { loadService, withExamples } from './load-service.ts';
import { openLogOutput } from './log-output.ts';
import { PassedSocketError, type Service, startService } from './start-service.ts';
import { passedSockets } from './systemd/passed-sockets.ts';
import { type ServiceManager, serviceManagerOf } from './systemd/service-manager.ts';
import { giveSignsOfLife } from './systemd/signs-of-life.ts';
import { statusOf } from './systemd/status-of.ts';

/** How long a stop waits for what is in flight. */
const STOP_TIMEOUT_MS = 30_000;

/** Runs the daemon until SIGTERM or SIGINT. SIGHUP loads the configuration anew; SIGUSR1 says more in the log, SIGUSR2 less. */
export async function serve(configPath: string): Promise<number> {
  const load = () => withExamples(loadService(configPath, process.env));
  const loaded = await load();
  if (loaded.diagnostics.length > 0) process.stderr.write(`${formatDiagnostics(loaded.diagnostics)}\n`);
  if (!loaded.ok) return EXIT.configuration;
  const { service: configuration } = loaded;
  const log = createLog(configuration.bridge.log);
  let service: Service;
  try {
    service = await startService(configuration, log, passedSockets(process.env, process.pid));
  } catch (error) {
    if (error instanceof StateDirectoryError || error instanceof PassedSocketError) return fail(error.message, EXIT.configuration);
    if (!isSystemError(error)) throw error;
    return fail(error.message, EXIT.failure);
  }
  const manager = serviceManagerOf(process.env, log);
  // before anybody hears of "ready" and may send one: a signal that nobody listens to ends the process
  process.on('SIGHUP', () => void reload(service, load, manager));
  process.on('SIGUSR1', () => service.stepLogLevel('more'));
  process.on('SIGUSR2', () => service.stepLogLevel('less'));
  const stop = Promise.race([once(process, 'SIGTERM').then(() => 'SIGTERM'), once(process, 'SIGINT').then(() => 'SIGINT')]);
  log.info({ url: service.url, adminUrl: service.adminUrl, tenants: [...configuration.bridge.tenants.keys()] }, 'ready');
  void manager.ready(statusOf(service));
  const endSignsOfLife = giveSignsOfLife(service, manager, log);
  const signal = await stop;
  log.info({ signal }, 'stopping');
  void manager.stopping('finishing the requests in flight');
  const overdue = setTimeout(() => {
    log.warn({ seconds: STOP_TIMEOUT_MS / 1000 }, 'requests were still in flight when time was up');
    process.exit(EXIT.ok);
  }, STOP_TIMEOUT_MS);
  await service.stop();
  clearTimeout(overdue);
  endSignsOfLife();
  log.info({}, 'stopped');
  return EXIT.ok;
}

async function reload(service: Service, load: Parameters<Service['reload']>[0], manager: ServiceManager): Promise<void> {
  void manager.reloading();
  await service.reload(load);
  void manager.ready(statusOf(service));
}

/** A port that is taken, or a file that is not ours to open: the operator knows what to do, and needs no stack for it. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && ['listen', 'getaddrinfo', 'open'].includes(String(error.syscall));
}

/** JSON lines on standard output, times in ISO 8601, levels by name: what journald and people read. */
function createLog(level: string): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, openLogOutput());
}
