import type { Logger } from 'pino';
import type { Service } from '../start-service.ts';
import type { ServiceManager } from './service-manager.ts';
import { statusOf } from './status-of.ts';

/** How often what `systemctl status` shows is renewed, where no sign of life carries it. */
const STATUS_MS = 10_000;

/**
 * Twice in the time that systemd waits for a sign of life one is given: when the event loop gets to it and every listener accepts a
 * connection. Where systemd waits for none, only a status that has changed is said.
 *
 * @returns ends it
 */
export function giveSignsOfLife(service: Service, manager: ServiceManager, log: Logger): () => void {
  const { watchdogMs } = manager;
  const periodMs = watchdogMs === undefined ? STATUS_MS : watchdogMs / 2;
  let said = '';
  let isBusy = false;
  const beat = async (): Promise<void> => {
    const status = statusOf(service);
    if (watchdogMs === undefined) {
      if (status !== said) await manager.tell(status);
    } else if (await service.accepts(periodMs)) {
      await manager.alive(status);
    } else {
      log.error({}, 'a listener accepts no connections: systemd gets no sign of life, and starts the service anew when its patience ends');
    }
    said = status;
  };
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    void beat().finally(() => (isBusy = false));
  }, periodMs).unref();
  return () => clearInterval(timer);
}
