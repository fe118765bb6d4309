import { randomUUID } from 'node:crypto';
import Koa, { type Context } from 'koa';
import type { AuditTrail } from '../provisioning/audit.ts';
import { maskedAttributes } from '../provisioning/audited-change.ts';
import { describeWrites } from '../provisioning/describe-writes.ts';
import type { OperationLog } from '../provisioning/operation-context.ts';
import { resourcePlans } from '../provisioning/operation-context.ts';
import { logFailure, toScimError } from '../provisioning/operation-failure.ts';
import type { RequestJournal } from '../provisioning/request-journal.ts';
import { type DebugLog, tellOperations } from '../provisioning/tell-operations.ts';
import { untilGone } from '../provisioning/until-gone.ts';
import { watchWrites } from '../provisioning/watch-writes.ts';
import { badRequest, ScimError } from '../scim/errors.ts';
import { clientAddress, type IsIn } from './client-address.ts';
import { type Door, openDoor } from './door.ts';
import { answerError } from './error-response.ts';
import { FailedSignIns } from './failed-sign-ins.ts';
import type { RequestObserver } from './request-observer.ts';
import { normalizePath, readQuery } from './request-target.ts';
import { nameRoute, type RequestState, tenantRoutes } from './routes.ts';
import type { Tenant } from './tenant.ts';
import { answerTokenRequest } from './token-endpoint.ts';
import { readTraceParent, type TraceContext } from './trace-context.ts';

/** A log that can be given fields for all that is said during one request. */
export interface RequestLog extends OperationLog, DebugLog {
  child(fields: object): RequestLog;
  isLevelEnabled(level: 'debug'): boolean;
}

/** What a sane client calls its request; anything else gets an id of ours. */
const SANE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The audit trail of all tenants: opens a part of it for one request. */
export type OpenAuditTrail = (asker: Asker) => AuditTrail;

/** The journal of all tenants: opens a part of it for one request. */
export type OpenJournal = (asker: Asker) => RequestJournal;

/** Who asks: the part of an audit record that is the same for all that one request does. */
export interface Asker extends Partial<TraceContext> {
  readonly requestId: string;
  readonly tenant: string;
  readonly credential: string;
  readonly address: string;
}

/** What an application works with, beside its tenants. */
export interface AppOptions {
  readonly log: RequestLog;
  readonly openAuditTrail: OpenAuditTrail;
  /** Absent: nothing is noted that an undo would need. */
  readonly openJournal?: OpenJournal | undefined;
  /** The proxies whose word on where a request comes from is believed. */
  readonly isTrustedProxy: IsIn;
  readonly observer: RequestObserver;
}

/** The SCIM service of some tenants as a Koa application: each request has one id, one log line, and one answer in SCIM form. */
export function createApp(tenants: readonly Tenant[], { log, openAuditTrail, openJournal, isTrustedProxy, observer }: AppOptions): Koa {
  const app = new Koa();
  app.silent = true;
  app.on('error', (error: unknown) => log.warn({ err: error }, 'an answer could not be sent'));
  const failedSignIns = new FailedSignIns();
  const served = tenants.map((tenant) => {
    const door = openDoor(tenant, failedSignIns, () => observer.signInFailed(tenant.name));
    return { tenant, answer: tenantAnswer(tenant, door, openAuditTrail, openJournal) };
  });
  app.use(async (ctx: Context) => {
    const requestId = requestIdOf(ctx.get('X-Request-Id'));
    const trace = readTraceParent(ctx.get('traceparent'));
    const requestLog = log.child({ requestId, ...trace });
    const started = performance.now();
    observer.requestBegan();
    const address = clientAddress(ctx.req.socket.remoteAddress ?? '', ctx.get('X-Forwarded-For'), isTrustedProxy);
    const caller: Caller = { address, ...trace, route: 'other' };
    const gone = new AbortController();
    ctx.res.once('close', () => {
      if (!ctx.res.writableFinished) gone.abort();
    });
    ctx.set('X-Request-Id', requestId);
    try {
      ctx.path = normalizePath(ctx.req.url ?? '/');
      // RFC 9112 §3.2; what it names is of no interest here.
      if (ctx.req.httpVersion === '1.1' && ctx.req.headers.host === undefined) throw badRequest('invalidSyntax', 'there is no Host header');
      const found = served.find(({ tenant }) => ctx.path === tenant.path || ctx.path.startsWith(`${tenant.path}/`));
      if (found === undefined) throw unanswered(404);
      await found.answer(ctx, requestLog, caller, gone.signal);
    } catch (thrown) {
      const error = toScimError(thrown);
      logFailure(requestLog, error, thrown);
      answerError(ctx, error, requestId);
    }
    const { method, path, status } = ctx;
    const { operations, describe, ...asker } = caller;
    const milliseconds = performance.now() - started;
    const ldapOperations = operations?.() ?? 0;
    const { tenant, credential, route } = asker;
    const written = describe ?? (() => () => '');
    observer.requestEnded({
      tenant,
      credential,
      route,
      requestId,
      method,
      path,
      status,
      milliseconds,
      ldapOperations,
      describeWrites: written,
    });
    const durationMs = Math.round(milliseconds * 10) / 10;
    requestLog.info(
      {
        ...asker,
        method,
        path,
        status,
        durationMs,
        ldapOperations,
        ...(gone.signal.aborted ? { clientIsGone: true } : {}),
      },
      'request',
    );
  });
  return app;
}

/** Who asks for what; filled in as far as it gets known. */
interface Caller extends Partial<TraceContext> {
  readonly address: string;
  tenant?: string;
  credential?: string | undefined;
  /** See `AnsweredRequest`. */
  route: string;
  /** Counts the LDAP operations so far. */
  operations?: () => number;
  /** What was written so far; see `describeWrites`. */
  describe?: (values: 'names' | 'all') => () => string;
}

type TenantAnswer = (ctx: Context, log: RequestLog, caller: Caller, gone: AbortSignal) => Promise<void>;

function tenantAnswer(tenant: Tenant, door: Door, openAuditTrail: OpenAuditTrail, openJournal: OpenJournal | undefined): TenantAnswer {
  const router = tenantRoutes(tenant);
  const [routes, methods] = [router.routes(), router.allowedMethods()];
  const { oauth } = tenant.accepted;
  const masked = maskedAttributes(resourcePlans(tenant.service));
  return async (ctx, log, caller, gone) => {
    caller.tenant = tenant.name;
    caller.route = nameRoute(router, tenant, ctx);
    door.refuseAddress(caller.address);
    if (oauth !== undefined && ctx.path === `${tenant.path}/oauth/token`) {
      caller.route = 'POST /oauth/token';
      caller.credential = await answerTokenRequest(ctx, oauth, () => door.noteFailure(caller.address));
      return;
    }
    const credential = await door.authenticate(ctx, caller.address);
    caller.credential = credential.name;
    const requestId = ctx.response.get('X-Request-Id');
    const { address, traceId, spanId } = caller;
    const trace = traceId === undefined || spanId === undefined ? {} : { traceId, spanId };
    const asker: Asker = { requestId, ...trace, tenant: tenant.name, credential: credential.name, address };
    const audit = openAuditTrail(asker);
    const journal = openJournal?.(asker);
    const { directory } = credential.confined ?? tenant.service;
    const hides = (type: string) => !audit.keepsValues || masked.has(type);
    const watched = watchWrites(
      untilGone(log.isLevelEnabled('debug') ? tellOperations(directory, log, { ...LOGGED, hides }) : directory, gone),
    );
    caller.operations = () => watched.operations();
    caller.describe = (values) => describeWrites(watched.writes, masked, values);
    const operation = {
      ...tenant.service,
      ...credential.confined,
      directory: watched.directory,
      rights: credential.rights,
      log,
      audit,
      ...(journal === undefined ? {} : { journal }),
    };
    const state: RequestState = { tenant, operation, query: readQuery(ctx.req.url ?? '/') };
    const routed = Object.assign(ctx, { state }) as unknown as Parameters<typeof routes>[0] & Parameters<typeof methods>[0];
    await door.letIn(async () => {
      await routes(routed, async () => {
        await methods(routed, () => Promise.resolve());
      });
    });
    if (ctx.status >= 400 && ctx.body === undefined) throw unanswered(ctx.status);
    // The router's answer to OPTIONS: an empty text, and all that it says is in `Allow`.
    if (ctx.body === '') ctx.body = null;
  };
}

/** How much of a write stands in the log. */
const LOGGED = { mostValues: 100, mostLength: 1000 };

/** What the router leaves behind when no route answered: 404, or 405 or 501 with the methods in `Allow`. */
function unanswered(status: number): ScimError {
  if (status === 405) return new ScimError(405, 'this address does not take this method');
  if (status === 501) return new ScimError(501, 'this method is not implemented');
  return new ScimError(404, 'there is nothing at this address');
}

function requestIdOf(given: string): string {
  return SANE_REQUEST_ID.test(given) ? given : randomUUID();
}
