import { X509Certificate } from 'node:crypto';
import type { ServiceConfiguration } from './load-service.ts';

/** How long before the end somebody should hear of it: time enough to give a client another token. */
const WARNING_MS = 30 * 86_400_000;

/** What ends one day: a token of a tenant or of the admin listener, or the certificate of the listener. */
export interface Expiry {
  readonly what: 'token' | 'admin token' | 'certificate';
  /** Of a token. */
  readonly tenant?: string;
  readonly credential?: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** All that has an end, with it. */
export function expiriesOf({ bridge, tls }: Pick<ServiceConfiguration, 'bridge' | 'tls'>): readonly Expiry[] {
  const tokens = [...bridge.tenants].flatMap(([tenant, { auth }]) =>
    auth.tokens.flatMap(({ name, expires }) =>
      expires === undefined ? [] : [{ what: 'token', tenant, credential: name, expires } as const],
    ),
  );
  const own = (bridge.admin?.tokens ?? []).flatMap(({ name, expires }) =>
    expires === undefined ? [] : [{ what: 'admin token', credential: name, expires } as const],
  );
  if (tls === undefined) return [...tokens, ...own];
  return [...tokens, ...own, { what: 'certificate', expires: Date.parse(new X509Certificate(tls.certificate).validTo) }];
}

/** Where the warnings go. */
export interface ExpiryLog {
  warn(fields: object, message: string): void;
}

/** @param now milliseconds since the epoch */
export function warnOfExpiries(expiries: readonly Expiry[], now: number, log: ExpiryLog): void {
  for (const { expires, ...whose } of expiries) {
    if (expires - now > WARNING_MS) continue;
    const fields = { ...whose, expires: new Date(expires).toISOString() };
    log.warn(fields, expires <= now ? 'has expired' : 'expires soon: give the client another one in time');
  }
}
