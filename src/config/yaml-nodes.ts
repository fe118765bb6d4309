import { type Alias, isAlias, isScalar, isSeq, type Pair, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Diagnostic } from './diagnostic.ts';
import type { YamlPath } from './yaml-source.ts';
import type { YamlText } from './yaml-text.ts';

/** A YAML document as data: text, lists, and maps without prototype. `undefined` stands where the document held something that is refused. */
export type YamlValue = string | undefined | readonly YamlValue[] | YamlMap;
export interface YamlMap {
  readonly [key: string]: YamlValue;
}

export interface YamlContent {
  readonly value: YamlValue;
  readonly diagnostics: readonly Diagnostic[];
}

const MOST_LEVELS = 32;

/**
 * The data of a document that YAML itself accepts; what this program refuses (anchors, tags, aliases, null, keys that aren't text) is reported.
 *
 * @param holdsJson where a map or a list is data in JSON's sense: it is read with YAML's core schema, and comes out as JSON text
 */
export function readNodes(root: ParsedNode, text: YamlText, holdsJson: (path: YamlPath) => boolean): YamlContent {
  const reader = new NodeReader(text, holdsJson);
  return { value: reader.read(root, []), diagnostics: reader.diagnostics };
}

/** Anything with offsets into the text: where it begins and ends. */
interface Place {
  readonly range: readonly number[];
}

type Items = Pair<ParsedNode, ParsedNode | null>[];

class NodeReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #text: YamlText;
  readonly #holdsJson: (path: YamlPath) => boolean;

  constructor(text: YamlText, holdsJson: (path: YamlPath) => boolean) {
    this.#text = text;
    this.#holdsJson = holdsJson;
  }

  read(node: ParsedNode, path: YamlPath): YamlValue {
    if (isAlias(node)) return this.#refuse(node, 'aliases (*name) are not allowed', "a value that begins with * is quoted: '*'");
    const bare = this.#bare(node);
    if (isScalar(node)) return bare ? this.#readText(node) : undefined;
    if (path.length >= MOST_LEVELS) return this.#refuse(node, 'nested too deeply');
    if (this.#holdsJson(path)) return JSON.stringify(this.#readJson(node, path));
    return isSeq(node) ? this.#readList(node, path) : this.#readMap(node, path);
  }

  /** Whether the node has neither tag nor anchor. */
  #bare(node: Exclude<ParsedNode, Alias.Parsed>): boolean {
    if (node.tag !== undefined) {
      this.#refuse(this.#markerBefore(node), 'tags (!name) are not allowed', "every value is text; one that begins with ! is quoted: '!…'");
    } else if (node.anchor !== undefined) {
      this.#refuse(this.#markerBefore(node), 'anchors (&name) are not allowed', "repeat the value; one that begins with & is quoted: '&…'");
    } else {
      return true;
    }
    return false;
  }

  /** The last word before a node: its tag or anchor. */
  #markerBefore(node: ParsedNode): Place {
    const before = this.#text.text.slice(0, node.range[0]).trimEnd();
    const start = Math.max(...[' ', '\n', '\t'].map((space) => before.lastIndexOf(space))) + 1;
    return { range: [start, before.length] };
  }

  /** A value with YAML's core schema; null stands where something was refused. */
  #readJson(node: ParsedNode, path: YamlPath): unknown {
    if (isAlias(node) || path.length >= MOST_LEVELS) return this.read(node, path) ?? null;
    if (!this.#bare(node)) return null;
    if (isScalar(node)) return node.type === 'PLAIN' ? coreValue(String(node.value)) : String(node.value);
    if (isSeq(node)) return node.items.map((item, index) => this.#readJson(item, [...path, index]));
    const map = Object.create(null) as Record<string, unknown>;
    const lines = new Map<string, number>();
    for (const { key: keyNode, value } of node.items as Items) {
      const key = this.#readKey(keyNode, lines);
      if (key === undefined) continue;
      if (value === null || isNothing(value)) this.#refuse(keyNode, `"${key}" has no value`, 'null is written as null');
      else map[key] = this.#readJson(value, [...path, key]);
    }
    return map;
  }

  #readText(node: Scalar.Parsed): YamlValue {
    const value = String(node.value);
    if (node.type !== 'PLAIN') return value;
    if (value === '') return this.#refuse(node, 'a list item without a value', 'write one, or leave the line out');
    const [start, end] = node.range;
    if (/^(~|null|Null|NULL)$/.test(value)) {
      return this.#refuse(node, 'null is not a value here', 'leave the line out, or put it into quotes if this text is meant');
    }
    const line = this.#text.lineAt(start);
    const rest = this.#text.shown(end, end + line.length);
    if (/^\s+#/.test(rest) && openBrackets(value) > 0) {
      const shown = this.#text.shown(start, end);
      return this.#refuse(
        node,
        `the value ends at the #: it is read as ${shown}`,
        `close the bracket before the #, or put all of it into single quotes: '${shown}${rest.trimEnd()}'`,
      );
    }
    return value;
  }

  #readList(node: YAMLSeq.Parsed, path: YamlPath): YamlValue {
    const { items } = node;
    const split = node.flow === true ? items.findIndex((item, index) => this.#continuesName(items[index - 1], item)) : -1;
    if (split > 0) {
      return this.#refuse(node, 'the commas of a DN are read as the end of a list item', "quote a DN inside [ … ]: ['cn=…,dc=…']");
    }
    return items.map((item, index) => this.read(item, [...path, index]));
  }

  /** Whether two neighbours in a flow collection look like one DN, cut at a comma. */
  #continuesName(before: ParsedNode | undefined, node: ParsedNode): boolean {
    if (before === undefined || !isRdn(before) || !isRdn(node)) return false;
    return this.#text.text.slice(before.range[1], node.range[0]) === ',';
  }

  #readMap(node: YAMLMap.Parsed, path: YamlPath): YamlValue {
    const items = node.items as Items;
    if (node.flow === true && items.length > 0 && items.every(({ value }) => value === null)) {
      const [start, end] = node.range;
      const written = this.#text.shown(start, end);
      return this.#refuse(node, `${written} is read as a map`, `a template is quoted: '${written}'`);
    }
    const map = Object.create(null) as { [key: string]: YamlValue };
    const lines = new Map<string, number>();
    for (const [index, { key: keyNode, value }] of items.entries()) {
      const key = this.#readKey(keyNode, lines);
      if (key === undefined) continue;
      if (value === null) {
        map[key] = this.#keyAlone(items, index);
      } else if (isNothing(value)) {
        map[key] = this.#refuse(keyNode, `"${key}" has no value`, 'write one, or leave the line out');
      } else {
        map[key] = this.read(value, [...path, key]);
      }
    }
    return map;
  }

  #readKey(node: ParsedNode, lines: Map<string, number>): string | undefined {
    if (!isScalar(node)) return this.#refuse(node, 'a key must be text', 'text that holds { } [ ] is put into single quotes');
    if (!this.#bare(node)) return undefined;
    const key = String(node.value);
    const earlier = lines.get(key);
    if (earlier !== undefined) return this.#refuse(node, `"${key}" stands here twice`, `the first is in line ${earlier}`);
    // No vocabulary has it, and a library that meets it may take it for something else than a name.
    if (key === '__proto__') return this.#refuse(node, 'unknown key "__proto__"');
    lines.set(key, this.#text.lineNumber(node.range[0]));
    return key;
  }

  /** A word without a colon inside { … }: mostly the rest of a DN, of which only the first piece is reported. */
  #keyAlone(items: Items, index: number): undefined {
    const { key } = items[index] as Items[number];
    const before = items[index - 1];
    const [start, end] = key.range;
    if (before === undefined || !isRdn(key) || !isRdn(before.value ?? before.key)) {
      return this.#refuse(key, `"${this.#text.shown(start, end)}" has no value`, 'text that holds a comma is put into single quotes');
    }
    if (before.value === null) return undefined;
    const rest = items.slice(index).findIndex((item) => item.value !== null || !isRdn(item.key));
    const last = items.at(rest === -1 ? -1 : index + rest - 1) ?? before;
    const dn = this.#text.shown(before.value.range[0], last.key.range[1]);
    return this.#refuse(key, 'the comma before this ends the value: this is read as a key', `a DN inside { … } is quoted: '${dn}'`);
  }

  #refuse({ range }: Place, message: string, help?: string): undefined {
    const [start = 0, end = start] = range;
    this.diagnostics.push(this.#text.diagnostic(start, end, message, help));
    return undefined;
  }
}

const CORE_WORDS: ReadonlyMap<string, unknown> = new Map([
  ...['~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);
const CORE_NUMBER = /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+)$/;

/** What a plain scalar means in YAML's core schema (YAML 1.2 §10.3.2), as far as JSON can say it. */
function coreValue(written: string): unknown {
  const word = CORE_WORDS.get(written);
  if (word !== undefined) return word;
  return CORE_NUMBER.test(written) ? Number(written) : written;
}

function isNothing(node: ParsedNode): boolean {
  return isScalar(node) && node.type === 'PLAIN' && node.value === '' && node.tag === undefined && node.anchor === undefined;
}

/** Whether this can be a piece of a DN that isn't quoted. */
function isRdn(node: ParsedNode): boolean {
  return isScalar(node) && node.type === 'PLAIN' && /^[A-Za-z0-9.;-]+=/.test(String(node.value));
}

function openBrackets(value: string): number {
  return [...value].reduce((open, character) => open + ('({['.includes(character) ? 1 : ')}]'.includes(character) ? -1 : 0), 0);
}

/** @returns whether `value` is a map rather than text or a list */
export function isYamlMap(value: YamlValue): value is YamlMap {
  return typeof value === 'object' && !Array.isArray(value);
}
