import type { AttributePath } from './attribute-path.ts';
import { parseDateTime } from './date-time.ts';
import type { Comparison, ComparisonOperator, Filter, FilterValue } from './filter.ts';
import { attributeAt, elementsOf, isObject, newObject, type ScimObject, type ScimValue } from './resource.ts';
import type { AttributeDefinition } from './schema.ts';

/** Makes texts equal that are the same to attributes without `caseExact`. */
export type CaseFold = (text: string) => string;

/**
 * OpenLDAP's notion of "same text" (caseIgnoreMatch, RFC 4518 with its deviations): letter case and compatibility characters don't
 * count, nor do blanks at the ends or more than one between words. A filter that we finish in memory then selects what the
 * directory would have selected. A letter becomes one letter: `İ` is `i`, and both small sigmas stay apart. Tabs and line breaks
 * are no blanks. A text of nothing but blanks is one blank (§2.6.1): no empty text, which would mean absent.
 */
export function foldCase(text: string): string {
  const words = Array.from(text, lowerLetter)
    .join('')
    .normalize('NFKC')
    .split(' ')
    .filter((word) => word !== '');
  return words.length === 0 && text !== '' ? ' ' : words.join(' ');
}

/** Of the letters with more than one letter as their lower case there is only `İ`. */
function lowerLetter(letter: string): string {
  const [first = letter] = letter.toLowerCase();
  return first;
}

/**
 * Whether a resource is selected by a filter (RFC 7644 §3.4.2.2).
 *
 * A list matches when any of its values does; `ne` is the negation of `eq`, so it holds for absent attributes, where everything else is false.
 * `null` means unassigned (RFC 7643 §2.5): `title eq null` is `not (title pr)`. Text is compared exactly or folded, as `caseExact` says;
 * dateTimes as instants, whatever their offsets; values of different types never match.
 *
 * @param filter from the parser: its depth is bounded
 */
export function evaluateFilter(filter: Filter, resource: ScimObject, caseFold: CaseFold = foldCase): boolean {
  return evaluate(filter, (path) => attributeAt(resource, path), caseFold);
}

/** Whether one element of a complex attribute satisfies a value filter, whose paths name sub-attributes. */
export function matchesElement(filter: Filter, element: ScimObject, caseFold: CaseFold = foldCase): boolean {
  return evaluate(filter, (path) => element[path.attribute.name], caseFold);
}

function evaluate(filter: Filter, attributeValue: (path: AttributePath) => ScimValue | undefined, caseFold: CaseFold): boolean {
  const valuesAt = (path: AttributePath): readonly ScimValue[] => valuesOf(attributeValue(path), path.sub);
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((each) => evaluate(each, attributeValue, caseFold));
    case 'or':
      return filter.filters.some((each) => evaluate(each, attributeValue, caseFold));
    case 'not':
      return !evaluate(filter.filter, attributeValue, caseFold);
    case 'present':
      return isPresent(valuesAt(filter.path));
    case 'compare':
      return compare(filter, valuesAt(filter.path), caseFold);
    case 'valuePath':
      return valuesAt(filter.path).some((element) =>
        matchesElement(filter.filter, isObject(element) ? element : newObject([['value', element]]), caseFold),
      );
    default:
      return filter satisfies never;
  }
}

function valuesOf(value: ScimValue | undefined, sub: AttributeDefinition | undefined): readonly ScimValue[] {
  const elements = elementsOf(value);
  return sub === undefined ? elements : elements.flatMap((element) => (isObject(element) ? elementsOf(element[sub.name]) : []));
}

/** A non-empty value, or a complex one with a non-empty sub-attribute. */
function isPresent(value: ScimValue | undefined): boolean {
  if (value === undefined || value === '') return false;
  return typeof value !== 'object' || Object.values(value).some(isPresent);
}

function compare({ path, operator, value: literal }: Comparison, values: readonly ScimValue[], caseFold: CaseFold): boolean {
  if (operator === 'ne') return !compare({ kind: 'compare', path, operator: 'eq', value: literal }, values, caseFold);
  if (literal === null) return operator === 'eq' && !isPresent(values);
  const attribute = path.sub ?? path.attribute;
  const matches = matcher(attribute, operator, literal, caseFold);
  return values.some(matches);
}

/** The test for one value; the literal is prepared once. */
function matcher(
  attribute: AttributeDefinition,
  operator: Exclude<ComparisonOperator, 'ne'>,
  literal: Exclude<FilterValue, null>,
  caseFold: CaseFold,
): (value: ScimValue) => boolean {
  if (attribute.type === 'dateTime' && typeof literal === 'string' && operator !== 'co' && operator !== 'sw' && operator !== 'ew') {
    const instant = parseDateTime(literal);
    if (instant === undefined) return () => false;
    return (value) => {
      const other = typeof value === 'string' ? parseDateTime(value) : undefined;
      return other !== undefined && holds(other, operator, instant);
    };
  }
  if (typeof literal === 'string') {
    const fold: CaseFold = attribute.caseExact ? (text) => text : caseFold;
    const folded = fold(literal);
    return (value) => typeof value === 'string' && holds(fold(value), operator, folded);
  }
  if (typeof literal === 'number') return (value) => typeof value === 'number' && holds(value, operator, literal);
  return (value) => typeof value === 'boolean' && holds(value, operator, literal);
}

function holds<T extends string | number | boolean>(value: T, operator: Exclude<ComparisonOperator, 'ne'>, literal: T): boolean {
  switch (operator) {
    case 'eq':
      return value === literal;
    case 'co':
      return String(value).includes(String(literal));
    case 'sw':
      return String(value).startsWith(String(literal));
    case 'ew':
      return String(value).endsWith(String(literal));
    case 'gt':
      return value > literal;
    case 'ge':
      return value >= literal;
    case 'lt':
      return value < literal;
    case 'le':
      return value <= literal;
    default:
      return operator satisfies never;
  }
}
