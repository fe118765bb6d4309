import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import Koa, { type Context } from 'koa';
import type { Brakes } from '../provisioning/brakes.ts';
import { ScimError } from '../scim/errors.ts';
import { isJsonObject } from '../scim/json.ts';
import { authenticate } from './authenticate.ts';
import type { BearerToken } from './credential.ts';
import { FailedSignIns } from './failed-sign-ins.ts';
import { readBody } from './request-body.ts';

/** What the admin listener asks of a directory. */
export interface Probed {
  health(): { readonly ready: boolean; readonly reason?: string };
}

/** What the admin listener tells of. */
export interface AdminOptions {
  /** Those that open it; none: nobody is asked, for only this machine reaches it. */
  readonly tokens: readonly BearerToken[];
  readonly directories: ReadonlyMap<string, Probed>;
  /** By tenant. */
  readonly brakes: ReadonlyMap<string, Brakes>;
  readonly printMetrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** A page as HTML, and its style sheet, which is in it. */
  readonly statusPage: { readonly render: () => string; readonly style: string };
}

/**
 * The admin listener: `/healthz` says that the process answers, `/readyz` whether every directory does, each with its reason.
 * `/brakes` says how far the brakes of the tenants are, a POST to `/brakes/release` releases them. `/metrics` is for Prometheus, `/` for
 * people. It is never on the public address. Where there are tokens, everything needs one but the two answers for probes, which say
 * no more than yes or no to others.
 */
export function createAdminApp(options: AdminOptions): Koa {
  const app = new Koa();
  const failures = new FailedSignIns();
  app.use(async (ctx) => {
    try {
      await answer(ctx, options, failures);
    } catch (error) {
      answerRefusal(ctx, error);
    }
  });
  return app;
}

async function answer(ctx: Context, options: AdminOptions, failures: FailedSignIns): Promise<void> {
  const { brakes, printMetrics } = options;
  if (ctx.path === '/healthz') {
    ctx.body = { status: 'ok' };
    return;
  }
  if (ctx.path === '/readyz') {
    await answerReadiness(ctx, options);
    return;
  }
  await refuseStrangers(ctx, options.tokens, failures);
  const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
  if (ctx.path === '/' && isRead) answerStatusPage(ctx, options);
  else if (ctx.path === '/metrics' && isRead) {
    const { contentType, text } = await printMetrics();
    ctx.set('Content-Type', contentType);
    ctx.body = text;
  } else if (ctx.path === '/brakes' && isRead) {
    const statuses = [...brakes].map(async ([tenant, each]) => [tenant, await each.status()] as const);
    ctx.body = Object.fromEntries(await Promise.all(statuses));
  } else if (ctx.path === '/brakes/release' && ctx.method === 'POST') {
    await releaseBrakes(ctx, brakes);
  } else {
    ctx.status = 404;
    ctx.body = { status: 'not found' };
  }
}

async function answerReadiness(ctx: Context, { directories, tokens }: AdminOptions): Promise<void> {
  const health = [...directories].map(([name, directory]) => [name, directory.health()] as const);
  const isReady = health.every(([, { ready }]) => ready);
  const mayKnow = tokens.length === 0 || (await isKnown(ctx, tokens));
  ctx.status = isReady ? 200 : 503;
  ctx.body = { status: isReady ? 'ready' : 'not ready', ...(mayKnow ? { directories: Object.fromEntries(health) } : {}) };
}

async function refuseStrangers(ctx: Context, tokens: readonly BearerToken[], failures: FailedSignIns): Promise<void> {
  if (tokens.length === 0 || (await isKnown(ctx, tokens))) return;
  failures.note(ctx.req.socket.remoteAddress ?? '', performance.now());
  throw new ScimError(401, 'a token of "admin" in bridge.yaml is needed');
}

async function isKnown(ctx: Context, tokens: readonly BearerToken[]): Promise<boolean> {
  const accepted = { tokens, certificates: [], jwt: undefined, oauth: undefined };
  const presented = { authorization: asBearer(ctx.get('Authorization')), certificate: undefined };
  return authenticate(presented, accepted, Date.now()).then(
    () => true,
    () => false,
  );
}

/** Browsers ask for a name and a password (RFC 7617): any name will do, and the password is the token. */
function asBearer(authorization: string): string {
  const basic = /^basic +(\S+)$/i.exec(authorization)?.[1];
  if (basic === undefined) return authorization;
  const pair = Buffer.from(basic, 'base64').toString();
  return `Bearer ${pair.slice(pair.indexOf(':') + 1)}`;
}

/** Nothing but the page's own style sheet may have an effect in it, and nobody keeps it. */
function answerStatusPage(ctx: Context, { tokens, statusPage }: AdminOptions): void {
  if (tokens.length === 0 && !isOwnName(ctx.hostname)) {
    throw new ScimError(421, 'this page is asked for by the address of this machine, or as localhost');
  }
  const digest = createHash('sha256').update(statusPage.style).digest('base64');
  ctx.set({
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  });
  ctx.body = statusPage.render();
}

/** A page elsewhere can give a name of its own this machine's address and have its visitors' browsers ask here, but not by another name. */
function isOwnName(hostname: string): boolean {
  return hostname === 'localhost' || isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
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
  if (error.status === 401) ctx.set('WWW-Authenticate', ['Bearer realm="admin"', 'Basic realm="admin", charset="UTF-8"']);
  if (error.retryAfter !== undefined) ctx.set('Retry-After', String(error.retryAfter));
  ctx.body = { status: error.detail };
}
