import { referencedId } from '../mapping/lenses/reference.ts';
import type { SuppliedValues } from '../mapping/needed-value.ts';
import { valuesAt } from '../mapping/place.ts';
import { planFor } from '../mapping/placement.ts';
import { isReferenceLens, isWritten, type KindPlans, type ResourcePlan } from '../mapping/plan.ts';
import { attributesToRead, lensesFor } from '../mapping/read-entry.ts';
import type { ReferenceTarget } from '../mapping/reference-table.ts';
import { unmappedPaths } from '../mapping/unmapped.ts';
import { planCreate } from '../mapping/write-entry.ts';
import type { WritePlan } from '../mapping/write-plan.ts';
import { badRequest } from '../scim/errors.ts';
import type { JsonValue } from '../scim/json.ts';
import { type Projection, project } from '../scim/projection.ts';
import { readResource } from '../scim/read-resource.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import { applyChanges } from './apply-changes.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import { readBack } from './find-entry.ts';
import { withInitialPassword } from './initial-password.ts';
import { keepingUnique } from './keep-unique.ts';
import { gatherNotes, type OperationContext } from './operation-context.ts';
import { findReturning, mayRevive } from './plan-return.ts';
import { retryingConflicts } from './retry-conflicts.ts';
import { writeSupplied } from './supply-values.ts';
import { makeLensContext, toResources } from './to-resources.ts';

/**
 * Creates a resource (RFC 7644 §3.3). Of two that ask for one name at the same time one is created and one gets 409: the
 * directory decides, by the name of the entry.
 *
 * Somebody who left may come back by a create: see `findReturning`.
 *
 * LDAP: one search whether the name is taken in another branch; one per batch of references named; one add, which returns the
 * entry where the server can; a password operation where the file asks for one.
 *
 * @param plans the places where it may live: it belongs to the first whose `when` it matches
 * @param projectionFor what the answer is to show, by the attributes of that place
 * @returns the resource as stored
 * @throws ScimError 400, 409 uniqueness, 503
 */
export function createResource(
  context: OperationContext,
  plans: KindPlans,
  body: JsonValue,
  projectionFor: (resourceType: ResourceType) => Projection,
): Promise<ScimObject> {
  const plan = placeOf(plans, body);
  const projection = projectionFor(plan.resourceType);
  return translatingErrors(plan, 'create', async () => {
    const notes = gatherNotes(context);
    const resource = readResource(body, plan.resourceType, notes.policy);
    const unmapped = refuseUnmapped(context, plan, resource);
    const lensContext = await makeLensContext(context, { ids: referencedIdsOf(plan, resource), targets: writableTargets(plan) });
    const complete = withInitialPassword(plan, resource);
    const lenses = lensesFor(plan, projection);
    const attributes = attributesToRead(plan, lenses);
    const work = async () => {
      const planNew = (supplied?: SuppliedValues) =>
        planCreate(plan, complete, supplied === undefined ? lensContext : { ...lensContext, supplied });
      const makePlan = (await findReturning(context, plan, resource, lensContext)) ?? planNew;
      const draft = makePlan();
      const write = async (writePlan: WritePlan) => {
        const written = await applyChanges(context, plan, writePlan, attributes);
        return written ?? (await readBack(context, plan, writePlan.dn, attributes));
      };
      return keepingUnique(context, plan, { after: resource }, lensContext, () => writeSupplied(context, plan, draft, makePlan, write));
    };
    const entry = await (mayRevive(plan) ? retryingConflicts(work) : work());
    notes.logNotes(unmapped);
    const [stored] = await toResources(context, plan, lenses, [entry]);
    return project(stored ?? resource, projection, plan.resourceType);
  });
}

/** Where a new resource belongs, of several places. What is wrong with the body is said when it is read for that place. */
function placeOf(plans: KindPlans, body: JsonValue): ResourcePlan {
  const [first, ...others] = plans;
  return others.length === 0 ? first : planFor(plans, readResource(body, first.resourceType, { unknown: 'ignore', note: () => undefined }));
}

/** The paths that no line stores. @throws ScimError invalidValue where the file wants them refused */
export function refuseUnmapped(context: OperationContext, plan: ResourcePlan, resource: ScimObject): readonly string[] {
  const unmapped = unmappedPaths(plan, resource);
  const [first] = unmapped;
  if (context.plan.unmapped === 'reject' && first !== undefined)
    throw badRequest('invalidValue', `${first}: is not stored by this service`);
  return unmapped;
}

/** What the references of a resource that a client writes may name. */
export function writableTargets(plan: ResourcePlan): readonly ReferenceTarget[] {
  return plan.lenses
    .filter(isReferenceLens)
    .filter(isWritten)
    .flatMap((lens) => lens.refersTo);
}

/** The SCIM ids that a resource refers to. */
export function referencedIdsOf(plan: ResourcePlan, resource: ScimObject): readonly string[] {
  return plan.lenses
    .filter(isReferenceLens)
    .flatMap((lens) => valuesAt(lens.place, resource).map((value) => referencedId(value, lens.path)));
}
