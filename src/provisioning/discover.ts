import { type Plan, passwordLensOf, plansOf } from '../mapping/plan.ts';
import { type Capabilities, resourceTypeResource, schemaResource, serviceProviderConfig } from '../scim/discovery.ts';
import { ScimError } from '../scim/errors.ts';
import { listResponse } from '../scim/messages.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { OperationContext } from './operation-context.ts';

/** The schemas that the mapping file fills (RFC 7644 §4), each once. */
export function listSchemas({ plan, baseUrl }: OperationContext): ScimObject {
  return listAll(schemasOf(plan).map((schema) => schemaResource(schema, baseUrl)));
}

/** @throws ScimError 404 */
export function retrieveSchema({ plan, baseUrl }: OperationContext, id: string): ScimObject {
  const schema = schemasOf(plan).find((each) => each.id.toLowerCase() === id.toLowerCase());
  if (schema === undefined) throw new ScimError(404, `there is no schema ${JSON.stringify(id)}`);
  return schemaResource(schema, baseUrl);
}

export function listResourceTypes(context: OperationContext): ScimObject {
  return listAll(resourceTypesOf(context).map(([, resource]) => resource));
}

/** @throws ScimError 404 */
export function retrieveResourceType(context: OperationContext, name: string): ScimObject {
  const found = resourceTypesOf(context).find(([each]) => each === name);
  if (found === undefined) throw new ScimError(404, `there is no resource type ${JSON.stringify(name)}`);
  return found[1];
}

export function retrieveServiceProviderConfig({ plan, baseUrl, paging }: OperationContext, bulk: Capabilities['bulk']): ScimObject {
  const canChangePassword = passwordLensOf(plan.users) !== undefined;
  return serviceProviderConfig({ paging, canChangePassword, bulk }, baseUrl);
}

function schemasOf(plan: Plan) {
  return plansOf(plan).flatMap(({ advertised }) => advertised);
}

function resourceTypesOf({ plan, baseUrl }: OperationContext): readonly (readonly [string, ScimObject])[] {
  return plansOf(plan).map(({ resourceType, advertised }) => [
    resourceType.name,
    resourceTypeResource(resourceType, advertised.slice(1), baseUrl),
  ]);
}

function listAll(resources: readonly ScimObject[]): ScimObject {
  return listResponse(resources, resources.length, 1);
}
