import Koa, { type Context } from 'koa';
import type { Brakes } from '../provisioning/brakes.ts';
import { ScimError } from '../scim/errors.ts';
import { isJsonObject } from '../scim/json.ts';
import { readBody } from './request-body.ts';

/** What the admin listener asks of a directory. */
export interface Probed {
  health(): { readonly ready: boolean; readonly reason?: string };
}

/** What the admin listener tells of. */
export interface AdminOptions {
  readonly directories: ReadonlyMap<string, Probed>;
  /** By tenant. */
  readonly brakes: ReadonlyMap<string, Brakes>;
  readonly printMetrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/**
 * The admin listener: `/healthz` says that the process answers, `/readyz` whether every directory does, each with its reason.
 * `/brakes` says how far the brakes of the tenants are, a POST to `/brakes/release` releases them. `/metrics` is for Prometheus.
 * It is never on the public address.
 */
export function createAdminApp({ directories, brakes, printMetrics }: AdminOptions): Koa {
  const app = new Koa();
  app.use(async (ctx) => {
    if (ctx.path === '/healthz') {
      ctx.body = { status: 'ok' };
    } else if (ctx.path === '/readyz') {
      const health = [...directories].map(([name, directory]) => [name, directory.health()] as const);
      const isReady = health.every(([, { ready }]) => ready);
      ctx.status = isReady ? 200 : 503;
      ctx.body = { status: isReady ? 'ready' : 'not ready', directories: Object.fromEntries(health) };
    } else if (ctx.path === '/metrics') {
      const { contentType, text } = await printMetrics();
      ctx.set('Content-Type', contentType);
      ctx.body = text;
    } else if (ctx.path === '/brakes' && ctx.method === 'GET') {
      const statuses = [...brakes].map(async ([tenant, each]) => [tenant, await each.status()] as const);
      ctx.body = Object.fromEntries(await Promise.all(statuses));
    } else if (ctx.path === '/brakes/release' && ctx.method === 'POST') {
      await releaseBrakes(ctx, brakes).catch((error: unknown) => answerRefusal(ctx, error));
    } else {
      ctx.status = 404;
      ctx.body = { status: 'not found' };
    }
  });
  return app;
}

/** A body of JSON is asked for, because a page in a browser on this machine can't send one elsewhere without being asked first. */
async function releaseBrakes(ctx: Context, brakes: ReadonlyMap<string, Brakes>): Promise<void> {
  const body = await readBody(ctx.req, { bodyBytes: 1024, listValues: 0 });
  const tenant = isJsonObject(body) ? body['tenant'] : undefined;
  const released = [...brakes].filter(([name]) => tenant === undefined || name === tenant);
  for (const [, each] of released) each.release();
  ctx.status = released.length === 0 ? 404 : 200;
  ctx.body = released.length === 0 ? { status: 'there is no such tenant with brakes' } : { released: released.map(([name]) => name) };
}

function answerRefusal(ctx: Context, error: unknown): void {
  if (!(error instanceof ScimError)) throw error;
  ctx.status = error.status;
  ctx.body = { status: error.detail };
}
