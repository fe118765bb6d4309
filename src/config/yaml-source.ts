import { type Document, isMap, isScalar, isSeq, type ParsedNode, type Scalar } from 'yaml';
import type { Diagnostic } from './diagnostic.ts';
import { didYouMean } from './did-you-mean.ts';
import type { YamlText } from './yaml-text.ts';

/** A place in a YAML document: keys and list indexes from the root. */
export type YamlPath = readonly (string | number)[];

export interface ReportOptions {
  readonly help?: string;
  readonly severity?: Diagnostic['severity'];
  readonly offset?: number;
  readonly length?: number;
  /** The help is "did you mean …?" instead, when one of the known words is near what was written. */
  readonly guess?: { readonly written: string; readonly known: Iterable<string> };
}

/** A configuration file that was read, able to point into its own text. */
export interface YamlSource {
  readonly file: string;
  /**
   * A diagnostic about the key or the value at `path`; where the path doesn't exist, about its nearest ancestor.
   *
   * @param offset characters into the value, for a mistake inside a scalar (a template, a filter)
   */
  report(path: YamlPath, at: 'key' | 'value', message: string, options?: ReportOptions): Diagnostic;
}

/** Points into `text` by means of the document that was parsed from it. */
export function createYamlSource(document: Document.Parsed, text: YamlText): YamlSource {
  return {
    file: text.file,
    report(path, at, message, { help: given, severity, offset, length, guess } = {}) {
      const meant = guess === undefined ? undefined : didYouMean(guess.written, guess.known);
      const help = meant === undefined ? given : `did you mean ${JSON.stringify(meant)}?`;
      const { key, value } = locate(document.contents, path);
      const node = at === 'key' ? (key ?? value) : (value ?? key);
      const [start, end] = node?.range ?? [0, 1];
      if (node === value && isScalar(node) && offset !== undefined) {
        const from = start + sourceOffset(node, text.text.slice(start, end), offset);
        const to = length === undefined ? end : start + sourceOffset(node, text.text.slice(start, end), offset + length);
        return text.diagnostic(from, to, message, help, severity);
      }
      return text.diagnostic(start, end, message, help, severity);
    },
  };
}

interface Location {
  /** Absent in lists and at the root. */
  readonly key?: ParsedNode;
  readonly value?: ParsedNode;
}

/** What stands at `path`. The nearest ancestor, when the path leads nowhere, is only its key: all of its value would be too much to underline. */
function locate(root: ParsedNode | null, path: YamlPath): Location {
  let found: Location = root === null ? {} : { value: root };
  for (const step of path) {
    const next = child(found.value, step);
    if (next === undefined) return found.key === undefined ? beginning(found.value) : { key: found.key };
    found = next;
  }
  return found;
}

function child(parent: ParsedNode | undefined, step: string | number): Location | undefined {
  if (isSeq(parent)) {
    const item = parent.items[Number(step)];
    return item === undefined ? undefined : { value: item };
  }
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === String(step));
  if (pair === undefined) return undefined;
  const { key, value } = pair as { key: ParsedNode; value: ParsedNode | null };
  return value === null ? { key } : { key, value };
}

/** The first key of a map, a whole list item or text. */
function beginning(node: ParsedNode | undefined): Location {
  if (isMap(node) && node.flow !== true) {
    const [first] = node.items;
    if (first !== undefined) return { key: first.key };
  }
  return node === undefined ? {} : { value: node };
}

/**
 * How far into a scalar's source the character `offset` of its value stands.
 *
 * @returns 0 for block scalars and text folded over several lines, where the two don't run in step
 */
function sourceOffset(scalar: Scalar, source: string, offset: number): number {
  if (source.includes('\n')) return 0;
  if (scalar.type === 'PLAIN') return offset;
  const characters = scalar.type === 'QUOTE_SINGLE' ? /''|[^]/g : /\\x..|\\u.{4}|\\U.{8}|\\?[^]/g;
  const inside = source.slice(1, -1).match(characters) ?? [];
  return 1 + inside.slice(0, offset).join('').length;
}
