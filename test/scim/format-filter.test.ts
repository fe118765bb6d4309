import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributePath } from '../../src/scim/attribute-path.ts';
import { ScimError } from '../../src/scim/errors.ts';
import type { ComparisonOperator, Filter, FilterValue } from '../../src/scim/filter.ts';
import { formatAttributePath, formatFilter } from '../../src/scim/format-filter.ts';
import { readFilter } from '../../src/scim/lenient-filter.ts';
import { parseAttributePath } from '../../src/scim/parse-attribute-path.ts';
import { parseFilter } from '../../src/scim/parse-filter.ts';
import { defineResourceType } from '../../src/scim/resource-type.ts';
import { COMMON_ATTRIBUTES, ENTERPRISE_USER_SCHEMA, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';

const user = defineResourceType('User', standardSchema(USER_SCHEMA), [standardSchema(ENTERPRISE_USER_SCHEMA)]);

const wholeAttributes: readonly AttributePath[] = [user.schema, ...user.extensions].flatMap((schema) =>
  [...(schema === user.schema ? COMMON_ATTRIBUTES : []), ...schema.attributes].map((attribute) => ({
    schema,
    isExtension: schema !== user.schema,
    attribute,
  })),
);
const shown = wholeAttributes.filter(({ attribute }) => attribute.returned !== 'never');
const complex = shown.filter(({ attribute }) => attribute.type === 'complex');
const simple = shown.flatMap((path): readonly AttributePath[] =>
  path.attribute.type === 'complex' ? path.attribute.subAttributes.map((sub) => ({ ...path, sub })) : [path],
);
const insideOf = ({ schema, isExtension, attribute }: AttributePath): readonly AttributePath[] =>
  attribute.subAttributes.map((sub) => ({ schema, isExtension, attribute: sub }));

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '"', '\\', 'a" and b eq "c', '\\u0000', 'null', '5'));

const either = (...operators: readonly ComparisonOperator[]): fc.Arbitrary<ComparisonOperator> => fc.constantFrom(...operators);

function comparison(path: AttributePath): fc.Arbitrary<Filter> {
  const compare = (operators: fc.Arbitrary<ComparisonOperator>, values: fc.Arbitrary<FilterValue>): fc.Arbitrary<Filter> =>
    fc.tuple(operators, values).map(([operator, value]) => ({ kind: 'compare', path, operator, value }));
  switch ((path.sub ?? path.attribute).type) {
    case 'boolean':
      return compare(either('eq', 'ne'), fc.oneof(fc.boolean(), fc.constant(null)));
    case 'string':
      return fc.oneof(
        compare(either('eq', 'ne'), fc.oneof(text, fc.constant(null))),
        compare(either('co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'), text),
      );
    default:
      return compare(either('eq', 'ne', 'co', 'sw', 'ew'), text);
  }
}

/** `and`, `or` and `not` over the given terms, four levels deep. */
function combinations(term: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      term,
      fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('filter'), { minLength: 2, maxLength: 3 }))
        .map(([kind, filters]): Filter => ({ kind, filters })),
      tie('filter').map((negated): Filter => ({ kind: 'not', filter: negated })),
    ),
  }));
  return filter;
}

const terms = (comparable: readonly AttributePath[], present: readonly AttributePath[]): fc.Arbitrary<Filter> =>
  fc.oneof(
    fc.constantFrom(...comparable).chain(comparison),
    fc.constantFrom(...present).map((path): Filter => ({ kind: 'present', path })),
  );

const valueFilter = (path: AttributePath): fc.Arbitrary<Filter> => combinations(terms(insideOf(path), insideOf(path)));
const valuePath = fc
  .constantFrom(...complex)
  .chain((path) => valueFilter(path).map((filter): Filter => ({ kind: 'valuePath', path, filter })));
const anyFilter = combinations(fc.oneof(terms(simple, [...simple, ...shown]), valuePath));
const anyPath: fc.Arbitrary<AttributePath> = fc.oneof(
  fc.constantFrom(...wholeAttributes, ...simple),
  fc.constantFrom(...complex).chain((path) => valueFilter(path).map((filter): AttributePath => ({ ...path, valueFilter: filter }))),
  fc
    .constantFrom(...complex)
    .chain((path) =>
      fc
        .tuple(valueFilter(path), fc.constantFrom(...path.attribute.subAttributes))
        .map(([filter, sub]): AttributePath => ({ ...path, valueFilter: filter, sub })),
    ),
);

describe('formatFilter', () => {
  it('writes what parseFilter reads as the same filter', () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        expect(parseFilter(formatFilter(filter), user)).toStrictEqual(filter);
      }),
    );
  });

  it('keeps groups inside groups', () => {
    const grouped = 'title pr and (title pr and title pr) and (title pr or not (title pr or title pr))';
    expect(formatFilter(parseFilter(grouped, user))).toBe(grouped);
  });
});

describe('formatAttributePath', () => {
  it('writes what parseAttributePath reads as the same path', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        expect(parseAttributePath(formatAttributePath(path), user)).toStrictEqual({ kind: 'attribute', path });
      }),
    );
  });
});

describe('parsers', () => {
  const pieces = fc.constantFrom(
    'userName',
    'emails',
    'eq',
    'and',
    'or',
    'not',
    'pr',
    '(',
    ')',
    '[',
    ']',
    '.value',
    '"',
    '\\',
    ' ',
    '""',
    'null',
    ':',
    '1',
  );
  const garbage = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.string({ unit: 'binary', maxLength: 3 })).map((parts) => parts.join(' ')),
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(' ')),
  );

  it('are total: any text gives a value or a ScimError', () => {
    const attempt = (read: () => unknown): void => {
      try {
        read();
      } catch (error) {
        expect(error).toBeInstanceOf(ScimError);
      }
    };
    fc.assert(
      fc.property(garbage, (input) => {
        attempt(() => readFilter(input, user));
        attempt(() => parseAttributePath(input, user));
      }),
    );
  });
});
