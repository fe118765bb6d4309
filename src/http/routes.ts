import { Router } from '@koa/router';
import type { BaseContext, DefaultState, ParameterizedContext } from 'koa';
import { audited } from '../provisioning/audit.ts';
import { authorize, type Right, readable } from '../provisioning/authorize.ts';
import { carryOutBulk } from '../provisioning/bulk.ts';
import { createResource } from '../provisioning/create.ts';
import { deleteResource } from '../provisioning/delete.ts';
import {
  listResourceTypes,
  listSchemas,
  retrieveResourceType,
  retrieveSchema,
  retrieveServiceProviderConfig,
} from '../provisioning/discover.ts';
import { locate } from '../provisioning/find-entry.ts';
import { modifyResource } from '../provisioning/modify.ts';
import { inMode } from '../provisioning/operating-mode.ts';
import {
  type KindPlans,
  locationOf,
  type OperationContext,
  type ResourcePlan,
  resourceKinds,
  resourcePlans,
} from '../provisioning/operation-context.ts';
import { queryResources } from '../provisioning/query.ts';
import { replaceResource } from '../provisioning/replace.ts';
import { retrieveResource } from '../provisioning/retrieve.ts';
import { readBulkRequest } from '../scim/bulk.ts';
import { ScimError } from '../scim/errors.ts';
import { bulkResponse, MEDIA_TYPE } from '../scim/messages.ts';
import { type Projection, readProjection } from '../scim/projection.ts';
import { isObject, type ScimObject } from '../scim/resource.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import { meetsCondition, readVersionCondition, type VersionCondition } from '../scim/version-condition.ts';
import { readBody } from './request-body.ts';
import { readNames } from './request-target.ts';
import { readSearchBody, readSearchParameters } from './search-request.ts';
import type { Tenant } from './tenant.ts';

/** What a handler finds beside Koa's own context; made by `app`. */
export interface RequestState extends DefaultState {
  readonly operation: OperationContext;
  readonly tenant: Tenant;
  readonly query: ReadonlyMap<string, string>;
}

type Context = ParameterizedContext<RequestState>;
type Handler = (ctx: Context, plan: ResourcePlan, id: string) => Promise<void>;
/** A context with what the route's pattern found. */
type Addressed = Context & { readonly params: Readonly<Record<string, string>> };
type Work = (ctx: Addressed) => Promise<void>;

/** All that a tenant answers (RFC 7644 §3.2), below its path. */
export function tenantRoutes(tenant: Tenant): Router<RequestState> {
  const router = new Router<RequestState>({ prefix: tenant.path });
  for (const plans of resourceKinds(tenant.service)) {
    const [{ resourceType, target }] = plans;
    const endpoint = `/${resourceType.endpoint}`;
    const found = (handler: Handler) => async (ctx: Addressed) => {
      const id = ctx.params['id'] ?? '';
      await handler(ctx, await locate(ctx.state.operation, plans, id), id);
    };
    const writing = (right: Right, work: Work) => recorded(permitted(right, target, inTenantMode(work)));
    const one = `${endpoint}/:id`;
    router.post(`${endpoint}/.search`, searchIn(plans));
    router.get(endpoint, queryIn(plans));
    router.post(endpoint, writing('create', createIn(plans)));
    router.get(one, permitted('read', target, found(retrieve)));
    router.put(one, writing('update', found(replace)));
    router.patch(one, writing('update', found(modify)));
    router.delete(one, writing('delete', found(remove)));
  }
  for (const [path, make] of DISCOVERY) router.get(path, path.endsWith('/:id') ? discoveryOfOne(make) : discovery(make));
  router.all('/Me', notImplemented);
  router.post('/Bulk', (ctx: Context) => bulk(ctx));
  router.get('/', queryIn(resourcePlans(tenant.service)));
  router.post('/.search', searchIn(resourcePlans(tenant.service)));
  return router;
}

/** The method and pattern of the route that a request takes, such as `GET /Users/:id`; `other` where there is none. */
export function nameRoute(router: Router<RequestState>, { path: prefix }: Tenant, { path, method }: BaseContext): string {
  const [layer] = router.match(path, method).pathAndMethod;
  if (layer === undefined) return 'other';
  const isForAll = layer.methods.length > MOST_METHODS;
  return `${isForAll ? 'any' : layer.methods.at(-1)} ${String(layer.path).slice(prefix.length)}`;
}

/** Of a route for one method: `HEAD` comes with `GET`. */
const MOST_METHODS = 2;

/** Does what the credential may do. */
function permitted(right: Right, target: ResourcePlan['target'], work: Work): Work {
  return async (ctx) => {
    authorize(ctx.state.operation, right, target);
    await work(ctx);
  };
}

/** What only the answer to a request that was carried out says of the resource. */
const OF_THE_RESOURCE = ['Location', 'Content-Location', 'ETag'];

/** Writes as the tenant's mode says. */
function inTenantMode(work: Work): Work {
  return async (ctx) => {
    try {
      await inMode(ctx.state.operation, { method: ctx.method, path: ctx.path }, async (operation) => {
        ctx.state = { ...ctx.state, operation };
        await work(ctx);
        return { status: ctx.status };
      });
    } catch (error) {
      for (const name of OF_THE_RESOURCE) ctx.remove(name);
      throw error;
    }
  };
}

/** Leaves a record in the audit trail of what it does. */
function recorded(work: Work): Work {
  return async (ctx) => {
    await audited(ctx.state.operation, { method: ctx.method, path: ctx.path, id: ctx.params['id'] }, async (operation) => {
      ctx.state = { ...ctx.state, operation };
      await work(ctx);
      return { status: ctx.status, id: ctx.params['id'] ?? ctx.response.get('Location').split('/').at(-1) };
    });
  };
}

function queryIn(plans: readonly ResourcePlan[]): Work {
  return async (ctx) => {
    const { operation, query } = ctx.state;
    answer(ctx, 200, await queryResources(operation, readable(operation, plans), readSearchParameters(query)));
  };
}

/** The same query as a POST: for filters that are too long or too private for a URL (RFC 7644 §3.4.3). */
function searchIn(plans: readonly ResourcePlan[]): Work {
  return async (ctx) => {
    const { operation } = ctx.state;
    answer(ctx, 200, await queryResources(operation, readable(operation, plans), readSearchBody(await bodyOf(ctx))));
  };
}

function createIn(plans: KindPlans): Work {
  return async (ctx) => {
    const resource = await createResource(ctx.state.operation, plans, await bodyOf(ctx), (type) => projectionOf(ctx, type));
    const { id } = resource;
    ctx.set('Location', locationOf(ctx.state.operation, plans[0].target, typeof id === 'string' ? id : ''));
    answer(ctx, 201, resource);
  };
}

async function retrieve(ctx: Context, plan: ResourcePlan, id: string): Promise<void> {
  const resource = await retrieveResource(ctx.state.operation, plan, id, projectionOf(ctx, plan.resourceType));
  answer(ctx, 200, resource);
  const known = conditionOf(ctx, 'If-None-Match');
  if (known !== undefined && meetsCondition(known, versionIn(resource))) ctx.status = 304;
}

async function replace(ctx: Context, plan: ResourcePlan, id: string): Promise<void> {
  answer(
    ctx,
    200,
    await replaceResource(
      ctx.state.operation,
      plan,
      id,
      await bodyOf(ctx),
      projectionOf(ctx, plan.resourceType),
      conditionOf(ctx, 'If-Match'),
    ),
  );
}

/** A user is answered with 200 and the whole resource, a group with 204, for its members may be many (entra-scim-client §7). */
async function modify(ctx: Context, plan: ResourcePlan, id: string): Promise<void> {
  const asks = ctx.state.query.has('attributes') || ctx.state.query.has('excludedattributes');
  const projection = plan.target === 'users' || asks ? projectionOf(ctx, plan.resourceType) : undefined;
  const { resource } = await modifyResource(ctx.state.operation, plan, id, await bodyOf(ctx), projection, conditionOf(ctx, 'If-Match'));
  if (resource === undefined) ctx.status = 204;
  else answer(ctx, 200, resource);
}

async function remove(ctx: Context, plan: ResourcePlan, id: string): Promise<void> {
  await deleteResource(ctx.state.operation, plan, id, conditionOf(ctx, 'If-Match'));
  ctx.status = 204;
}

async function bulk(ctx: Context): Promise<void> {
  const { operation } = ctx.state;
  const resourceTypes = resourceKinds(operation).map(([{ resourceType }]) => resourceType);
  const request = readBulkRequest(await bodyOf(ctx), resourceTypes, bulkLimits(ctx).maxOperations);
  answer(ctx, 200, bulkResponse(await carryOutBulk(operation, request), ctx.response.get('X-Request-Id')));
}

type MakeDocument = (ctx: Context, id: string) => ScimObject;

const DISCOVERY: readonly (readonly [path: string, make: MakeDocument])[] = [
  ['/Schemas', (ctx) => listSchemas(ctx.state.operation)],
  ['/Schemas/:id', (ctx, id) => retrieveSchema(ctx.state.operation, id)],
  ['/ResourceTypes', (ctx) => listResourceTypes(ctx.state.operation)],
  ['/ResourceTypes/:id', (ctx, id) => retrieveResourceType(ctx.state.operation, id)],
  ['/ServiceProviderConfig', (ctx) => retrieveServiceProviderConfig(ctx.state.operation, bulkLimits(ctx))],
];

/** A document that is the same for all who ask, as long as the tenant's routes are: it is made once. */
function discovery(make: MakeDocument) {
  let made: { readonly resource: ScimObject; readonly text: string } | undefined;
  return (ctx: Context): void => {
    refuseFilter(ctx);
    if (made === undefined) {
      const resource = make(ctx, '');
      made = { resource, text: JSON.stringify(resource) };
    }
    answer(ctx, 200, made.resource, made.text);
  };
}

function discoveryOfOne(make: MakeDocument) {
  return (ctx: Context & { params: Record<string, string> }): void => {
    refuseFilter(ctx);
    answer(ctx, 200, make(ctx, ctx.params['id'] ?? ''));
  };
}

/** Filters on discovery are forbidden (RFC 7644 §4). */
function refuseFilter(ctx: Context): void {
  if (ctx.state.query.has('filter')) throw new ScimError(403, 'discovery takes no filter');
}

function notImplemented(ctx: Context): void {
  throw new ScimError(501, `${ctx.method} ${ctx.path} is not implemented`);
}

/** Announced and enforced (RFC 7644 §3.7.4). A bulk request may be as long as any other. */
function bulkLimits(ctx: Context) {
  const { bulkOperations, bodyBytes } = ctx.state.tenant.limits;
  return { maxOperations: bulkOperations, maxPayloadSize: bodyBytes };
}

/** Bodies that have been read: an operation that is tried out first reads its own twice. */
const bodies = new WeakMap<Context['req'], ReturnType<typeof readBody>>();

function bodyOf(ctx: Context) {
  const body = bodies.get(ctx.req) ?? readBody(ctx.req, ctx.state.tenant.limits);
  bodies.set(ctx.req, body);
  return body;
}

function projectionOf(ctx: Context, type: ResourceType): Projection {
  return readProjection(readNames(ctx.state.query, 'attributes'), readNames(ctx.state.query, 'excludedAttributes'), type);
}

/** A condition on the resource's version; undefined when the client makes none. */
function conditionOf(ctx: Context, name: 'If-Match' | 'If-None-Match'): VersionCondition | undefined {
  const header = ctx.get(name);
  return header === '' ? undefined : readVersionCondition(name, header);
}

function versionIn({ meta }: ScimObject): string | undefined {
  const version = isObject(meta) ? meta['version'] : undefined;
  return typeof version === 'string' ? version : undefined;
}

function answer(ctx: Context, status: number, resource: ScimObject, text = JSON.stringify(resource)): void {
  ctx.status = status;
  ctx.type = MEDIA_TYPE;
  const { meta } = resource;
  const location = isObject(meta) ? meta['location'] : undefined;
  if (typeof location === 'string') ctx.set('Content-Location', location);
  const version = versionIn(resource);
  if (version !== undefined) ctx.set('ETag', version);
  ctx.body = text;
}
