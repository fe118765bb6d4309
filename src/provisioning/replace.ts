import type { Entry } from '../ldap/entry.ts';
import { valuesAt, withValuesAt } from '../mapping/place.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { attributesToRead, attributesToWrite, lensesFor, readEntry, storedReferences } from '../mapping/read-entry.ts';
import { planUpdate } from '../mapping/write-entry.ts';
import type { JsonValue } from '../scim/json.ts';
import { type Projection, project } from '../scim/projection.ts';
import { readResource } from '../scim/read-resource.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { VersionCondition } from '../scim/version-condition.ts';
import { applyChanges } from './apply-changes.ts';
import { refuseUnmapped, writableTargets } from './create.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import { findEntry, readBack, refuseOtherVersion } from './find-entry.ts';
import { keepingUnique } from './keep-unique.ts';
import { newIds, writableLenses } from './modify.ts';
import { gatherNotes, locationOf, type OperationContext } from './operation-context.ts';
import { retryingConflicts } from './retry-conflicts.ts';
import { supplyValues } from './supply-values.ts';
import { makeLensContext, toResources, withReferences } from './to-resources.ts';

/**
 * Replaces a resource (RFC 7644 §3.5.1) by the smallest modify: what is absent is cleared, read-only attributes are ignored, an
 * immutable one may be absent but not different, and what the file doesn't map stays as it is. Lists of references are brought in
 * step by adding and removing single values.
 *
 * LDAP: one search, one modify, a rename before it when the name changes, one search for each batch of references.
 *
 * @param ifMatch the version that the resource must have; decided by the directory together with the write
 * @throws ScimError 400, 404, 409, 412, 503
 */
export function replaceResource(
  context: OperationContext,
  plan: ResourcePlan,
  id: string,
  body: JsonValue,
  projection: Projection,
  ifMatch?: VersionCondition,
): Promise<ScimObject> {
  return translatingErrors(plan, 'update', async () => {
    const notes = gatherNotes(context);
    const sent = readResource(body, plan.resourceType, notes.policy);
    const unmapped = refuseUnmapped(context, plan, sent);
    const lenses = lensesFor(plan, projection);
    const work = () => retryingConflicts(() => replaceOnce(context, plan, id, sent, attributesToRead(plan, lenses), ifMatch));
    const entry = await context.turns.take(id, work);
    notes.logNotes(unmapped);
    const [resource] = await toResources(context, plan, lenses, [entry]);
    return project(resource ?? sent, projection, plan.resourceType);
  });
}

async function replaceOnce(
  context: OperationContext,
  plan: ResourcePlan,
  id: string,
  sent: ScimObject,
  returning: readonly string[],
  ifMatch: VersionCondition | undefined,
): Promise<Entry> {
  const lenses = writableLenses(plan.lenses);
  const entry = await findEntry(context, plan, id, attributesToWrite(plan, plan.lenses));
  refuseOtherVersion(plan, entry, ifMatch);
  const known = await makeLensContext(context, { stored: storedReferences(lenses, entry) });
  const before = readEntry(plan, lenses, entry, locationOf(context, plan.target, id), known);
  const after = withKept(plan, before, sent);
  const lensContext = await withReferences(context, known, newIds(plan, before, after), writableTargets(plan));
  const writePlan = await supplyValues(context, plan, (supplied) =>
    planUpdate(plan, lenses, entry, before, after, { ...lensContext, supplied }, (lens) => valuesAt(lens.place, sent).length > 0),
  );
  const written = await keepingUnique(context, plan, { before, after, entry }, lensContext, () =>
    applyChanges(context, plan, writePlan, returning),
  );
  if (written !== undefined) return written;
  return writePlan.changes.length > 0 ? readBack(context, plan, writePlan.dn, returning) : entry;
}

/** What a client needn't or can't repeat stays: immutable values, values that it is never shown, and whether the account is active. */
function withKept(plan: ResourcePlan, before: ScimObject, sent: ScimObject): ScimObject {
  return plan.lenses.reduce((after, lens) => {
    const { mutability, returned } = lens.definition;
    const isKept =
      lens.kind === 'state' || mutability === 'immutable' || mutability === 'writeOnly' || returned === 'never' || returned === 'request';
    return isKept && valuesAt(lens.place, after).length === 0 ? withValuesAt(lens.place, after, valuesAt(lens.place, before)) : after;
  }, sent);
}
