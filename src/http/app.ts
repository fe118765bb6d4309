import { randomUUID } from 'node:crypto';
import Koa, { type Middleware } from 'koa';
import type { OperationLog } from '../provisioning/operation-context.ts';
import { ScimError } from '../scim/errors.ts';
import { authenticate } from './authenticate.ts';
import { answerError, toScimError } from './error-response.ts';
import { normalizePath, readQuery } from './request-target.ts';
import { type RequestState, tenantRoutes } from './routes.ts';
import type { Tenant } from './tenant.ts';

/** A log that can be given fields for all that is said during one request. */
export interface RequestLog extends OperationLog {
  child(fields: object): RequestLog;
}

/** What a sane client calls its request; anything else gets an id of ours. */
const SANE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The SCIM service of some tenants as a Koa application: one request id, one log line and one answer in SCIM form for each request. */
export function createApp(tenants: readonly Tenant[], log: RequestLog): Koa {
  const app = new Koa();
  const served = tenants.map((tenant) => ({ tenant, routes: dispatch(tenant) }));
  app.silent = true;
  app.on('error', (error) => log.warn({ err: error }, 'an answer could not be sent'));
  app.use(async (ctx) => {
    const requestId = requestIdOf(ctx.get('X-Request-Id'));
    const started = performance.now();
    const requestLog = log.child({ requestId });
    const line: { tenant?: string; credential?: string } = {};
    ctx.set('X-Request-Id', requestId);
    try {
      ctx.path = normalizePath(ctx.req.url ?? '/');
      const found = served.find(({ tenant }) => ctx.path === tenant.path || ctx.path.startsWith(`${tenant.path}/`));
      if (found === undefined) throw new ScimError(404, 'there is nothing here');
      line.tenant = found.tenant.name;
      line.credential = authenticate(ctx.get('Authorization'), found.tenant.credentials, Date.now()).name;
      const state: RequestState = {
        tenant: found.tenant,
        operation: { ...found.tenant.service, log: requestLog },
        query: readQuery(ctx.req.url ?? '/'),
      };
      Object.assign(ctx.state, state);
      await found.routes(ctx as never, async () => undefined);
      if (ctx.status >= 400 && ctx.body === undefined) throw unanswered(ctx.status);
    } catch (thrown) {
      const error = toScimError(thrown);
      if (error.status >= 500) requestLog.error({ err: error === thrown ? (error.cause ?? error) : thrown }, 'a request failed');
      else if (error.cause !== undefined) requestLog.info({ err: error.cause }, 'the directory refused a request');
      answerError(ctx, error, requestId);
    } finally {
      const { method, path, status } = ctx;
      const durationMs = Math.round((performance.now() - started) * 10) / 10;
      requestLog.info({ ...line, method, path, status, durationMs }, 'request');
    }
  });
  return app;
}

function dispatch(tenant: Tenant): Middleware {
  const router = tenantRoutes(tenant);
  const routes = router.routes();
  const methods = router.allowedMethods();
  return (ctx, next) => routes(ctx as never, () => methods(ctx as never, next));
}

/** What the router leaves behind when no route answered: 404, or 405 or 501 with the methods in `Allow`. */
function unanswered(status: number): ScimError {
  if (status === 405) return new ScimError(405, 'this address does not take this method');
  if (status === 501) return new ScimError(501, 'this method is not implemented');
  return new ScimError(404, 'there is nothing at this address');
}

function requestIdOf(given: string): string {
  return SANE_REQUEST_ID.test(given) ? given : randomUUID();
}
