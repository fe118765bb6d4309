import type { Logger } from 'pino';
import type { Service } from '../start-service.ts';
import type { ServiceManager } from './service-manager.ts';
import { statusOf } from './status-of.ts';

/** How soon `systemctl status` shows that something has changed. */
const STATUS_MS = 1000;

/**
 * Twice in the time that systemd waits for a sign of life one is given: when the event loop gets to it and every listener accepts a
 * connection. A status that has changed is said in between, or where systemd waits for nothing.
 *
 * @returns ends it
 */
export function giveSignsOfLife(service: Service, manager: ServiceManager, log: Logger): () => void {
  let said = statusOf(service);
  const tellChanges = async (): Promise<void> => {
    const status = statusOf(service);
    if (status !== said) await manager.tell(status);
    said = status;
  };
  const timers = [repeat(tellChanges, STATUS_MS)];
  const { watchdogMs } = manager;
  if (watchdogMs !== undefined) {
    const periodMs = watchdogMs / 2;
    const beat = async (): Promise<void> => {
      if (await service.accepts(periodMs)) await manager.alive(statusOf(service));
      else
        log.error(
          {},
          'a listener accepts no connections: systemd gets no sign of life, and starts the service anew when its patience ends',
        );
    };
    timers.push(repeat(beat, periodMs));
  }
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

/** Again and again, but never twice at a time. */
function repeat(work: () => Promise<void>, periodMs: number): NodeJS.Timeout {
  let isBusy = false;
  return setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    void work().finally(() => (isBusy = false));
  }, periodMs).unref();
}
