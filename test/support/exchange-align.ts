import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../../src/scim/json.ts';
import type { Placeholders } from './exchange-placeholders.ts';

/**
 * What is there, spelled like what was expected as far as the two agree: members and elements in the expected order, placeholders
 * where they fit. So the two are equal as text exactly when they agree, and otherwise their line by line difference is the news.
 *
 * Lists have no order. `meta` needn't be expected as long as it is what a resource always has.
 */
export function align(expected: JsonValue | undefined, actual: JsonValue, placeholders: Placeholders): JsonValue {
  if (expected === '{any}') return expected;
  if (typeof expected === 'string' && typeof actual === 'string' && placeholders.match(expected, actual)) return expected;
  if (isJsonList(expected) && isJsonList(actual)) return alignLists(expected, actual, placeholders);
  if (isJsonObject(expected) && isJsonObject(actual)) return alignObjects(expected, actual, placeholders);
  return JSON.parse(placeholders.hide(JSON.stringify(actual))) as JsonValue;
}

function alignObjects(expected: JsonObject, actual: JsonObject, placeholders: Placeholders): JsonObject {
  const aligned = new Map<string, JsonValue>();
  for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const value = actual[name];
    if (value === undefined || (name === 'meta' && expected[name] === undefined && isUsualMeta(actual))) continue;
    aligned.set(name, align(expected[name], value, placeholders));
  }
  return Object.fromEntries(aligned);
}

function alignLists(expected: readonly JsonValue[], actual: readonly JsonValue[], placeholders: Placeholders): readonly JsonValue[] {
  const left = [...actual];
  const agreeing = expected.map((wanted) => {
    const index = left.findIndex((each) => agree(wanted, each, placeholders));
    if (index < 0) return false;
    left.splice(index, 1);
    return true;
  });
  const aligned = expected.flatMap((wanted, index) => {
    if (agreeing[index] === true) return [wanted];
    const other = left.shift();
    return other === undefined ? [] : [align(wanted, other, placeholders)];
  });
  return [...aligned, ...left.map((each) => align(undefined, each, placeholders))];
}

function agree(expected: JsonValue, actual: JsonValue, placeholders: Placeholders): boolean {
  return placeholders.attempt((trial) => JSON.stringify(align(expected, actual, trial)) === JSON.stringify(expected));
}

/** `meta` of a user or group as RFC 7643 §3.1 has it, fit to the resource's id. */
function isUsualMeta({ id, meta }: JsonObject): boolean {
  if (!isJsonObject(meta) || typeof id !== 'string') return false;
  const { resourceType, location, version, created, lastModified, ...others } = meta;
  const isTime = (value: JsonValue | undefined) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
  return (
    (resourceType === 'User' || resourceType === 'Group') &&
    location === `https://scim.example.org/scim/v2/${resourceType}s/${id}` &&
    typeof version === 'string' &&
    /^W\/"[^"]+"$/.test(version) &&
    isTime(created) &&
    isTime(lastModified) &&
    Object.keys(others).length === 0
  );
}
