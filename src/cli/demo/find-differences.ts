import { isJsonList, isJsonObject, type JsonValue } from '../../scim/json.ts';

/**
 * Where something isn't as expected, a line for each place. Objects may hold more than what is expected, but not where that is
 * null; lists are compared whole. Goes as deep as the expectation does.
 *
 * @param at what to call the outermost place
 */
export function findDifferences(at: string, expected: JsonValue, found: JsonValue | undefined): readonly string[] {
  if (isJsonObject(expected) && isJsonObject(found)) {
    return Object.entries(expected).flatMap(([name, value]) => findDifferences(`${at}.${name}`, value, found[name]));
  }
  if (isJsonList(expected) && isJsonList(found) && expected.length === found.length) {
    return expected.flatMap((value, index) => findDifferences(`${at}[${index}]`, value, found[index]));
  }
  if (expected === null ? found === undefined : expected === found) return [];
  const shown = found === undefined ? 'nothing' : JSON.stringify(found);
  return [`${at}: expected ${expected === null ? 'nothing' : JSON.stringify(expected)}, found ${shown}`];
}
