import { badRequest } from './errors.ts';
import { matchesElement } from './evaluate-filter.ts';
import type { Filter } from './filter.ts';
import { isJsonList, isJsonObject, type JsonValue } from './json.ts';
import type { PatchOperation } from './read-patch.ts';
import { type ReadPolicy, readSingle, readValue } from './read-value.ts';
import {
  attributeAt,
  copyObject,
  elementsOf,
  isAbsent,
  isObject,
  newObject,
  type ScimObject,
  type ScimValue,
  withAttribute,
} from './resource.ts';
import { sameValue } from './same-value.ts';
import type { AttributeDefinition } from './schema.ts';

/**
 * The resource after a PATCH (RFC 7644 §3.5.2). The given resource stays as it was; when anything is wrong nothing is returned.
 *
 * Where clients and the RFC differ, entra-scim-client §7 decides:
 * `add` and `replace` on a single value are the same (§5.5); `attr[filter].sub` creates the element when it is missing (row 9);
 * `""` and null clear (row 20); removing what is absent succeeds (row 21).
 *
 * @throws ScimError noTarget, invalidValue or mutability
 */
export function applyPatch(resource: ScimObject, operations: readonly PatchOperation[], policy: ReadPolicy): ScimObject {
  return operations.reduce((current, operation) => applyOperation(current, operation, policy), resource);
}

function applyOperation(resource: ScimObject, operation: PatchOperation, policy: ReadPolicy): ScimObject {
  const before = attributeAt(resource, operation.path);
  const after = operation.path.attribute.multiValued
    ? applyToList(elementsOf(before), operation, policy)
    : applyToSingle(before, operation, policy);
  refuseChangeOfImmutable(operation, before, after);
  return withAttribute(resource, operation.path, after);
}

/** An immutable value may be given once and never be changed (RFC 7643 §2.2). */
function refuseChangeOfImmutable({ path, at }: PatchOperation, before: ScimValue | undefined, after: ScimValue | undefined): void {
  if (path.attribute.mutability !== 'immutable' || before === undefined || sameValue(path.attribute, before, after)) return;
  throw badRequest('mutability', `${at}: is immutable and has a value`);
}

// ---- single-valued attributes -------------------------------------------------------------------------------------

function applyToSingle(before: ScimValue | undefined, operation: PatchOperation, policy: ReadPolicy): ScimValue | undefined {
  const { op, path, at } = operation;
  if (path.valueFilter !== undefined && !matches(path.valueFilter, before)) {
    // A filter on a single complex value: nothing to change unless it matches.
    if (op === 'remove') return before;
    throw badRequest('noTarget', `${at}: no value matches`);
  }
  if (path.sub !== undefined) return changeSub(isObject(before) ? before : newObject(), path.sub, operation, policy);
  const given = operation.value === undefined ? undefined : readValue(path.attribute, operation.value, at, policy);
  if (op === 'remove') {
    // With a value: removed if equal, otherwise nothing (row 23).
    if (operation.value === undefined) return undefined;
    return given !== undefined && before !== undefined && agrees(path.attribute, before, given) ? undefined : before;
  }
  if (given === undefined && !isJsonObject(operation.value)) return undefined;
  if (path.attribute.type !== 'complex') return given;
  return mergeObject(path.attribute, before, operation.value, given, at);
}

/** Whether everything that is given is so already; a complex value may have more sub-attributes than the client names. */
function agrees(definition: AttributeDefinition, present: ScimValue, given: ScimValue): boolean {
  if (!isObject(present) || !isObject(given)) return sameValue(definition, present, given);
  return definition.subAttributes.every((sub) => given[sub.name] === undefined || sameValue(sub, present[sub.name], given[sub.name]));
}

/** Sub-attributes that are given are set, those given as null or "" are cleared, the others stay (row 31). */
function mergeObject(
  definition: AttributeDefinition,
  before: ScimValue | undefined,
  json: JsonValue | undefined,
  given: ScimValue | undefined,
  at: string,
): ScimObject {
  const merged = isObject(before) ? copyObject(before) : newObject();
  for (const name of clearedMembers(json)) {
    const sub = definition.subAttributes.find((each) => each.name.toLowerCase() === name);
    if (sub !== undefined) delete merged[sub.name];
  }
  if (isObject(given)) {
    for (const [name, value] of Object.entries(given)) {
      const sub = definition.subAttributes.find((each) => each.name === name);
      const old = merged[name];
      if (sub?.mutability === 'immutable' && old !== undefined && !sameValue(sub, old, value)) {
        throw badRequest('mutability', `${at}.${name}: is immutable and has a value`);
      }
      merged[name] = value;
    }
  }
  return merged;
}

function clearedMembers(json: JsonValue | undefined): readonly string[] {
  const object = isJsonList(json) && json.length === 1 ? json[0] : json;
  if (!isJsonObject(object)) return [];
  return Object.entries(object)
    .filter(([, value]) => value === null || value === '' || (isJsonList(value) && value.length === 0))
    .map(([name]) => name.toLowerCase());
}

/** `attr.sub` on one complex value. */
function changeSub(before: ScimObject, sub: AttributeDefinition, operation: PatchOperation, policy: ReadPolicy): ScimObject {
  const after = copyObject(before);
  const given = operation.value === undefined ? undefined : readValue(sub, operation.value, operation.at, policy);
  const old = before[sub.name];
  if (operation.op === 'remove') {
    const keeps = operation.value !== undefined && !(given !== undefined && old !== undefined && sameValue(sub, old, given));
    if (!keeps) delete after[sub.name];
  } else if (given === undefined) {
    delete after[sub.name];
  } else {
    after[sub.name] = given;
  }
  if (sub.mutability === 'immutable' && old !== undefined && (after[sub.name] === undefined || !sameValue(sub, old, after[sub.name]))) {
    throw badRequest('mutability', `${operation.at}: is immutable and has a value`);
  }
  return after;
}

/** Bounds the work of one `add`, which compares each new element with each present one. */
const MAX_COMPARISONS = 10_000_000;

// ---- multi-valued attributes --------------------------------------------------------------------------------------

function applyToList(before: readonly ScimValue[], operation: PatchOperation, policy: ReadPolicy): readonly ScimValue[] {
  const { path } = operation;
  if (path.valueFilter !== undefined || path.sub !== undefined) return applyToElements(before, operation, policy);
  const given = operation.value === undefined ? [] : elementsOf(readValue(path.attribute, operation.value, operation.at, policy));
  switch (operation.op) {
    case 'add':
      return addElements(path.attribute, before, given);
    case 'replace':
      return keepOnePrimary(given, given);
    case 'remove':
      // Absent removes everything (RFC 7644 §3.5.2.2), null might mean anything: a group is not emptied on a guess.
      if (operation.value === null) throw badRequest('invalidValue', `${operation.at}: leave value out to remove everything`);
      if (operation.value === undefined) return [];
      return before.filter((element) => !given.some((each) => isSameElement(path.attribute, element, each)));
    default:
      return operation.op satisfies never;
  }
}

/** Present elements are not doubled (row 25); one that is present with other sub-attributes takes the new ones over. */
function addElements(definition: AttributeDefinition, before: readonly ScimValue[], given: readonly ScimValue[]): readonly ScimValue[] {
  if (before.length * given.length > MAX_COMPARISONS || given.length ** 2 > MAX_COMPARISONS) {
    throw badRequest('tooMany', `${definition.name}: too many values in one operation`);
  }
  const after = [...before];
  const touched: ScimValue[] = [];
  for (const element of given) {
    const index = after.findIndex((present) => isSameElement(definition, present, element));
    const present = after[index];
    const merged =
      present === undefined ? element : isObject(present) && isObject(element) ? Object.assign(copyObject(present), element) : present;
    if (present === undefined) after.push(merged);
    else after[index] = merged;
    touched.push(merged);
  }
  return keepOnePrimary(after, touched);
}

/** Whether two elements are the same thing: same `value` and, where both say one, same `type` (RFC 7644 §3.5.2.1). */
function isSameElement(definition: AttributeDefinition, present: ScimValue, given: ScimValue): boolean {
  if (!isObject(present) || !isObject(given)) return sameValue(definition, present, given);
  const value = definition.subAttributes.find((sub) => sub.name === 'value');
  const type = definition.subAttributes.find((sub) => sub.name === 'type');
  if (value === undefined || given['value'] === undefined || present['value'] === undefined) return sameValue(definition, present, given);
  if (!sameValue(value, present['value'], given['value'])) return false;
  return (
    type === undefined || given['type'] === undefined || present['type'] === undefined || sameValue(type, present['type'], given['type'])
  );
}

/** Operations on the elements that a filter selects, or on all of them. */
function applyToElements(before: readonly ScimValue[], operation: PatchOperation, policy: ReadPolicy): readonly ScimValue[] {
  const { op, path } = operation;
  const selected = selectElements(before, path.valueFilter);
  if (op === 'remove') {
    return before.flatMap((element) => (selected.has(element) ? removeFromElement(element, operation, policy) : [element]));
  }
  if (selected.size === 0) return createElement(before, operation, policy);
  const touched: ScimValue[] = [];
  const after = before.map((element) => {
    if (!selected.has(element)) return element;
    const changed = changeElement(element, operation, policy);
    touched.push(changed);
    return changed;
  });
  return keepOnePrimary(
    after.filter((element) => !isAbsent(element)),
    touched,
  );
}

function selectElements(elements: readonly ScimValue[], filter: Filter | undefined): ReadonlySet<ScimValue> {
  const selected = new Set(elements.filter((element) => filter === undefined || matches(filter, element)));
  const [first] = elements;
  if (selected.size === 0 && first !== undefined && filter !== undefined && asksForPrimary(filter)) {
    // Nobody says which one is primary: then it is the sole or first one (decisions 16).
    if (!elements.some((element) => isObject(element) && element['primary'] === true)) selected.add(first);
  }
  return selected;
}

function matches(filter: Filter, element: ScimValue | undefined): boolean {
  if (element === undefined) return false;
  return matchesElement(filter, isObject(element) ? element : newObject([['value', element]]));
}

function asksForPrimary(filter: Filter): boolean {
  return filter.kind === 'compare' && filter.path.attribute.name === 'primary' && filter.operator === 'eq' && filter.value === true;
}

function removeFromElement(element: ScimValue, operation: PatchOperation, policy: ReadPolicy): readonly ScimValue[] {
  const { sub } = operation.path;
  if (sub === undefined || !isObject(element)) return [];
  const after = changeSub(element, sub, operation, policy);
  return isAbsent(after) ? [] : [after];
}

function changeElement(element: ScimValue, operation: PatchOperation, policy: ReadPolicy): ScimValue {
  const { path, value, at } = operation;
  if (path.sub !== undefined) return changeSub(isObject(element) ? element : newObject(), path.sub, operation, policy);
  const given = value === undefined ? undefined : readSingle(path.attribute, value, at, policy);
  if (path.attribute.type !== 'complex') return given ?? element;
  return mergeObject(path.attribute, element, value, given, at);
}

/**
 * The element that a filter names and nobody has: created from the filter's `eq` terms and the value (rows 9–11).
 * The bare `attr[filter]` creates on `add` only; `replace` is `noTarget` as RFC 7644 §3.5.2.3 says (decisions 10).
 */
function createElement(before: readonly ScimValue[], operation: PatchOperation, policy: ReadPolicy): readonly ScimValue[] {
  const { op, path, value, at } = operation;
  const fromFilter = path.valueFilter === undefined ? newObject() : elementOfFilter(path.valueFilter);
  if (fromFilter === undefined || (op === 'replace' && path.sub === undefined)) throw badRequest('noTarget', `${at}: no value matches`);
  const given = value === undefined ? undefined : readSingle(path.sub ?? path.attribute, value, at, policy);
  if (given === undefined) return before;
  const created = copyObject(fromFilter);
  if (path.sub !== undefined) created[path.sub.name] = given;
  else if (isObject(given)) Object.assign(created, given);
  else return [...before, given];
  return keepOnePrimary([...before, created], [created]);
}

/** The element that a conjunction of `eq` terms describes; undefined for any other filter. */
function elementOfFilter(filter: Filter): ScimObject | undefined {
  const element = newObject();
  for (const term of filter.kind === 'and' ? filter.filters : [filter]) {
    if (term.kind !== 'compare' || term.operator !== 'eq' || term.value === null) return undefined;
    element[term.path.attribute.name] = term.value;
  }
  return element;
}

/** `primary: true` stands on at most one element: the one that was touched last takes it from the others (RFC 7644 §3.5.2). */
function keepOnePrimary(elements: readonly ScimValue[], touched: readonly ScimValue[]): readonly ScimValue[] {
  const chosen = touched.findLast((element) => isObject(element) && element['primary'] === true);
  if (chosen === undefined) return elements;
  return elements.map((element) => {
    if (element === chosen || !isObject(element) || element['primary'] !== true) return element;
    return Object.assign(copyObject(element), { primary: false });
  });
}
