import type { LdapValue } from '../ldap/entry.ts';
import { allOf, anyOf, EVERYTHING, type LdapFilter, NOTHING, negate } from '../ldap/filter.ts';
import { formatGeneralizedTime } from '../ldap/generalized-time.ts';
import { parseGuid } from '../ldap/guid.ts';
import type { AttributePath } from '../scim/attribute-path.ts';
import { parseDateTime } from '../scim/date-time.ts';
import { descriptionKey, type ElementDescription } from '../scim/element-description.ts';
import { badRequest } from '../scim/errors.ts';
import { matchesElement } from '../scim/evaluate-filter.ts';
import type { Comparison, Filter } from '../scim/filter.ts';
import { formatAttributePath } from '../scim/format-filter.ts';
import { newObject } from '../scim/resource.ts';
import type { FilterMatch, Lens, LensContext } from './lens.ts';
import { isReferenceLens, type ResourcePlan } from './plan.ts';

const EXACTLY_EVERYTHING: FilterMatch = { filter: EVERYTHING, exact: true };
const EXACTLY_NOTHING: FilterMatch = { filter: NOTHING, exact: true };
const ANYTHING: FilterMatch = { filter: EVERYTHING, exact: false };

/**
 * The LDAP filter behind a SCIM filter (RFC 7644 §3.4.2.2 → RFC 4511 §4.5.1.7).
 *
 * @returns a filter that selects at least everything that matches; unless `exact`, the candidates have to be checked on the
 *          resource with `evaluateFilter`. Never the reverse: nothing that matches is missed. The plan's class filter is not included.
 * @throws ScimError invalidFilter when no line maps an attribute that the filter names
 */
export function translateFilter(filter: Filter, plan: ResourcePlan, context: LensContext): FilterMatch {
  return translate(filter, plan, context);
}

/** The ids that a filter compares references with: they have to be resolved before it can be translated. */
export function referencedIds(filter: Filter, plan: ResourcePlan): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap((each) => referencedIds(each, plan));
    case 'not':
      return referencedIds(filter.filter, plan);
    case 'valuePath':
    case 'compare': {
      const isReference = plan.lenses.some((lens) => isReferenceLens(lens) && lens.place.path.attribute === filter.path.attribute);
      return isReference ? comparedValues(filter.kind === 'valuePath' ? filter.filter : filter) : [];
    }
    case 'present':
      return [];
    default:
      return filter satisfies never;
  }
}

function comparedValues(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(comparedValues);
    case 'not':
      return comparedValues(filter.filter);
    case 'compare':
      return typeof filter.value === 'string' ? [filter.value] : [];
    case 'present':
    case 'valuePath':
      return [];
    default:
      return filter satisfies never;
  }
}

/** The lines that have to be read to check a candidate against a filter: for `schemas` all that show something. */
export function lensesOfFilter(filter: Filter, plan: ResourcePlan): readonly Lens[] {
  const attributes = new Set(attributesOf(filter).map((path) => path.attribute));
  if ([...attributes].some(({ name }) => name === 'schemas')) return plan.lenses.filter((lens) => lens.definition.returned !== 'never');
  return plan.lenses.filter((lens) => attributes.has(lens.place.path.attribute));
}

/** The paths that a filter speaks of, outermost ones only. */
export function attributesOf(filter: Filter): readonly AttributePath[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(attributesOf);
    case 'not':
      return attributesOf(filter.filter);
    case 'compare':
    case 'present':
    case 'valuePath':
      return [filter.path];
    default:
      return filter satisfies never;
  }
}

function translate(filter: Filter, plan: ResourcePlan, context: LensContext): FilterMatch {
  switch (filter.kind) {
    case 'and':
      return intersection(filter.filters.map((each) => translate(each, plan, context)));
    case 'or':
      return union(filter.filters.map((each) => translate(each, plan, context)));
    case 'not':
      return complement(translate(filter.filter, plan, context));
    case 'compare':
      return compare(filter, plan, context);
    case 'present':
      return presentAt(filter.path, plan, context);
    case 'valuePath':
      return valuePath(filter.path, filter.filter, plan.lenses, context);
    default:
      return filter satisfies never;
  }
}

/** What doesn't match. The complement of "at least these" says nothing. */
function complement({ filter, exact }: FilterMatch): FilterMatch {
  return exact ? { filter: negate(filter), exact: true } : ANYTHING;
}

function intersection(matches: readonly FilterMatch[]): FilterMatch {
  return { filter: allOf(...matches.map((match) => match.filter)), exact: matches.every((match) => match.exact) };
}

function union(matches: readonly FilterMatch[]): FilterMatch {
  return { filter: anyOf(...matches.map((match) => match.filter)), exact: matches.every((match) => match.exact) };
}

function compare(filter: Comparison, plan: ResourcePlan, context: LensContext): FilterMatch {
  const { lenses } = plan;
  // RFC 7644 §3.4.2.2: ne is not eq, also for an attribute that is absent (decisions 17).
  if (filter.operator === 'ne') return complement(compare({ ...filter, operator: 'eq' }, plan, context));
  // Everything compares with null as absent.
  if (filter.value === null) {
    return filter.operator === 'eq' ? complement(presentAt(filter.path, plan, context)) : EXACTLY_NOTHING;
  }
  const common = compareCommon(filter, plan);
  if (common !== undefined) return common;
  if (isInElement(filter.path, lenses)) return inElements(filter.path, filter, lenses, context);
  const found = lensesAt(filter.path, lenses);
  return union(
    found.map((lens) =>
      isBesideId(filter.path, lens) ? atMost(lens.matchPresent(context)) : lens.match(filter.operator, filter.value, context),
    ),
  );
}

/** `members.type`, `manager.displayName`: a reference is asked by its id alone. */
function isBesideId({ sub }: AttributePath, lens: Lens): boolean {
  return isReferenceLens(lens) && sub !== undefined && sub.name !== 'value';
}

function atMost({ filter }: FilterMatch): FilterMatch {
  return { filter, exact: false };
}

/** Whether a path leads into elements that the file describes one by one: their constants and types are no lines of their own. */
function isInElement({ attribute, sub }: AttributePath, lenses: readonly Lens[]): boolean {
  if (sub === undefined) return false;
  return lenses.some(
    ({ place }) => place.kind === 'element' && place.path.attribute === attribute && (place.path.sub === sub || place.description.has(sub)),
  );
}

/** `emails.type eq "work"` is `emails[type eq "work"]`. */
function inElements(
  { sub, ...path }: AttributePath,
  term: Comparison | Extract<Filter, { kind: 'present' }>,
  lenses: readonly Lens[],
  context: LensContext,
): FilterMatch {
  const inner = sub === undefined ? term : { ...term, path: { ...path, attribute: sub } };
  return valuePath(path, inner, lenses, context);
}

/** The lines whose values a path reads. @throws ScimError invalidFilter when there is none */
function lensesAt(path: AttributePath, lenses: readonly Lens[]): readonly Lens[] {
  const found = lenses.filter(({ place }) => {
    if (place.path.attribute !== path.attribute) return false;
    return path.sub === undefined || place.path.sub === undefined ? true : place.path.sub === path.sub;
  });
  if (found.length > 0) return found;
  throw badRequest('invalidFilter', `filter: ${formatAttributePath(path)} is not mapped here`);
}

function compareCommon(filter: Comparison, plan: ResourcePlan): FilterMatch | undefined {
  const { attribute, sub, isExtension } = filter.path;
  if (isExtension) return undefined;
  if (attribute.name === 'id') {
    if (filter.operator !== 'eq') return ANYTHING;
    if (typeof filter.value !== 'string') return EXACTLY_NOTHING;
    // SCIM ids are case-exact (RFC 7643 §3.1), the directory's UUIDs aren't.
    const match = matchId(plan, filter.value);
    return filter.value === filter.value.toLowerCase() ? match : { ...match, exact: false };
  }
  if (attribute.name === 'schemas') return ANYTHING;
  if (attribute.name !== 'meta' || sub === undefined) return undefined;
  if (sub.name === 'created' || sub.name === 'lastModified') return compareTime(filter, plan.meta[sub.name]);
  return ANYTHING;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The entry with a SCIM id; a text that can be no id selects nothing, where the directory would find the filter undefined. */
export function matchId(plan: Pick<ResourcePlan, 'id' | 'idEncoding'>, id: string): FilterMatch {
  const value = storedId(plan, id);
  return value === undefined ? EXACTLY_NOTHING : { filter: { kind: 'equality', attribute: plan.id, value }, exact: true };
}

/** How the directory stores a SCIM id; undefined for a text that can be no id. */
export function storedId({ id: attribute, idEncoding }: Pick<ResourcePlan, 'id' | 'idEncoding'>, id: string): LdapValue | undefined {
  if (idEncoding === 'guid') return parseGuid(id);
  const isPossible = attribute.toLowerCase() === 'entryuuid' ? UUID.test(id) : id !== '';
  return isPossible ? id : undefined;
}

/**
 * Most directory times have whole seconds, some have fractions, as a client's may: the second is selected here, with both of its
 * ends, and compared exactly afterwards.
 */
function compareTime({ operator, value }: Comparison, attribute: string): FilterMatch {
  // These compare the text that we make of a time.
  if (operator === 'co' || operator === 'sw' || operator === 'ew') return ANYTHING;
  const instant = typeof value === 'string' ? parseDateTime(value) : undefined;
  if (instant === undefined) return EXACTLY_NOTHING;
  const [second, nextSecond] = [formatGeneralizedTime(instant), formatGeneralizedTime(instant + 1000)];
  if (second === undefined || nextSecond === undefined) return ANYTHING;
  const from: LdapFilter = { kind: 'greaterOrEqual', attribute, value: second };
  const to: LdapFilter = { kind: 'lessOrEqual', attribute, value: nextSecond };
  switch (operator) {
    case 'eq':
      return { filter: allOf(from, to), exact: false };
    case 'gt':
    case 'ge':
      return { filter: from, exact: false };
    case 'lt':
    case 'le':
      return { filter: to, exact: false };
    case 'ne':
      return ANYTHING;
    default:
      return operator satisfies never;
  }
}

function presentAt(path: AttributePath, plan: ResourcePlan, context: LensContext): FilterMatch {
  const { lenses } = plan;
  if (['id', 'schemas', 'meta'].includes(path.attribute.name) && !path.isExtension) {
    return path.sub?.name === 'version' ? { filter: { kind: 'present', attribute: plan.meta.version }, exact: true } : EXACTLY_EVERYTHING;
  }
  if (isInElement(path, lenses)) return inElements(path, { kind: 'present', path }, lenses, context);
  return union(
    lensesAt(path, lenses)
      .filter(showsAlone)
      .map((lens) => (isBesideId(path, lens) ? atMost(lens.matchPresent(context)) : lens.matchPresent(context))),
  );
}

/** A constant in an element shows up with the rest of it. */
function showsAlone(lens: Lens): boolean {
  return lens.kind !== 'constant' || lens.place.kind !== 'element';
}

/**
 * `attr[…]`: one element has to satisfy all of it. The elements that the file describes are gone through one by one, what their
 * description fixes is decided here, and the rest is asked of the lines of that element alone.
 */
function valuePath(path: AttributePath, inner: Filter, allLenses: readonly Lens[], context: LensContext): FilterMatch {
  const lenses = lensesAt(path, allLenses);
  const [lens] = lenses;
  if (lens !== undefined && (lens.place.kind === 'list' || isReferenceLens(lens))) return matchInWhole(inner, lens, context);
  return union(describedElements(lenses).map((element) => matchInElement(inner, element, context)));
}

/** The lines of one described element; those of a single complex value form one of no description. */
interface DescribedElement {
  readonly description: ElementDescription;
  readonly lenses: readonly Lens[];
}

function describedElements(lenses: readonly Lens[]): readonly DescribedElement[] {
  const byDescription = new Map<string, { description: DescribedElement['description']; lenses: Lens[] }>();
  for (const lens of lenses) {
    const description: ElementDescription = lens.place.kind === 'element' ? lens.place.description : new Map();
    const key = descriptionKey(description);
    const element = byDescription.get(key);
    if (element === undefined) byDescription.set(key, { description, lenses: [lens] });
    else element.lenses.push(lens);
  }
  return [...byDescription.values()];
}

function matchInElement(filter: Filter, element: DescribedElement, context: LensContext): FilterMatch {
  const inside = matchInside(filter, element, context);
  if (asksForStored(filter, element)) return inside;
  const exists = union(element.lenses.filter(showsAlone).map((lens) => lens.matchPresent(context)));
  return intersection([exists, inside]);
}

/** Whether only an element with something stored can satisfy a filter, so that its existence needn't be asked for. */
function asksForStored(filter: Filter, element: DescribedElement): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.some((each) => asksForStored(each, element));
    case 'or':
      return filter.filters.every((each) => asksForStored(each, element));
    case 'compare':
      return filter.operator !== 'ne' && filter.value !== null && lensInElement(filter.path, element)?.kind === 'text';
    case 'present':
      return lensInElement(filter.path, element)?.kind === 'text';
    case 'not':
    case 'valuePath':
      return false;
    default:
      return filter satisfies never;
  }
}

/** The line for a sub-attribute of an element. */
function lensInElement({ attribute }: AttributePath, element: DescribedElement): Lens | undefined {
  return element.lenses.find(({ place }) => place.path.sub === attribute);
}

function matchInside(filter: Filter, element: DescribedElement, context: LensContext): FilterMatch {
  switch (filter.kind) {
    case 'and':
      return intersection(filter.filters.map((each) => matchInside(each, element, context)));
    case 'or':
      return union(filter.filters.map((each) => matchInside(each, element, context)));
    case 'not':
      return complement(matchInside(filter.filter, element, context));
    case 'compare': {
      const fixed = element.description.get(filter.path.attribute);
      if (fixed !== undefined) {
        return matchesElement(filter, newObject([[filter.path.attribute.name, fixed]])) ? EXACTLY_EVERYTHING : EXACTLY_NOTHING;
      }
      if (filter.operator === 'ne' || filter.value === null) return ANYTHING;
      return lensInElement(filter.path, element)?.match(filter.operator, filter.value, context) ?? EXACTLY_NOTHING;
    }
    case 'present':
      if (element.description.has(filter.path.attribute)) return EXACTLY_EVERYTHING;
      return lensInElement(filter.path, element)?.matchPresent(context) ?? EXACTLY_NOTHING;
    case 'valuePath':
      return ANYTHING;
    default:
      return filter satisfies never;
  }
}

/** A value filter on what one line feeds: `value eq` can be asked of the directory; the rest narrows by presence. */
function matchInWhole(filter: Filter, lens: Lens, context: LensContext): FilterMatch {
  if (filter.kind === 'compare' && filter.operator === 'eq' && filter.value !== null) {
    const sub = filter.path.attribute;
    if (lens.kind === 'reference' ? sub.name === 'value' : lens.place.path.sub === sub) return lens.match('eq', filter.value, context);
  }
  if (filter.kind === 'and') return atMost(intersection(filter.filters.map((each) => matchInWhole(each, lens, context))));
  return atMost(lens.matchPresent(context));
}

/** The filter of a whole search: only what is a resource of this kind, and of that what the translated filter selects. */
export function searchFilter(plan: ResourcePlan, filter: LdapFilter): LdapFilter {
  return allOf(plan.filter, filter);
}
