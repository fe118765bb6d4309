import type { ModifyChange } from '../ldap/change.ts';
import type { Entry } from '../ldap/entry.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import type { Lens } from '../mapping/lens.ts';
import { isWritten, listLensOf, type ResourcePlan } from '../mapping/plan.ts';
import { attributesToRead, attributesToWrite, lensesFor, readEntry, storedReferences } from '../mapping/read-entry.ts';
import { planUpdate } from '../mapping/write-entry.ts';
import { isEntry, isUnchanged, type PlannedChange, type WritePlan } from '../mapping/write-plan.ts';
import { applyPatch } from '../scim/apply-patch.ts';
import { isJsonList, isJsonObject, type JsonValue } from '../scim/json.ts';
import { readListDelta } from '../scim/list-delta.ts';
import { type Projection, project } from '../scim/projection.ts';
import { type PatchOperation, readPatch } from '../scim/read-patch.ts';
import { caseInsensitiveMember, type ReadPolicy } from '../scim/read-value.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { VersionCondition } from '../scim/version-condition.ts';
import { applyChanges } from './apply-changes.ts';
import { referencedIdsOf, refuseUnmapped, writableTargets } from './create.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import { findEntry, readBack, refuseOtherVersion } from './find-entry.ts';
import { keepingUnique } from './keep-unique.ts';
import { type ListChange, modifyList } from './modify-list.ts';
import { type MemberChange, modifyMembers, resolveDelta } from './modify-members.ts';
import { gatherNotes, locationOf, type OperationContext } from './operation-context.ts';
import { retryingConflicts } from './retry-conflicts.ts';
import { supplyValues } from './supply-values.ts';
import { makeLensContext, toResources, withReferences } from './to-resources.ts';

/** What a PATCH left behind. */
export interface ModifyResult {
  readonly id: string;
  /** The resource afterwards; undefined when the caller didn't want it. */
  readonly resource: ScimObject | undefined;
}

/**
 * Changes a resource (RFC 7644 §3.5.2), all operations or none.
 *
 * The members of a group are changed by their delta, without reading the list, whenever the operations name them one by one.
 * Everything else is decided on the resource: read, patched, and the difference written, guarded by the version that was read.
 *
 * LDAP: one search, one modify; a rename before it when the name changes; one search for each batch of references named. Of members
 * alone see `modifyList`.
 *
 * @param wanted what the answer is to show; undefined: nothing, and then nothing is read for it
 * @param ifMatch the version that the resource must have; decided by the directory together with the write
 * @throws ScimError 400, 404, 409, 412, 503
 */
export function modifyResource(
  context: OperationContext,
  plan: ResourcePlan,
  id: string,
  body: JsonValue,
  wanted: Projection | undefined,
  ifMatch?: VersionCondition,
): Promise<ModifyResult> {
  return translatingErrors(plan, 'update', async () => {
    const notes = gatherNotes(context);
    const operations = readPatch(body, plan.resourceType, notes.policy);
    const patch = splitOperations(plan, operations, notes.policy);
    if (patch.list !== undefined && patch.onResource.length === 0 && ifMatch === undefined) {
      const { list } = patch;
      const dn = await retryingConflicts(() => modifyList(context, plan, id, list));
      notes.logNotes([]);
      if (wanted === undefined) return { id, resource: undefined };
      const lenses = lensesFor(plan, wanted);
      return { id, resource: await showResource(context, plan, await readBack(context, plan, dn, attributesToRead(plan, lenses)), wanted) };
    }
    const work = () => retryingConflicts(() => patchOnce(context, plan, id, patch, wanted, notes.policy, ifMatch));
    const { unmapped, entry } = await context.turns.take(id, work);
    notes.logNotes(unmapped);
    return { id, resource: wanted === undefined ? undefined : await showResource(context, plan, entry, wanted) };
  });
}

async function showResource(
  context: OperationContext,
  plan: ResourcePlan,
  entry: Entry,
  wanted: Projection,
): Promise<ScimObject | undefined> {
  const [resource] = await toResources(context, plan, lensesFor(plan, wanted), [entry]);
  return resource === undefined ? undefined : project(resource, wanted, plan.resourceType);
}

/** The operations of a PATCH, those on a list that can do without reading it apart from the others. */
interface SplitPatch {
  /** The list that is changed by its delta; undefined when there is none, or when the operations speak of all of it. */
  readonly list: ListChange | undefined;
  readonly onResource: readonly PatchOperation[];
}

function splitOperations(plan: ResourcePlan, operations: readonly PatchOperation[], policy: ReadPolicy): SplitPatch {
  const lens = listLensOf(plan);
  const onList = operations.filter((operation) => operation.path.attribute === lens?.place.path.attribute);
  const delta = readListDelta(onList, policy);
  if (lens === undefined || delta === undefined || delta.clears) return { list: undefined, onResource: operations };
  return { list: { lens, delta }, onResource: operations.filter((operation) => !onList.includes(operation)) };
}

interface Patched {
  readonly unmapped: readonly string[];
  readonly entry: Entry;
}

async function patchOnce(
  context: OperationContext,
  plan: ResourcePlan,
  id: string,
  { list, onResource }: SplitPatch,
  wanted: Projection | undefined,
  policy: ReadPolicy,
  ifMatch: VersionCondition | undefined,
): Promise<Patched> {
  const read = list === undefined ? plan.lenses : plan.lenses.filter((lens) => lens !== list.lens);
  const lenses = writableLenses(read);
  const entry = await findEntry(context, plan, id, attributesToWrite(plan, read));
  refuseOtherVersion(plan, entry, ifMatch);
  const known = await makeLensContext(context, {
    ids: list === undefined ? [] : [...list.delta.add, ...list.delta.remove],
    targets: list?.lens.refersTo ?? [],
    stored: storedReferences(lenses, entry),
  });
  const before = readEntry(plan, lenses, entry, locationOf(context, plan.target, id), known);
  const after = applyPatch(before, onResource, policy);
  const unmapped = refuseUnmapped(context, plan, after);
  const lensContext = await withReferences(context, known, newIds(plan, before, after), writableTargets(plan));
  const writePlan = await supplyValues(context, plan, (supplied) =>
    planUpdate(plan, lenses, entry, before, after, { ...lensContext, supplied }, (lens) => onResource.some(speaksOf(lens))),
  );
  const members = list === undefined ? undefined : resolveDelta(list.lens, list.delta, lensContext, entry.dn);
  const returning = wanted === undefined ? [] : attributesToRead(plan, lensesFor(plan, wanted));
  const guard = ifMatch === undefined ? isEntry(plan, entry) : isUnchanged(plan, entry);
  const written = await keepingUnique(context, plan, { before, after, entry }, lensContext, () =>
    write(context, plan, writePlan, guard, members, returning),
  );
  if (written !== undefined || wanted === undefined) return { unmapped, entry: written ?? entry };
  // Without a list and without a change the entry that was read is the answer; of a list it holds nothing.
  const isKnown = list === undefined && writePlan.changes.length === 0;
  return { unmapped, entry: isKnown ? entry : await readBack(context, plan, writePlan.dn, returning) };
}

/** Whether an operation names a line's place, by its path or inside the value of the whole attribute. */
function speaksOf({ place }: Lens): (operation: PatchOperation) => boolean {
  const { attribute, sub } = place.path;
  const isNamedIn = (value: JsonValue | undefined): boolean =>
    isJsonList(value)
      ? value.some(isNamedIn)
      : isJsonObject(value) && sub !== undefined && caseInsensitiveMember(value, sub.name) !== undefined;
  return ({ path, value }) => path.attribute === attribute && (path.sub === sub || (path.sub === undefined && isNamedIn(value)));
}

const WRITABLE = new WeakMap<readonly Lens[], readonly Lens[]>();

/** Without the read-only ones, such as a user's groups: no write needs them, so their references are resolved for the answer only. */
export function writableLenses(lenses: readonly Lens[]): readonly Lens[] {
  const known = WRITABLE.get(lenses) ?? lenses.filter(isWritten);
  WRITABLE.set(lenses, known);
  return known;
}

/** The ids that `after` refers to and `before` didn't: they have to be resolved before they can be written. */
export function newIds(plan: ResourcePlan, before: ScimObject, after: ScimObject): readonly string[] {
  const known = new Set(referencedIdsOf(plan, before));
  return referencedIdsOf(plan, after).filter((each) => !known.has(each));
}

/** The planned steps; a change of members goes into their modify, or is one, which `guard` then guards. */
async function write(
  context: OperationContext,
  plan: ResourcePlan,
  writePlan: WritePlan,
  guard: LdapFilter,
  members: MemberChange | undefined,
  returning: readonly string[],
): Promise<Entry | undefined> {
  if (members === undefined || (members.add.length === 0 && members.remove.length === 0))
    return applyChanges(context, plan, writePlan, returning);
  const hasModify = writePlan.changes.some(({ change }) => change.kind === 'modify');
  const modify: ModifyChange = { kind: 'modify', dn: writePlan.dn, modifications: [], assertion: guard };
  const planned: readonly PlannedChange[] = hasModify ? writePlan.changes : [...writePlan.changes, { change: modify }];
  const changes = planned.map((each) => (each.change.kind === 'modify' ? { ...each, isPart: true as const } : each));
  return applyChanges(
    context,
    plan,
    { ...writePlan, changes, memberRemovals: members.remove.length },
    returning,
    (journaled, change, attributes) =>
      change.kind === 'modify' ? modifyMembers(journaled, change, members, attributes) : journaled.directory.write(change, attributes),
  );
}
