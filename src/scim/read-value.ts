import { padBase64 } from './base64.ts';
import { parseDateTime } from './date-time.ts';
import { badRequest } from './errors.ts';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { isAbsent, newObject, type ScimValue } from './resource.ts';
import { findSubAttribute } from './resource-type.ts';
import type { AttributeDefinition } from './schema.ts';

/** What to do with names that no schema knows, and a place to say what was left out. */
export interface ReadPolicy {
  readonly unknown: 'ignore' | 'reject';
  /** Called once per thing that was ignored, with words for the log; holds names, never values. */
  note(message: string): void;
}

/**
 * A client's JSON as the value of an attribute: canonical names, the attribute's type, absent things left out.
 *
 * Forgiving where clients are known to differ (entra-scim-client §5.3, §7 rows 14–18): booleans and numbers as text,
 * text as numbers or booleans, one element where a list belongs, a list of one where a single value belongs,
 * a bare text where a complex value belongs (it is its `value`), base64 without its padding.
 *
 * @param at the attribute's path, for messages
 * @returns undefined when nothing is given: null, empty text, an empty list or an object without content
 * @throws ScimError invalidValue when the value doesn't fit the type
 */
export function readValue(definition: AttributeDefinition, json: JsonValue, at: string, policy: ReadPolicy): ScimValue | undefined {
  if (!definition.multiValued) return readSingle(definition, json, at, policy);
  const items = isJsonList(json) ? json : [json];
  const elements: ScimValue[] = [];
  for (const item of items) {
    const element = readSingle(definition, item, at, policy);
    if (element !== undefined) elements.push(element);
  }
  return elements.length === 0 ? undefined : elements;
}

/** One element of a multi-valued attribute, or the value of a single-valued one. */
export function readSingle(definition: AttributeDefinition, json: JsonValue, at: string, policy: ReadPolicy): ScimValue | undefined {
  if (json === null || json === '') return undefined;
  if (isJsonList(json)) {
    if (json.length === 0) return undefined;
    const only = json[0];
    if (json.length > 1 || only === undefined || isJsonList(only)) throw badRequest('invalidValue', `${at}: takes one value, not a list`);
    return readSingle(definition, only, at, policy);
  }
  if (definition.type === 'complex') return readComplex(definition, json, at, policy);
  if (isJsonObject(json)) {
    const inner = caseInsensitiveMember(json, 'value');
    if (inner === undefined || isJsonObject(inner) || isJsonList(inner))
      throw badRequest('invalidValue', `${at}: takes a ${definition.type}, not an object`);
    return readSingle(definition, inner, at, policy);
  }
  return readSimple(definition, json, at);
}

function readComplex(definition: AttributeDefinition, json: JsonValue, at: string, policy: ReadPolicy): ScimValue | undefined {
  if (!isJsonObject(json)) {
    const value = findSubAttribute(definition, 'value');
    if (value === undefined) throw badRequest('invalidValue', `${at}: takes an object`);
    const read = readSingle(value, json, `${at}.value`, policy);
    return read === undefined ? undefined : newObject([['value', read]]);
  }
  const object = newObject();
  for (const [name, member] of Object.entries(json)) {
    const sub = findSubAttribute(definition, name);
    if (sub === undefined) {
      noteUnknown(`${at}.${name}`, policy);
      continue;
    }
    if (object[sub.name] !== undefined) throw badRequest('invalidSyntax', `${at}.${sub.name}: given twice`);
    const value = readValue(sub, member, `${at}.${sub.name}`, policy);
    if (value !== undefined) object[sub.name] = value;
  }
  return isAbsent(object) ? undefined : object;
}

/** Says or refuses that a name is known to no schema (decisions 21). */
export function noteUnknown(path: string, policy: ReadPolicy, scimType: 'invalidPath' | 'invalidValue' = 'invalidValue'): void {
  if (policy.unknown === 'reject') throw badRequest(scimType, `${path}: no schema knows this attribute`);
  policy.note(`${path}: known to no schema, ignored`);
}

function readSimple(definition: AttributeDefinition, json: string | number | boolean, at: string): ScimValue {
  switch (definition.type) {
    case 'boolean':
      return readBoolean(json, at);
    case 'integer':
    case 'decimal':
      return readNumber(definition.type, json, at);
    case 'dateTime':
      return readDateTime(json, at);
    case 'binary':
      return readBinary(json, at);
    case 'string':
    case 'reference':
      return readText(json, at);
    case 'complex':
      throw badRequest('invalidValue', `${at}: takes an object`);
    default:
      return definition.type satisfies never;
  }
}

function readBoolean(json: string | number | boolean, at: string): boolean {
  if (typeof json === 'boolean') return json;
  const word = typeof json === 'string' ? json.toLowerCase() : '';
  if (word === 'true') return true;
  if (word === 'false') return false;
  throw badRequest('invalidValue', `${at}: takes true or false`);
}

function readNumber(type: 'integer' | 'decimal', json: string | number | boolean, at: string): number {
  const number = typeof json === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(json) ? Number(json) : json;
  if (typeof number !== 'number' || (type === 'integer' ? !Number.isSafeInteger(number) : !Number.isFinite(number))) {
    throw badRequest('invalidValue', `${at}: takes ${type === 'integer' ? 'an integer' : 'a number'}`);
  }
  return number;
}

function readDateTime(json: string | number | boolean, at: string): string {
  if (typeof json === 'string' && parseDateTime(json) !== undefined) return json;
  throw badRequest('invalidValue', `${at}: takes a date and time such as 2026-01-31T08:30:00Z`);
}

function readBinary(json: string | number | boolean, at: string): string {
  const padded = typeof json === 'string' ? padBase64(json) : undefined;
  if (padded === undefined) throw badRequest('invalidValue', `${at}: takes base64 text`);
  return padded;
}

function readText(json: string | number | boolean, at: string): string {
  const text = String(json);
  if (!text.isWellFormed()) throw badRequest('invalidValue', `${at}: holds half a character (an unpaired surrogate)`);
  return text;
}

/** A member by name in any letter case. */
export function caseInsensitiveMember(object: JsonObject, name: string): JsonValue | undefined {
  const key = name.toLowerCase();
  for (const [member, value] of Object.entries(object)) if (member.toLowerCase() === key) return value;
  return undefined;
}
