import { once } from 'node:events';
import pino, { type Logger } from 'pino';
import { formatDiagnostics } from '../config/format-diagnostics.ts';
import { StateDirectoryError } from '../state/intent-journal.ts';
import { EXIT } from './exit-codes.ts';
import { fail } from './fail.ts';
import { loadService, withExamples } from './load-service.ts';
import { type Service, startService } from './start-service.ts';

/** How long a stop waits for what is in flight. */
const STOP_TIMEOUT_MS = 30_000;

/** Runs the daemon until SIGTERM or SIGINT; SIGHUP loads the configuration anew. */
export async function serve(configPath: string): Promise<number> {
  const load = () => withExamples(loadService(configPath, process.env));
  const loaded = await load();
  if (loaded.diagnostics.length > 0) process.stderr.write(`${formatDiagnostics(loaded.diagnostics)}\n`);
  if (!loaded.ok) return EXIT.configuration;
  const { service: configuration } = loaded;
  const log = createLog(configuration.bridge.log);
  let service: Service;
  try {
    service = await startService(configuration, log);
  } catch (error) {
    if (!isSystemError(error) && !(error instanceof StateDirectoryError)) throw error;
    return fail(error.message, error instanceof StateDirectoryError ? EXIT.configuration : EXIT.failure);
  }
  // before anybody hears of "ready" and may send one: a signal that nobody listens to ends the process
  process.on('SIGHUP', () => void service.reload(load));
  process.on('SIGUSR2', () => service.reopenAudit());
  const stop = Promise.race([once(process, 'SIGTERM').then(() => 'SIGTERM'), once(process, 'SIGINT').then(() => 'SIGINT')]);
  log.info({ url: service.url, adminUrl: service.adminUrl, tenants: [...configuration.bridge.tenants.keys()] }, 'ready');
  const signal = await stop;
  log.info({ signal }, 'stopping');
  const overdue = setTimeout(() => {
    log.warn({ seconds: STOP_TIMEOUT_MS / 1000 }, 'requests were still in flight when time was up');
    process.exit(EXIT.ok);
  }, STOP_TIMEOUT_MS);
  await service.stop();
  clearTimeout(overdue);
  log.info({}, 'stopped');
  return EXIT.ok;
}

/** A port that is taken, or a file that is not ours to open: the operator knows what to do, and needs no stack for it. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && ['listen', 'getaddrinfo', 'open'].includes(String(error.syscall));
}

/** JSON lines on standard output, times in ISO 8601, levels by name: what journald and people read. */
function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
