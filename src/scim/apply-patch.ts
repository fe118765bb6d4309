import { describeElement } from './element-description.ts';
import { ElementIndex } from './element-index.ts';
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
import { findSubAttribute } from './resource-type.ts';
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
  let current = resource;
  let visited = 0;
  for (const operation of operations) {
    visited += elementsOf(attributeAt(current, operation.path)).length;
    if (visited > MAX_VISITED) throw badRequest('tooMany', `${operation.at}: too many operations on too long a list`);
    current = applyOperation(current, operation, policy);
  }
  return current;
}

/** Each operation on a list walks through it: how many elements one PATCH may visit in all, some seconds' work. */
const MAX_VISITED = 2_000_000;

function applyOperation(resource: ScimObject, operation: PatchOperation, policy: ReadPolicy): ScimObject {
  const before = attributeAt(resource, operation.path);
  const after = operation.path.attribute.multiValued
    ? applyToList(elementsOf(before), operation, policy)
    : applyToSingle(before, operation, policy);
  refuseChangeOfImmutable(operation.path.attribute, operation.at, before, after);
  return withAttribute(resource, operation.path, after);
}

/** An immutable value may be given once and never be changed (RFC 7643 §2.2). */
function refuseChangeOfImmutable(
  definition: AttributeDefinition,
  at: string,
  before: ScimValue | undefined,
  after: ScimValue | undefined,
): void {
  if (definition.mutability !== 'immutable' || before === undefined || sameValue(definition, before, after)) return;
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
    if (operation.value === undefined || operation.value === null) return undefined;
    return given !== undefined && before !== undefined && agrees(path.attribute, before, given) ? undefined : before;
  }
  if (given === undefined && !isJsonObject(operation.value)) return undefined;
  if (path.attribute.type !== 'complex') return given;
  return mergeObject(path.attribute, isObject(before) ? before : newObject(), operation.value, given, at);
}

/** Whether everything that is given is so already; a complex value may have more sub-attributes than the client names. */
function agrees(definition: AttributeDefinition, present: ScimValue, given: ScimValue): boolean {
  if (!isObject(present) || !isObject(given)) return sameValue(definition, present, given);
  return definition.subAttributes.every((sub) => given[sub.name] === undefined || sameValue(sub, present[sub.name], given[sub.name]));
}

/** Sub-attributes that are given are set, those given as null or "" are cleared, the others stay (row 31). */
function mergeObject(
  definition: AttributeDefinition,
  before: ScimObject,
  json: JsonValue | undefined,
  given: ScimValue | undefined,
  at: string,
): ScimObject {
  const after = copyObject(before);
  for (const name of clearedMembers(json)) {
    const sub = findSubAttribute(definition, name);
    if (sub !== undefined) delete after[sub.name];
  }
  if (isObject(given)) Object.assign(after, given);
  for (const sub of definition.subAttributes) refuseChangeOfImmutable(sub, `${at}.${sub.name}`, before[sub.name], after[sub.name]);
  return withoutLostReference(definition, before, after);
}

function clearedMembers(json: JsonValue | undefined): readonly string[] {
  const object = isJsonList(json) && json.length === 1 ? json[0] : json;
  if (!isJsonObject(object)) return [];
  return Object.entries(object)
    .filter(([, value]) => value === null || value === '' || (isJsonList(value) && value.length === 0))
    .map(([name]) => name);
}

/** A reference that loses its id names nobody: `$ref` and what else is left of it goes too. */
function withoutLostReference(definition: AttributeDefinition, before: ScimObject, after: ScimObject): ScimObject {
  const isLost = before['value'] !== undefined && after['value'] === undefined && findSubAttribute(definition, '$ref') !== undefined;
  return isLost ? newObject() : after;
}

/** `attr.sub` on one complex value. */
function changeSub(before: ScimObject, sub: AttributeDefinition, operation: PatchOperation, policy: ReadPolicy): ScimObject {
  const after = copyObject(before);
  const given = operation.value === undefined ? undefined : readValue(sub, operation.value, operation.at, policy);
  const old = before[sub.name];
  if (operation.op === 'remove') {
    // With a value: removed if equal, otherwise nothing (row 23).
    if (operation.value === undefined || operation.value === null || sameValue(sub, old, given)) delete after[sub.name];
  } else if (given === undefined) {
    delete after[sub.name];
  } else {
    after[sub.name] = given;
  }
  refuseChangeOfImmutable(sub, operation.at, old, after[sub.name]);
  return withoutLostReference(operation.path.attribute, before, after);
}

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
      return removeElements(path.attribute, before, given);
    default:
      return operation.op satisfies never;
  }
}

/** Present elements are not doubled (row 25); one that is present with other sub-attributes takes the new ones over. */
function addElements(definition: AttributeDefinition, before: readonly ScimValue[], given: readonly ScimValue[]): readonly ScimValue[] {
  const after = [...before];
  const index = new ElementIndex(definition, before);
  const touched = new Set<number>();
  for (const element of given) {
    const position = index.find(element) ?? after.length;
    const present = after[position];
    const merged =
      present === undefined ? element : isObject(present) && isObject(element) ? Object.assign(copyObject(present), element) : present;
    after[position] = merged;
    index.file(merged, position);
    touched.add(position);
  }
  return keepOnePrimary(
    after,
    [...touched].flatMap((position) => after[position] ?? []),
  );
}

function removeElements(definition: AttributeDefinition, before: readonly ScimValue[], given: readonly ScimValue[]): readonly ScimValue[] {
  const index = new ElementIndex(definition, given);
  return before.filter((element) => index.find(element) === undefined);
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
    if (elements.every((element) => !isObject(element) || element['primary'] === undefined)) selected.add(first);
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
  const { op, path, value, at } = operation;
  if (path.sub !== undefined) return changeSub(isObject(element) ? element : newObject(), path.sub, operation, policy);
  const given = value === undefined ? undefined : readSingle(path.attribute, value, at, policy);
  // What is empty clears on `replace`; on `add` it changes nothing (decisions 3).
  if (given === undefined && !isJsonObject(value)) return op === 'replace' ? newObject() : element;
  if (path.attribute.type !== 'complex') return given ?? element;
  return mergeObject(path.attribute, isObject(element) ? element : newObject(), value, given, at);
}

/**
 * The element that a filter names and nobody has: created from the filter's `eq` terms and the value (rows 9–11).
 * The bare `attr[filter]` creates on `add` only; `replace` is `noTarget` as RFC 7644 §3.5.2.3 says (decisions 10).
 */
function createElement(before: readonly ScimValue[], operation: PatchOperation, policy: ReadPolicy): readonly ScimValue[] {
  const { op, path, value, at } = operation;
  const given = value === undefined ? undefined : readSingle(path.sub ?? path.attribute, value, at, policy);
  if (given === undefined) return before;
  const description = path.valueFilter === undefined ? [] : describeElement(path.valueFilter);
  if (description === undefined || (op === 'replace' && path.sub === undefined)) throw badRequest('noTarget', `${at}: no value matches`);
  const created = newObject([...description].map(([sub, fixed]) => [sub.name, fixed]));
  if (path.sub !== undefined) created[path.sub.name] = given;
  else if (isObject(given)) Object.assign(created, given);
  return addElements(path.attribute, before, [path.attribute.type === 'complex' ? created : given]);
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
