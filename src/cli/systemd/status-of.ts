import type { Service } from '../start-service.ts';

/** One line for `systemctl status`: where the service is, whether its directories answer, whether what was last loaded is in force. */
export function statusOf(service: Pick<Service, 'url' | 'lastReloadSuccessful' | 'health'>): string {
  const directories = [...service.health()].map(([name, { ready, reason = '' }]) =>
    ready ? `directory ${name} answers` : `directory ${name} is away (${reason}): its tenants get 503`,
  );
  const refused = service.lastReloadSuccessful ? [] : ['THE LATEST RELOAD WAS REFUSED, the configuration before it stays in force'];
  return [...refused, `serving ${service.url}`, ...directories].join('; ');
}
