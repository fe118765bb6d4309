import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plansOf, type ResourcePlan } from '../../src/mapping/plan.ts';
import { anyEntry, anyResource } from './support/any-entry.ts';
import { anyFilter } from './support/any-filter.ts';
import { anyMapping } from './support/any-mapping.ts';
import { everything } from './support/everything-plan.ts';
import { finds, ownedAttributes, putsBack, readsCreated, readsPut, undoes } from './support/laws.ts';
import { shippedPlan } from './support/plans.ts';

/**
 * What they write depends on a directory of another kind, or on numbers that a directory hands out; `test/entra/other-directories.test.ts`
 * has them before real ones.
 */
const NOT_BY_THEMSELVES: readonly string[] = ['active-directory.yaml', 'openldap-posix.yaml', 'openldap-rfc2307.yaml'];
const FILES = readdirSync('config/mappings').filter((file) => !NOT_BY_THEMSELVES.includes(file));

const plans: readonly (readonly [name: string, plan: ResourcePlan])[] = [
  ...FILES.flatMap((file) => plansOf(shippedPlan(file)).map((plan) => [`${file} ${plan.target}`, plan] as const)),
  ['everything at once', everything],
];

describe.each(plans)('%s', (_name, plan) => {
  const numRuns = 150;

  test('an LDAP attribute has one owner', () => {
    const owned = ownedAttributes(plan);
    expect(owned).toEqual([...new Set(owned)]);
  });

  test('putting back what was read changes nothing', () => {
    fc.assert(
      fc.property(anyEntry(plan), (entry) => putsBack(plan, entry)),
      { numRuns },
    );
  });

  test('what is created is read', () => {
    fc.assert(
      fc.property(anyResource(plan), (resource) => readsCreated(plan, resource)),
      { numRuns },
    );
  });

  test('what is put is read, and putting it twice is putting it once', () => {
    fc.assert(
      fc.property(anyEntry(plan), anyResource(plan), (entry, resource) => readsPut(plan, entry, resource)),
      { numRuns },
    );
  });

  test('undoing the steps of a write brings back what was shown', () => {
    fc.assert(
      fc.property(anyEntry(plan), anyResource(plan), (entry, resource) => undoes(plan, entry, resource)),
      { numRuns },
    );
  });

  test('a filter finds what it selects', () => {
    const found = { exact: 0, all: 0 };
    fc.assert(
      fc.property(anyFilter(plan), fc.array(anyEntry(plan), { minLength: 1, maxLength: 4 }), (filter, entries) => {
        found.all += 1;
        found.exact += finds(plan, filter, entries) ? 1 : 0;
      }),
      { numRuns: 600 },
    );
    expect(found.exact / found.all).toBeGreaterThan(0.01);
  });
});

/** Files that nobody has written: any lines of the vocabulary beside each other. */
describe('a mapping file of random lines', { timeout: 60_000 }, () => {
  const numRuns = 150;
  /** Something that goes with a mapping, beside it. */
  const withAny = <T>(make: (plan: ResourcePlan) => fc.Arbitrary<T>) =>
    anyMapping.chain((mapping) =>
      make(mapping.plan).map((example) => ({
        plan: mapping.plan,
        example,
        [fc.toStringMethod]: () => `${mapping[fc.toStringMethod]()}\n${fc.stringify(example)}`,
      })),
    );

  test('an LDAP attribute has one owner', () => {
    fc.assert(
      fc.property(anyMapping, ({ plan }) => new Set(ownedAttributes(plan)).size === ownedAttributes(plan).length),
      { numRuns },
    );
  });

  test('putting back what was read changes nothing', () => {
    fc.assert(
      fc.property(withAny(anyEntry), ({ plan, example }) => putsBack(plan, example)),
      { numRuns },
    );
  });

  test('what is created is read', () => {
    fc.assert(
      fc.property(withAny(anyResource), ({ plan, example }) => readsCreated(plan, example)),
      { numRuns },
    );
  });

  test('what is put is read, and putting it twice is putting it once', () => {
    fc.assert(
      fc.property(
        withAny((plan) => fc.tuple(anyEntry(plan), anyResource(plan))),
        ({ plan, example: [entry, resource] }) => readsPut(plan, entry, resource),
      ),
      { numRuns },
    );
  });

  test('undoing the steps of a write brings back what was shown', () => {
    fc.assert(
      fc.property(
        withAny((plan) => fc.tuple(anyEntry(plan), anyResource(plan))),
        ({ plan, example: [entry, resource] }) => undoes(plan, entry, resource),
      ),
      { numRuns },
    );
  });

  test('a filter finds what it selects', () => {
    fc.assert(
      fc.property(
        withAny((plan) => fc.tuple(anyFilter(plan), fc.array(anyEntry(plan), { minLength: 1, maxLength: 4 }))),
        ({ plan, example: [filter, entries] }) => void finds(plan, filter, entries),
      ),
      { numRuns: 400 },
    );
  });
});
