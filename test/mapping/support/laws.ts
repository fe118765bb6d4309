import fc from 'fast-check';
import { expect } from 'vitest';
import { type Entry, valuesOf } from '../../../src/ldap/entry.ts';
import { evaluateLdapFilter } from '../../../src/ldap/evaluate-ldap-filter.ts';
import type { Lens } from '../../../src/mapping/lens.ts';
import { valuesAt, withValuesAt } from '../../../src/mapping/place.ts';
import { isTextLens, listLensOf, type ResourcePlan } from '../../../src/mapping/plan.ts';
import { translateFilter } from '../../../src/mapping/translate-filter.ts';
import { planCreate, planUpdate } from '../../../src/mapping/write-entry.ts';
import type { WritePlan } from '../../../src/mapping/write-plan.ts';
import { ScimError } from '../../../src/scim/errors.ts';
import { evaluateFilter } from '../../../src/scim/evaluate-filter.ts';
import type { JsonValue } from '../../../src/scim/json.ts';
import { parseFilter } from '../../../src/scim/parse-filter.ts';
import { readResource } from '../../../src/scim/read-resource.ts';
import type { ScimObject, ScimValue } from '../../../src/scim/resource.ts';
import { takingNotes } from '../../scim/support/patching.ts';
import { isEqual, isTwoWay } from './any-entry.ts';
import { directorySchema } from './directory-schema.ts';
import { context, describePlan, entryOf, read } from './plans.ts';
import { carryOut } from './strict-directory.ts';

/** The laws of a mapping, each on one example: what holds for every line, whatever it is made of. */

/** The LDAP attributes that lines write: each has one owner. */
export function ownedAttributes(plan: ResourcePlan): readonly string[] {
  return plan.lenses.filter(({ definition }) => definition.mutability !== 'readOnly').flatMap(({ ldap }) => ldap?.toLowerCase() ?? []);
}

/** Putting back what was read changes nothing. */
export function putsBack(plan: ResourcePlan, entry: Entry): void {
  const before = read(plan, entry);
  expectNothingToDo(plan, entry, before, before);
  // Through the wire, as an Okta client puts it back; what is required may be missing in what others made.
  fc.pre(plan.lenses.every((lens) => !lens.definition.required || valuesAt(lens.place, before).length > 0));
  const sent = readResource(JSON.parse(JSON.stringify(before)) as JsonValue, plan.resourceType, takingNotes('reject'));
  expectNothingToDo(plan, entry, before, sent);
}

/** What is created is read. */
export function readsCreated(plan: ResourcePlan, resource: ScimObject): void {
  expectShown(
    plan,
    carriedOut(
      undefined,
      choosing(() => planCreate(plan, resource, context)),
    ),
    resource,
  );
}

/** What is put is read, and putting it twice is putting it once. */
export function readsPut(plan: ResourcePlan, entry: Entry, resource: ScimObject): void {
  const before = read(plan, entry);
  // A generated value is exchanged when what it is made of changes: the client can't tell that it wants the old one.
  fc.pre(formatted(before) !== formatted(resource) || formatted(resource) === undefined);
  fc.pre(!takesAnotherSpelling(plan, entry, resource));
  const planned = choosing(() => planUpdate(plan, plan.lenses, entry, before, resource, context));
  const after = carriedOut(entry, planned);
  expect(isEqual('manager', after.dn, planned.dn)).toBe(true);
  expectShown(plan, after, resource);
  expectNothingToDo(plan, after, read(plan, after), resource);
}

/** Undoing the steps of a write brings back what was shown. */
export function undoes(plan: ResourcePlan, entry: Entry, resource: ScimObject): void {
  const planned = choosing(() => planUpdate(plan, plan.lenses, entry, read(plan, entry), resource, context));
  const undo = planned.changes.flatMap((change) => change.undo ?? []).toReversed();
  const undone = carryOut(carriedOut(entry, planned), undo, directorySchema);
  expect(withSortedReferences(plan, read(plan, undone))).toEqual(withSortedReferences(plan, read(plan, entry)));
}

/** The members of a group are a set: taken back value by value, they may come in another order. */
function withSortedReferences(plan: ResourcePlan, resource: ScimObject): ScimObject {
  const lens = listLensOf(plan);
  if (lens === undefined) return resource;
  const values = valuesAt(lens.place, resource).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  return withValuesAt(lens.place, resource, values);
}

/**
 * A filter finds what it selects.
 *
 * @returns whether the directory decides it alone
 */
export function finds(plan: ResourcePlan, filterText: string, entries: readonly Entry[]): boolean {
  const filter = parseFilter(filterText, plan.resourceType);
  const match = translateFilter(filter, plan, context);
  for (const entry of entries) {
    const resource = read(plan, entry);
    const selected = evaluateLdapFilter(match.filter, entry, directorySchema) === true;
    const wanted = evaluateFilter(filter, resource);
    const why = () =>
      `${filterText} → ${JSON.stringify(match)} on ${JSON.stringify([...entry.attributes])} shown as ${JSON.stringify(resource)}`;
    if (match.exact) expect(selected, why()).toBe(wanted);
    else if (wanted) expect(selected, why()).toBe(true);
  }
  return match.exact;
}

function carriedOut(entry: Entry | undefined, { changes }: WritePlan): Entry {
  const steps = changes.map(({ change }) => change);
  return carryOut(entry, steps, directorySchema);
}

/**
 * A write that would have to choose between several values is refused where the line says so, and one that leaves out what a class demands:
 * there is nothing to see then.
 */
function choosing(make: () => WritePlan): WritePlan {
  try {
    return make();
  } catch (error) {
    fc.pre(!(error instanceof ScimError && /several values|the directory's schema demands/.test(error.detail)));
    throw error;
  }
}

/** What is shown of a line when a resource was stored: placeholders are nothing. */
function shownOf(lens: Lens, resource: ScimObject): readonly unknown[] {
  const values = valuesAt(lens.place, resource);
  if (lens.kind === 'reference') return values.map((value) => (value as ScimObject)['value']).toSorted();
  const visible = isTextLens(lens) ? values.filter((value) => !lens.isPlaceholder(value)) : values;
  if (isTextLens(lens) && lens.separator !== undefined)
    return visible.flatMap((value) => (value as string).split(lens.separator ?? '')).toSorted();
  return lens.place.kind === 'list' ? visible.map((value) => JSON.stringify(sorted(value))).toSorted() : visible;
}

function sorted(value: ScimValue): unknown {
  return typeof value === 'object' ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)) : value;
}

/** A new name that the entry has already, spelled otherwise, beside its present name: the directory keeps that spelling. */
function takesAnotherSpelling(plan: ResourcePlan, entry: Entry, resource: ScimObject): boolean {
  const sent = plan.lenses.filter(isTwoWay).flatMap((lens) => {
    const values = valuesAt(lens.place, resource);
    const stored = isTextLens(lens) ? lens.put(values, entryOf({}), context)?.values : undefined;
    return [...values, ...(stored ?? [])].filter((value) => typeof value === 'string');
  });
  return ['cn', plan.rdn].some((name) =>
    valuesOf(entry, name).some((value) => sent.some((each) => each !== value && isEqual(name, each, String(value)))),
  );
}

function formatted(resource: ScimObject): unknown {
  return (resource['name'] as ScimObject | undefined)?.['formatted'];
}

function expectNothingToDo(plan: ResourcePlan, entry: Entry, before: ScimObject, after: ScimObject): void {
  fc.pre(plan.lenses.every((lens) => !lens.definition.required || valuesAt(lens.place, after).length > 0));
  expect(describePlan(planUpdate(plan, plan.lenses, entry, before, after, context))).toEqual([]);
}

function expectShown(plan: ResourcePlan, entry: Entry, resource: ScimObject): void {
  const shown = read(plan, entry);
  for (const lens of plan.lenses.filter(isTwoWay)) {
    const wanted = shownOf(lens, resource);
    const isFilledIn = wanted.length === 0 && plan.generated.some((line) => line.ldap === lens.ldap);
    // Nothing said about its state: an entry stays as it is.
    const isLeftAlone = lens.kind === 'state' && valuesAt(lens.place, resource).length === 0;
    if (!isFilledIn && !isLeftAlone) expect([lens.path, shownOf(lens, shown)]).toEqual([lens.path, wanted]);
  }
}
