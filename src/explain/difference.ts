import { isJsonList, isJsonObject, type JsonValue } from '../scim/json.ts';

/**
 * How two texts differ, line by line: lines that both have begin with a blank, lines of the first only with `-`, of the second only
 * with `+`. For short texts: it takes time and room by the product of their lengths.
 */
export function differenceOf(first: readonly string[], second: readonly string[]): readonly string[] {
  // common[i][j]: how many lines first.slice(i) and second.slice(j) have in common, in order.
  const common = Array.from({ length: first.length + 1 }, () => Array.from({ length: second.length + 1 }, () => 0));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = first.length - 1; i >= 0; i -= 1) {
    for (let j = second.length - 1; j >= 0; j -= 1) {
      const row = common[i];
      if (row !== undefined) row[j] = first[i] === second[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < first.length || j < second.length) {
    if (i < first.length && j < second.length && first[i] === second[j]) {
      lines.push(`  ${first[i] ?? ''}`);
      i += 1;
      j += 1;
    } else if (j >= second.length || (i < first.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`- ${first[i] ?? ''}`);
      i += 1;
    } else {
      lines.push(`+ ${second[j] ?? ''}`);
      j += 1;
    }
  }
  return lines;
}

/**
 * Where a JSON value lacks what is expected of it: each member that is expected must be there, others may be; lists are as long as
 * expected. Undefined: nowhere.
 */
export function missingIn(actual: JsonValue | undefined, expected: JsonValue, path = ''): string | undefined {
  if (isJsonObject(expected) && isJsonObject(actual)) {
    const names = Object.keys(expected);
    return names.map((name) => missingIn(actual[name], expected[name] ?? null, path === '' ? name : `${path}.${name}`)).find(isSaid);
  }
  if (isJsonList(expected) && isJsonList(actual) && expected.length === actual.length) {
    return expected.map((each, index) => missingIn(actual[index], each, `${path}[${index}]`)).find(isSaid);
  }
  if (JSON.stringify(actual) === JSON.stringify(expected)) return undefined;
  const found = actual === undefined ? 'nothing' : JSON.stringify(actual);
  return `${path === '' ? 'the body' : path} is ${found}, not ${JSON.stringify(expected)}`;
}

function isSaid(text: string | undefined): text is string {
  return text !== undefined;
}
