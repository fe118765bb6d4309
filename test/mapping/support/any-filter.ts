import fc from 'fast-check';
import type { ResourcePlan } from '../../../src/mapping/plan.ts';
import { formatAttributePath } from '../../../src/scim/format-filter.ts';
import { parseFilter } from '../../../src/scim/parse-filter.ts';
import { ascii, dateTime, phone, text } from './any-entry.ts';
import { ada, bob, staff } from './plans.ts';

/** Filters over what is mapped: each path with and without its brackets, combined. */
export function anyFilter(plan: ResourcePlan): fc.Arbitrary<string> {
  const paths = new Set<string>(['id', 'meta.created', 'meta.lastModified', 'meta.version']);
  const brackets = new Map<string, Set<string>>();
  for (const { kind, place } of plan.lenses) {
    if (kind === 'password') continue;
    const { schema, isExtension, attribute, sub } = place.path;
    const whole = { schema, isExtension, attribute };
    paths.add(formatAttributePath(sub === undefined ? whole : { ...whole, sub }));
    for (const each of attribute.subAttributes) {
      const isAsked = place.kind === 'element' ? place.description.has(each) : kind === 'reference' || sub === undefined;
      if (isAsked) paths.add(formatAttributePath({ ...whole, sub: each }));
    }
    if (attribute.type !== 'complex') continue;
    const names = brackets.get(formatAttributePath(whole)) ?? new Set(attribute.subAttributes.map((each) => each.name));
    brackets.set(formatAttributePath(whole), names);
  }
  const literal = fc
    .oneof(
      text,
      ascii,
      phone,
      dateTime,
      fc.constantFrom(
        'work',
        'WORK ',
        'home',
        'fax',
        'User',
        ada.id,
        bob.id,
        staff.id,
        'True',
        'false',
        '7',
        '1.5',
        'Dr',
        '2026-01-31T08:30:00Z',
        '2026-01-31T08:30:00.5Z',
        'x',
        ...['a@x.example', 'A@X.Example ', 'Employee', 'CONTRACTOR', 'one', 'X-a', 'x-A', 'a;b c', 'A;A', 'ab', 'a\nb', 'ad', 'AB, a'],
      ),
    )
    .map((value) => JSON.stringify(value));
  const comparison = (names: readonly string[]) =>
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .tuple(
            fc.constantFrom(...names),
            fc.constantFrom('eq', 'eq', 'eq', 'ne'),
            fc.oneof({ weight: 9, arbitrary: literal }, { weight: 1, arbitrary: fc.constant('null') }),
          )
          .map((parts) => parts.join(' ')),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom(...names), fc.constantFrom('co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'), literal)
          .map((parts) => parts.join(' ')),
      },
      { weight: 2, arbitrary: fc.constantFrom(...names).map((name) => `${name} pr`) },
    );
  const combined = (term: fc.Arbitrary<string>) =>
    fc.oneof(
      { weight: 3, arbitrary: term },
      { weight: 1, arbitrary: fc.tuple(term, term).map(([a, b]) => `${a} and ${b}`) },
      { weight: 1, arbitrary: fc.tuple(term, term).map(([a, b]) => `${a} or ${b}`) },
      { weight: 1, arbitrary: term.map((each) => `not (${each})`) },
      { weight: 1, arbitrary: fc.tuple(term, term).map(([a, b]) => `not (${a} or ${b})`) },
    );
  const inBrackets = [...brackets].map(([path, names]) => combined(comparison([...names])).map((inner) => `${path}[${inner}]`));
  return combined(fc.oneof({ weight: 3, arbitrary: comparison([...paths]) }, ...inBrackets)).filter((filter) => isReadable(filter, plan));
}

/** Not every operator goes with every type: what the parser refuses is no filter. */
function isReadable(filter: string, plan: ResourcePlan): boolean {
  try {
    parseFilter(filter, plan.resourceType);
    return true;
  } catch {
    return false;
  }
}
