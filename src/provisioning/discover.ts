import { mergeSchemas } from '../mapping/advertise.ts';
import { kindsOf, type Plan, passwordLensOf } from '../mapping/plan.ts';
import { type Capabilities, resourceTypeResource, schemaResource, serviceProviderConfig } from '../scim/discovery.ts';
import { ScimError } from '../scim/errors.ts';
import { listResponse } from '../scim/messages.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { SchemaDefinition } from '../scim/schema.ts';
import type { OperationContext } from './operation-context.ts';

/** The schemas that the mapping file fills (RFC 7644 §4), each once. */
export function listSchemas({ plan, baseUrl }: Pick<OperationContext, 'plan' | 'baseUrl'>): ScimObject {
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

/** The same as definitions. */
export function schemasOf(plan: Plan): readonly SchemaDefinition[] {
  return kindsOf(plan).flatMap(mergeSchemas);
}

function resourceTypesOf({ plan, baseUrl }: OperationContext): readonly (readonly [string, ScimObject])[] {
  return kindsOf(plan).map((plans) => {
    const [{ resourceType }] = plans;
    return [resourceType.name, resourceTypeResource(resourceType, mergeSchemas(plans).slice(1), baseUrl)];
  });
}

function listAll(resources: readonly ScimObject[]): ScimObject {
  return listResponse(resources, resources.length, 1);
}
