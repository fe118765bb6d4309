import { setImmediate as giveWay } from 'node:timers/promises';
import { DirectoryError } from '../directory/directory-error.ts';
import { type BulkAction, type BulkOperation, type BulkRequest, type BulkResult, exchangeInData, exchangeInPath } from '../scim/bulk.ts';
import { orderOperations } from '../scim/bulk-order.ts';
import type { Exchange } from '../scim/bulk-references.ts';
import { ScimError } from '../scim/errors.ts';
import { readProjection } from '../scim/projection.ts';
import { isObject, newObject, type ScimObject } from '../scim/resource.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import { audited } from './audit.ts';
import { authorize, type Right } from './authorize.ts';
import { createResource } from './create.ts';
import { deleteResource } from './delete.ts';
import { locate } from './find-entry.ts';
import { modifyResource } from './modify.ts';
import { inMode } from './operating-mode.ts';
import { type KindPlans, locationOf, type OperationContext, resourceKinds } from './operation-context.ts';
import { logFailure, toScimError } from './operation-failure.ts';
import { replaceResource } from './replace.ts';

/**
 * Carries out the operations of a bulk request (RFC 7644 §3.7), one after the other, each as if it had been sent by itself: what
 * one of them did stays done when another fails. Creations come before what refers to them (`orderOperations`).
 *
 * When the directory goes away, the operations left are not tried: each would cost a time limit.
 *
 * @returns what became of each operation, in the client's order; without those that `failOnErrors` kept from being carried out
 */
export async function carryOutBulk(context: OperationContext, request: BulkRequest): Promise<readonly BulkResult[]> {
  const { failOnErrors = Number.POSITIVE_INFINITY } = request;
  const { operations, circular } = orderOperations(request.operations);
  const created = new Map<string, string>();
  const results = new Map<BulkOperation, BulkResult>();
  let errors = 0;
  let isAway = false;
  for (const operation of operations) {
    // Also between operations that never ask the directory: others are waiting for this thread.
    await giveWay();
    const { id, ...result } = isAway
      ? notTried(operation)
      : await carryOut(context, operation, (bulkId) => idBehind(bulkId, created, circular.has(operation)));
    results.set(operation, result);
    isAway ||= saysDirectoryIsAway(result);
    if (result.error !== undefined) errors += 1;
    else if (operation.method === 'POST' && operation.bulkId !== undefined && id !== undefined) created.set(operation.bulkId, id);
    if (errors >= failOnErrors) break;
  }
  return request.operations.flatMap((operation) => results.get(operation) ?? []);
}

/** Whether asking again would only cost the client another time limit. */
function saysDirectoryIsAway({ error }: BulkResult): boolean {
  return error?.cause instanceof DirectoryError && (error.cause.kind === 'unavailable' || error.cause.kind === 'unknownOutcome');
}

function notTried({ method, bulkId }: BulkOperation): Outcome {
  const error = new ScimError(503, 'not tried: the directory was not available for an operation before this one');
  return { method, bulkId, status: error.status, location: undefined, version: undefined, error, id: undefined };
}

/** @throws ScimError 409 when there is no such resource (RFC 7644 §3.7.1) */
function idBehind(bulkId: string, created: ReadonlyMap<string, string>, isCircular: boolean): string {
  const id = created.get(bulkId);
  if (id !== undefined) return id;
  const reason = isCircular ? 'operations refer to each other in a circle' : 'no operation of this request has created such a resource';
  throw new ScimError(409, `bulkId ${JSON.stringify(bulkId)}: ${reason}`);
}

/** What became of an operation, and the id of its resource where it has one. */
interface Outcome extends BulkResult {
  readonly id: string | undefined;
}

async function carryOut(context: OperationContext, operation: BulkOperation, exchange: Exchange): Promise<Outcome> {
  const { method, bulkId, action } = operation;
  let located: BulkAction | undefined;
  let outcome: Done | ScimError;
  try {
    const attempt = { method: method ?? 'unknown', path: pathOf(action) ?? '/Bulk', id: targetOf(action) };
    outcome = await audited(context, attempt, (recorded) => {
      if (action instanceof ScimError) throw action;
      located = exchangeInPath(action, exchange);
      const plans = plansFor(context, located);
      const data = exchangeInData(located, exchange);
      return inMode(recorded, attempt, (operating) => perform(operating, plans, data));
    });
  } catch (thrown) {
    const refusal = toScimError(thrown);
    logFailure(context.log, refusal, thrown);
    outcome = refusal;
  }
  const { status } = outcome;
  const [done, error] = outcome instanceof ScimError ? [undefined, outcome] : [outcome, undefined];
  const id = done?.id ?? targetOf(located);
  const location = located === undefined || id === undefined ? undefined : locationFor(context, located, id);
  context.log.info({ method, path: pathOf(located ?? action), status, ...(bulkId === undefined ? {} : { bulkId }) }, 'bulk operation');
  return { method, bulkId, status, location, version: done?.version, error, id };
}

/** What a single request would have answered, and what its answer would have told of the resource. */
interface Done {
  readonly status: number;
  readonly id?: string;
  readonly version?: string;
}

const RIGHTS: Readonly<Record<BulkAction['kind'], Right>> = { create: 'create', replace: 'update', modify: 'update', delete: 'delete' };

async function perform(context: OperationContext, plans: KindPlans, action: BulkAction): Promise<Done> {
  authorize(context, RIGHTS[action.kind], plans[0].target);
  const versionOnly = (resourceType: ResourceType) => readProjection(['meta.version'], undefined, resourceType);
  if (action.kind === 'create') return { status: 201, ...identityOf(await createResource(context, plans, action.data, versionOnly)) };
  const plan = await locate(context, plans, action.id);
  const shown = versionOnly(plan.resourceType);
  switch (action.kind) {
    case 'replace':
      return { status: 200, ...identityOf(await replaceResource(context, plan, action.id, action.data, shown, action.ifMatch)) };
    case 'modify': {
      const { resource } = await modifyResource(context, plan, action.id, action.data, shown, action.ifMatch);
      return { status: 200, ...identityOf(resource) };
    }
    case 'delete':
      await deleteResource(context, plan, action.id, action.ifMatch);
      return { status: 204, id: action.id };
    default:
      return action satisfies never;
  }
}

function identityOf(resource: ScimObject = newObject()): Pick<Done, 'id' | 'version'> {
  const { id, meta } = resource;
  const version = isObject(meta) ? meta['version'] : undefined;
  return { ...(typeof id === 'string' ? { id } : {}), ...(typeof version === 'string' ? { version } : {}) };
}

/** @throws Error for an action on a kind of resource that the tenant doesn't have: a slip of the programmer */
function plansFor(context: OperationContext, { resourceType }: BulkAction): KindPlans {
  const plans = resourceKinds(context).find(([first]) => first.resourceType === resourceType);
  if (plans === undefined) throw new Error(`the tenant has no ${resourceType.endpoint}`);
  return plans;
}

/** An id that a client made up may hold anything. */
function locationFor(context: OperationContext, action: BulkAction, id: string): string {
  return locationOf(context, plansFor(context, action)[0].target, encodeURIComponent(id));
}

/** The id that an action names; undefined when it names none. */
function targetOf(action: BulkAction | ScimError | undefined): string | undefined {
  return action === undefined || action instanceof ScimError || action.kind === 'create' ? undefined : action.id;
}

/** For the log; undefined when the client's path could not be read. */
function pathOf(action: BulkAction | ScimError): string | undefined {
  if (action instanceof ScimError) return undefined;
  const { endpoint } = action.resourceType;
  return action.kind === 'create' ? `/${endpoint}` : `/${endpoint}/${action.id}`;
}
