import type { TLSSocket } from 'node:tls';
import type { Context } from 'koa';
import { ScimError } from '../scim/errors.ts';
import { authenticate } from './authenticate.ts';
import { networks } from './client-address.ts';
import type { Credential } from './credential.ts';
import type { FailedSignIns } from './failed-sign-ins.ts';
import { RateLimit } from './rate-limit.ts';
import type { Tenant } from './tenant.ts';

/** Seconds until a client tries again that came while too many were being served. */
const RETRY_AFTER_CROWD = 1;

/** The door of a tenant: who may come in, and how many at a time. */
export interface Door {
  /** @throws ScimError 400 for an address from which nobody may come in: a 403 would stop a whole Entra job (entra-scim-client §12.3) */
  refuseAddress(address: string): void;

  /** Who asks. @throws ScimError 401, 429, 503 while the keys of an issuer can't be had */
  authenticate(ctx: Context, address: string): Promise<Credential>;

  /** Somebody failed to prove who it is. @throws ScimError 429 when that has happened too often */
  noteFailure(address: string): void;

  /** Lets one in, to do something. @throws ScimError 503 when it is crowded */
  letIn<T>(work: () => Promise<T>): Promise<T>;
}

/** @param signInFailed is told of everybody who could not prove who it is */
export function openDoor({ accepted, allowFrom, limits }: Tenant, failedSignIns: FailedSignIns, signInFailed: () => void): Door {
  const isAllowed = allowFrom === undefined ? () => true : networks(allowFrom);
  const rate = limits.requestsPerSecond === undefined ? undefined : new RateLimit(limits.requestsPerSecond);
  let inFlight = 0;
  return {
    refuseAddress(address) {
      if (!isAllowed(address)) throw new ScimError(400, 'requests are not taken from this address');
    },
    async authenticate(ctx, address) {
      const presented = { authorization: ctx.req.headers.authorization, certificate: certificateOf(ctx) };
      try {
        const credential = await authenticate(presented, accepted, Date.now());
        rate?.take(credential.name, performance.now());
        return credential;
      } catch (error) {
        if (error instanceof ScimError && error.status === 401) this.noteFailure(address);
        throw error;
      }
    },
    noteFailure(address) {
      signInFailed();
      failedSignIns.note(address, performance.now());
    },
    async letIn(work) {
      if (inFlight >= limits.requestsInFlight) throw new ScimError(503, 'too many requests at a time', { retryAfter: RETRY_AFTER_CROWD });
      inFlight += 1;
      try {
        return await work();
      } finally {
        inFlight -= 1;
      }
    },
  };
}

/** The client's certificate in DER form; none unless TLS has checked it against the authority of the configuration. */
function certificateOf(ctx: Context): Buffer | undefined {
  const socket = ctx.req.socket as Partial<TLSSocket>;
  return socket.authorized === true ? socket.getPeerX509Certificate?.()?.raw : undefined;
}
