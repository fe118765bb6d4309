import fc from 'fast-check';
import type { ResourcePlan } from '../../../src/mapping/plan.ts';
import { ScimError } from '../../../src/scim/errors.ts';
import type { Filter } from '../../../src/scim/filter.ts';
import { readFilter } from '../../../src/scim/lenient-filter.ts';

/** A filter as a client sends it, and what it means. */
export interface RandomFilter {
  readonly text: string;
  readonly filter: Filter;
}

/** Certificates are long: what doesn't fit into a URL is left out. */
const MAX_LENGTH = 8000;

/** Binaries have no order (RFC 7644 §3.4.2.2). */
const BINARY_OPERATORS = ['eq', 'ne'];
const OPERATORS = ['eq', 'eq', 'eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];

/**
 * Filters over everything that a mapping file maps, and the common attributes, with literals that are near what the resources hold.
 * What the grammar or an attribute's type refuses (`active gt true`) is left out.
 *
 * @param resources a listing without filter
 */
export function randomFilters(plan: ResourcePlan, resources: readonly object[], count: number, seed: number): readonly RandomFilter[] {
  const filters: RandomFilter[] = [];
  for (const text of fc.sample(filterText(plan, literalsOf(resources)), { numRuns: count * 3, seed })) {
    if (filters.length === count) break;
    if (text.length > MAX_LENGTH) continue;
    try {
      filters.push({ text, filter: readFilter(text, plan.resourceType) });
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
    }
  }
  return filters;
}

/** A path in a filter, and the values that resources have there; one that holds elements has paths inside. */
interface Operand {
  readonly path: string;
  readonly inside: readonly string[];
  readonly isBinary: boolean;
}

function operandsOf({ lenses, resourceType }: ResourcePlan): readonly Operand[] {
  const operands = new Map<string, Operand>();
  const add = (path: string, inside: readonly string[] = [], isBinary = false) => operands.set(path, { path, inside, isBinary });
  for (const path of ['id', 'schemas', 'meta.created', 'meta.lastModified', 'meta.resourceType', 'meta.version', 'meta.location'])
    add(path);
  for (const { path, place, kind, definition } of lenses) {
    if (kind === 'password') continue;
    const { attribute, sub, schema } = place.path;
    const owner = schema === resourceType.schema ? attribute.name : `${schema.id}:${attribute.name}`;
    add(path, [], definition.type === 'binary');
    add(owner, attribute.type === 'complex' ? attribute.subAttributes.map(({ name }) => name) : []);
    if (sub !== undefined) add(`${owner}.${sub.name}`, [], definition.type === 'binary');
    const isWhole = kind === 'reference' || (place.kind === 'list' && sub === undefined);
    for (const each of isWhole ? attribute.subAttributes : []) if (each.name !== 'displayName') add(`${owner}.${each.name}`);
    if (place.kind === 'element') for (const each of place.description.keys()) add(`${owner}.${each.name}`);
  }
  return [...operands.values()];
}

/** Every text and truth value anywhere in the resources, by the name of the member that holds it. */
type Literals = ReadonlyMap<string, readonly unknown[]>;

function literalsOf(resources: readonly object[]): Literals {
  const byName = new Map<string, Set<unknown>>();
  const gather = (name: string, value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) gather(name, each);
    else if (typeof value === 'object' && value !== null) for (const [key, each] of Object.entries(value)) gather(`${name}.${key}`, each);
    else byName.set(name, (byName.get(name) ?? new Set()).add(value));
  };
  for (const resource of resources) for (const [name, value] of Object.entries(resource)) gather(name, value);
  return new Map([...byName].map(([name, values]) => [name, [...values]]));
}

/** The values at a path; with brackets and colons taken as they come, since any near value will do. */
function literalsAt(path: string, literals: Literals): readonly unknown[] {
  const key = path.replace(/\[.*\]/, '').replace(/^(urn:.*):(\w[\w.]*)$/, '$1.$2');
  return literals.get(key) ?? literals.get(`${key}.value`) ?? [];
}

function filterText(plan: ResourcePlan, literals: Literals): fc.Arbitrary<string> {
  const operands = operandsOf(plan);
  const binaries = operands.filter(({ isBinary }) => isBinary);
  const binaryPaths = new Set(binaries.map(({ path }) => path));
  const nobody = ['-', '', 'x', true, 42, null, '00000000-0000-4000-8000-999999999999'];
  const literal = (path: string) => {
    const near = literalsAt(path, literals);
    return fc.oneof(...(near.length === 0 ? [] : [{ weight: 6, arbitrary: fc.constantFrom(...near).chain(mutated) }]), {
      weight: 1,
      arbitrary: fc.constantFrom(...nobody),
    });
  };
  const test = (path: string, name: string) =>
    fc.oneof(
      { weight: 1, arbitrary: fc.constant(`${name} pr`) },
      {
        weight: 7,
        arbitrary: fc
          .tuple(fc.constantFrom(...(binaryPaths.has(path) ? BINARY_OPERATORS : OPERATORS)), literal(path))
          .map(([operator, value]) => `${name} ${operator} ${JSON.stringify(value)}`),
      },
    );
  const combined = (term: fc.Arbitrary<string>) =>
    fc.oneof(
      { weight: 4, arbitrary: term },
      { weight: 1, arbitrary: term.map((each) => `not (${each})`) },
      { weight: 1, arbitrary: fc.tuple(term, fc.constantFrom('and', 'or'), term).map((parts) => parts.join(' ')) },
      { weight: 1, arbitrary: fc.tuple(term, term, term).map(([a, b, c]) => `(${a} or ${b}) and not (${c})`) },
      { weight: 1, arbitrary: fc.tuple(term, term, term).map(([a, b, c]) => `not (${a} and not (${b} or ${c}))`) },
    );
  // Among so many others they would be met once in a while only.
  const operand = fc.constantFrom(...operands, ...binaries, ...binaries, ...binaries);
  const term = operand.chain(({ path, inside }) => {
    if (inside.length === 0) return test(path, path);
    const element = combined(fc.constantFrom(...inside).chain((sub) => test(`${path}.${sub}`, sub)));
    return fc.oneof(
      test(path, path),
      element.map((each) => `${path}[${each}]`),
    );
  });
  return combined(term);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

/** A literal as it is, or a little different. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'string' || UUID.test(value)) return fc.constant(value);
  const letters = [...value];
  const middle = Math.floor(letters.length / 2);
  return fc.constantFrom(
    value,
    value,
    value.toUpperCase(),
    value.toLowerCase(),
    value.normalize('NFD'),
    ` ${value}  `,
    value.replaceAll(' ', '  '),
    letters.slice(0, middle + 1).join(''),
    letters.slice(middle).join(''),
    letters.slice(1, -1).join(''),
  );
}
