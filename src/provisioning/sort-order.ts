import type { DirectoryFacts, SortKey as LdapSortKey } from '../directory/directory.ts';
import type { LdapAttributeType } from '../ldap/schema.ts';
import type { Lens } from '../mapping/lens.ts';
import { isTextLens, type ResourcePlan } from '../mapping/plan.ts';
import { NO_REFERENCES } from '../mapping/reference-table.ts';
import type { AttributePath } from '../scim/attribute-path.ts';
import { parseDateTime } from '../scim/date-time.ts';
import { badRequest } from '../scim/errors.ts';
import { foldCase, matchesElement } from '../scim/evaluate-filter.ts';
import { formatAttributePath } from '../scim/format-filter.ts';
import { parseAttributePath } from '../scim/parse-attribute-path.ts';
import { attributeAt, elementsOf, isObject, type ScimObject, type ScimValue } from '../scim/resource.ts';
import { findSubAttribute } from '../scim/resource-type.ts';
import type { ListedId } from './id-list.ts';

/** The order of an answer (RFC 7644 §3.4.2.3). */
export interface SortOrder {
  readonly sortBy: string;
  readonly descending: boolean;
}

/** @returns undefined when no order is asked for: that of the ids. @throws ScimError invalidValue for a sortOrder that is none */
export function readSortOrder(sortBy: string | undefined, sortOrder: string | undefined): SortOrder | undefined {
  const order = sortOrder?.trim().toLowerCase() ?? '';
  if (!['', 'ascending', 'descending'].includes(order)) throw badRequest('invalidValue', 'sortOrder: is ascending or descending');
  const path = sortBy?.trim() ?? '';
  return path === '' ? undefined : { sortBy: path, descending: order === 'descending' };
}

/**
 * What `sortBy` names in one type of resource. Without its sub-attribute a complex attribute stands for its `value`, as in filters.
 *
 * @returns undefined when the type hasn't got it, or no line maps it
 * @throws ScimError invalidPath for text that is no path, for a complex attribute without a value and for what is never shown
 */
export function readSortPath(sortBy: string, plan: ResourcePlan): AttributePath | undefined {
  const target = parseAttributePath(sortBy, plan.resourceType);
  if (target.kind !== 'attribute') return undefined;
  const path = toSimpleAttribute(target.path);
  const leaf = path.sub ?? path.attribute;
  if (leaf.returned === 'never' || path.attribute.returned === 'never') {
    throw badRequest('invalidPath', `sortBy: ${formatAttributePath(path)} is never shown`);
  }
  return isCommon(path) || lensesOfSortPath(path, plan).some((lens) => feeds(lens, path)) ? path : undefined;
}

function toSimpleAttribute(path: AttributePath): AttributePath {
  if (path.sub !== undefined || path.attribute.type !== 'complex') return path;
  const sub = findSubAttribute(path.attribute, 'value');
  if (sub !== undefined) return { ...path, sub };
  throw badRequest('invalidPath', `sortBy: ${formatAttributePath(path)} is complex; name one of its sub-attributes`);
}

/** What is read of every entry, whatever the lines say. */
function isCommon({ attribute, isExtension }: AttributePath): boolean {
  return !isExtension && ['id', 'meta', 'schemas'].includes(attribute.name);
}

/** The lines that have to be read to see a resource's place in the order. */
export function lensesOfSortPath({ attribute }: AttributePath, plan: ResourcePlan): readonly Lens[] {
  return plan.lenses.filter((lens) => lens.place.path.attribute === attribute);
}

function feeds({ place }: Lens, { sub }: AttributePath): boolean {
  const fixesIt = sub !== undefined && place.kind === 'element' && place.description.has(sub);
  return sub === undefined || place.path.sub === undefined || place.path.sub === sub || fixesIt;
}

/** A value as it is compared: text folded unless it is case-exact, dateTimes and booleans as numbers. */
export type SortValue = string | number;

/** What a resource is sorted by: of a list the primary element or else the first one. Undefined when it has no value. */
export function sortValueOf(path: AttributePath | undefined, resource: ScimObject): SortValue | undefined {
  if (path === undefined) return undefined;
  const { valueFilter, sub } = path;
  const elements = elementsOf(attributeAt(resource, path)).filter(
    (element) => valueFilter === undefined || (isObject(element) && matchesElement(valueFilter, element)),
  );
  const element = elements.find((each) => isObject(each) && each['primary'] === true) ?? elements[0];
  const [value] = elementsOf(sub === undefined ? element : isObject(element) ? element[sub.name] : undefined);
  return toSortValue(value, path);
}

function toSortValue(value: ScimValue | undefined, path: AttributePath): SortValue | undefined {
  const { type, caseExact } = path.sub ?? path.attribute;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  if (type === 'dateTime') return parseDateTime(value);
  return caseExact ? value : foldCase(value);
}

/** A resource with its place in the order. */
export interface SortedId extends ListedId {
  readonly value: SortValue | undefined;
}

/** Those without a value come last, in descending order first; the type and the id decide among equals. */
export function compareSorted(a: SortedId, b: SortedId, { descending }: Pick<SortOrder, 'descending'>): number {
  const order = compareValues(a.value, b.value);
  if (order !== 0) return descending ? -order : order;
  return a.type - b.type || compare(a.id, b.id);
}

function compareValues(a: SortValue | undefined, b: SortValue | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compare(a, b);
}

function compare(a: SortValue, b: SortValue): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The order in the directory's words (RFC 2891), where it has them: for one line that shows just what is stored, and an attribute
 * that is compared as SCIM compares it. Of several values the directory takes the least, not the first.
 */
export function directorySortKeys(
  path: AttributePath,
  { descending: reverse }: SortOrder,
  plan: ResourcePlan,
  facts: DirectoryFacts,
): readonly LdapSortKey[] | undefined {
  if (!facts.supportsSorting) return undefined;
  const attribute = storedAs(path, plan, facts);
  const type = attribute === undefined ? undefined : facts.schema.attributeType(attribute);
  if (attribute === undefined || type === undefined) return undefined;
  const orderingRule = orderingRuleOf(type, path);
  if (orderingRule === undefined) return undefined;
  const hasOrderedIds = facts.schema.attributeType(plan.id)?.ordering !== undefined;
  return [{ attribute, orderingRule, reverse }, ...(hasOrderedIds ? [{ attribute: plan.id, reverse: false }] : [])];
}

function storedAs(path: AttributePath, plan: ResourcePlan, { schema }: DirectoryFacts): string | undefined {
  if (isCommon(path)) {
    if (path.attribute.name === 'id') return plan.id;
    return path.sub?.name === 'created' || path.sub?.name === 'lastModified' ? plan.meta[path.sub.name] : undefined;
  }
  const [lens, ...others] = lensesOfSortPath(path, plan).filter((each) => feeds(each, path));
  if (lens === undefined || !isTextLens(lens) || !lens.showsStored || others.length > 0 || path.valueFilter !== undefined) return undefined;
  const present = lens.matchPresent({ schema, references: NO_REFERENCES });
  return present.exact && present.filter.kind === 'present' ? lens.ldap : undefined;
}

/** Most attributes of people have no ordering rule of their own, but one goes with the way they are compared (RFC 4517 §4.2). */
function orderingRuleOf({ ordering, equality = '' }: LdapAttributeType, path: AttributePath): string | undefined {
  const { type, caseExact } = path.sub ?? path.attribute;
  if (type !== 'string' && type !== 'reference') return ordering;
  if (isCommon(path)) return ordering;
  if (equality.startsWith('caseExact')) return caseExact ? 'caseExactOrderingMatch' : undefined;
  return equality.startsWith('caseIgnore') && !caseExact ? 'caseIgnoreOrderingMatch' : undefined;
}
