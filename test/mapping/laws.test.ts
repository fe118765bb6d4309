import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import { evaluateLdapFilter } from '../../src/ldap/evaluate-ldap-filter.ts';
import type { Lens } from '../../src/mapping/lens.ts';
import { valuesAt } from '../../src/mapping/place.ts';
import { isTextLens, plansOf, type ResourcePlan } from '../../src/mapping/plan.ts';
import { translateFilter } from '../../src/mapping/translate-filter.ts';
import { planCreate, planUpdate } from '../../src/mapping/write-entry.ts';
import { evaluateFilter } from '../../src/scim/evaluate-filter.ts';
import type { JsonValue } from '../../src/scim/json.ts';
import { parseFilter } from '../../src/scim/parse-filter.ts';
import { readResource } from '../../src/scim/read-resource.ts';
import type { ScimObject, ScimValue } from '../../src/scim/resource.ts';
import { takingNotes } from '../scim/support/patching.ts';
import { anyEntry, anyResource, isEqual, isTwoWay } from './support/any-entry.ts';
import { anyFilter } from './support/any-filter.ts';
import { directorySchema } from './support/directory-schema.ts';
import { everything } from './support/everything-plan.ts';
import { context, describePlan, read, shippedPlan } from './support/plans.ts';
import { carryOut } from './support/strict-directory.ts';

/**
 * What they write depends on a directory of another kind, or on numbers that a directory hands out; `test/entra/other-directories.test.ts`
 * has them before real ones.
 */
const NOT_BY_THEMSELVES: readonly string[] = ['active-directory.yaml', 'openldap-posix.yaml'];
const FILES = readdirSync('config/mappings').filter((file) => !NOT_BY_THEMSELVES.includes(file));

const plans: readonly (readonly [name: string, plan: ResourcePlan])[] = [
  ...FILES.flatMap((file) => plansOf(shippedPlan(file)).map((plan) => [`${file} ${plan.target}`, plan] as const)),
  ['everything at once', everything],
];

/** What is shown of a line when a resource was stored: placeholders are nothing. */
function shownOf(lens: Lens, resource: ScimObject): readonly unknown[] {
  const values = valuesAt(lens.place, resource);
  if (lens.kind === 'reference') return values.map((value) => (value as ScimObject)['value']).toSorted();
  const visible = isTextLens(lens) ? values.filter((value) => !lens.isPlaceholder(value)) : values;
  return lens.place.kind === 'list' ? visible.map((value) => JSON.stringify(sorted(value))).toSorted() : visible;
}

function sorted(value: ScimValue): unknown {
  return typeof value === 'object' ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)) : value;
}

describe.each(plans)('%s', (_name, plan) => {
  const numRuns = 150;

  test('an LDAP attribute has one owner', () => {
    const owned = plan.lenses.filter((lens) => lens.definition.mutability !== 'readOnly').flatMap(({ ldap }) => ldap?.toLowerCase() ?? []);
    expect(owned.toSorted()).toEqual([...new Set(owned)].toSorted());
  });

  test('putting back what was read changes nothing', () => {
    fc.assert(
      fc.property(anyEntry(plan), (entry) => {
        const before = read(plan, entry);
        expectNothingToDo(plan, entry, before, before);
        // Through the wire, as an Okta client puts it back; what is required may be missing in what others made.
        fc.pre(plan.lenses.every((lens) => !lens.definition.required || valuesAt(lens.place, before).length > 0));
        const sent = readResource(JSON.parse(JSON.stringify(before)) as JsonValue, plan.resourceType, takingNotes('reject'));
        expectNothingToDo(plan, entry, before, sent);
      }),
      { numRuns },
    );
  });

  test('what is created is read', () => {
    fc.assert(
      fc.property(anyResource(plan), (resource) => {
        const { changes } = planCreate(plan, resource, context);
        const entry = carryOut(
          undefined,
          changes.map(({ change }) => change),
          directorySchema,
        );
        expectShown(plan, entry, resource);
      }),
      { numRuns },
    );
  });

  test('what is put is read, and putting it twice is putting it once', () => {
    fc.assert(
      fc.property(anyEntry(plan), anyResource(plan), (entry, resource) => {
        const before = read(plan, entry);
        // A generated value is exchanged when what it is made of changes: the client can't tell that it wants the old one.
        fc.pre(formatted(before) !== formatted(resource) || formatted(resource) === undefined);
        fc.pre(!takesAnotherSpelling(plan, entry, resource));
        const { changes, dn } = planUpdate(plan, plan.lenses, entry, before, resource, context);
        const after = carryOut(
          entry,
          changes.map(({ change }) => change),
          directorySchema,
        );
        expect(isEqual('manager', after.dn, dn)).toBe(true);
        expectShown(plan, after, resource);
        expectNothingToDo(plan, after, read(plan, after), resource);
      }),
      { numRuns },
    );
  });

  test('undoing the steps of a write brings back what was shown', () => {
    fc.assert(
      fc.property(anyEntry(plan), anyResource(plan), (entry, resource) => {
        const { changes } = planUpdate(plan, plan.lenses, entry, read(plan, entry), resource, context);
        const steps = changes.map(({ change }) => change);
        const undo = changes.flatMap((change) => change.undo ?? []).toReversed();
        const undone = carryOut(carryOut(entry, steps, directorySchema), undo, directorySchema);
        expect(read(plan, undone)).toEqual(read(plan, entry));
      }),
      { numRuns },
    );
  });

  test('a filter finds what it selects', () => {
    const found = { exact: 0, all: 0 };
    fc.assert(
      fc.property(anyFilter(plan), fc.array(anyEntry(plan), { minLength: 1, maxLength: 4 }), (filterText, entries) => {
        const filter = parseFilter(filterText, plan.resourceType);
        const match = translateFilter(filter, plan, context);
        found.all += 1;
        found.exact += match.exact ? 1 : 0;
        for (const entry of entries) {
          const resource = read(plan, entry);
          const selected = evaluateLdapFilter(match.filter, entry, directorySchema) === true;
          const wanted = evaluateFilter(filter, resource);
          const why = () =>
            `${filterText} → ${JSON.stringify(match)} on ${JSON.stringify([...entry.attributes])} shown as ${JSON.stringify(resource)}`;
          if (match.exact) expect(selected, why()).toBe(wanted);
          else if (wanted) expect(selected, why()).toBe(true);
        }
      }),
      { numRuns: 600 },
    );
    expect(found.exact / found.all).toBeGreaterThan(0.01);
  });
});

/** A new name that the entry has already, spelled otherwise, beside its present name: the directory keeps that spelling. */
function takesAnotherSpelling(plan: ResourcePlan, entry: Entry, resource: ScimObject): boolean {
  const sent = plan.lenses.flatMap(({ place }) => valuesAt(place, resource)).filter((value) => typeof value === 'string');
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
