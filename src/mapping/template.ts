import { type Entry, valuesOf } from '../ldap/entry.ts';
import type { AttributePath } from '../scim/attribute-path.ts';
import { describeElement, fitsDescription } from '../scim/element-description.ts';
import { ScimError } from '../scim/errors.ts';
import { parseAttributePath } from '../scim/parse-attribute-path.ts';
import { attributeAt, elementsOf, isObject, type ScimObject } from '../scim/resource.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import { knownPaths } from './known-paths.ts';
import { parsePipe } from './parse-pipe.ts';
import { PhraseError } from './phrase-error.ts';
import { runPipe, type Transform } from './transforms.ts';

/** Text with blanks: `{scim.path}` or `{ldap:attribute}`, each perhaps with a pipe: `{userName | before "@"}`. A literal brace is doubled. */
export interface Template {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
}

export type TemplatePart = { readonly kind: 'literal'; readonly text: string } | Blank;

export type Blank =
  | { readonly kind: 'scim'; readonly path: AttributePath; readonly pipe: readonly Transform[] }
  | { readonly kind: 'ldap'; readonly attribute: string; readonly pipe: readonly Transform[] };

export interface TemplateOptions {
  /** Whether the entry exists already when the template is filled, so that `{id}` is known. */
  readonly knowsId?: boolean;
}

const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
const BLANK = new RegExp(String.raw`\{((?:[^{}"]|${QUOTED})*)\}`, 'y');
const LITERAL = /(?:[^{}]|\{\{|\}\})+/y;
/** What stands before the first `|` that is in no quotes. */
const SOURCE = new RegExp(`^(?:[^|"]|${QUOTED})*`);

/** @throws PhraseError */
export function parseTemplate(text: string, resourceType: ResourceType, options: TemplateOptions = {}): Template {
  const parts: TemplatePart[] = [];
  let offset = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = offset;
    const found = pattern.exec(text);
    if (found !== null) offset = pattern.lastIndex;
    return found;
  };
  while (offset < text.length) {
    const start = offset;
    const literal = take(LITERAL)?.[0];
    if (literal !== undefined) {
      parts.push({ kind: 'literal', text: literal.replaceAll('{{', '{').replaceAll('}}', '}') });
      continue;
    }
    const blank = take(BLANK)?.[1];
    if (blank === undefined) throw unreadable(text, start);
    parts.push(parseBlank(blank, start + 1, resourceType, options));
  }
  refuseSplitBesideOthers(parts, text);
  return { text, parts };
}

function unreadable(text: string, start: number): PhraseError {
  if (text.charAt(start) === '}') return new PhraseError('a single "}": a literal brace is doubled', start, 1);
  const hasOpenQuote = (text.slice(start).match(/(?<!\\)"/g) ?? []).length % 2 === 1;
  const reason = hasOpenQuote ? 'a text in double quotes is not closed' : 'the blank has no closing brace';
  return new PhraseError(reason, start, text.length - start);
}

function refuseSplitBesideOthers(parts: readonly TemplatePart[], text: string): void {
  const splits = parts.some((part) => part.kind !== 'literal' && part.pipe.some(({ kind }) => kind === 'split'));
  if (splits && parts.length > 1) throw new PhraseError('split makes several values: its blank stands alone', 0, text.length);
}

const LDAP_BLANK = /^ldap:([A-Za-z][A-Za-z0-9-]*(?:;[A-Za-z0-9-]+)*)$/;

function parseBlank(text: string, offset: number, resourceType: ResourceType, { knowsId = false }: TemplateOptions): Blank {
  const [source = ''] = SOURCE.exec(text) ?? [];
  const pipe = source.length === text.length ? [] : parsePipe(text.slice(source.length + 1), 'generated', offset + source.length + 1);
  const name = source.trim();
  const fail = (reason: string, guess?: PhraseError['guess']): never => {
    const start = offset + source.length - source.trimStart().length;
    throw new PhraseError(reason, name === '' ? offset : start, name.length, guess === undefined ? {} : { guess });
  };
  const attribute = LDAP_BLANK.exec(name)?.[1];
  if (attribute !== undefined) return { kind: 'ldap', attribute, pipe };
  try {
    const parsed = parseAttributePath(name, resourceType);
    if (parsed.kind === 'attribute') {
      const { path } = parsed;
      const leaf = path.sub ?? path.attribute;
      if (leaf.returned === 'never') return fail(`${name} is never shown and must not be written elsewhere`);
      if (leaf.type === 'complex') return fail(`${name} is complex: name one of its sub-attributes`);
      const isOurs = !path.isExtension && ['id', 'meta', 'schemas'].includes(path.attribute.name);
      if (isOurs && !(knowsId && leaf.name === 'id')) return fail(`${name} is not known while the entry is being made`);
      return { kind: 'scim', path, pipe };
    }
  } catch (error) {
    if (error instanceof ScimError) fail(error.detail);
    throw error;
  }
  return fail(`no schema knows the attribute ${JSON.stringify(name)}`, { written: name, known: knownPaths(resourceType) });
}

/**
 * What a template makes, as a list: one text, or those of a blank that is split.
 *
 * @param entry LDAP blanks are taken from it: the entry as it will be
 * @returns undefined when a blank can't be filled
 */
export function fillTemplate({ parts }: Template, resource: ScimObject, entry: Entry): readonly string[] | undefined {
  const [only] = parts;
  if (only !== undefined && only.kind !== 'literal' && parts.length === 1) return fillBlank(only, resource, entry);
  const pieces = fillParts(parts, resource, entry);
  return pieces === undefined ? undefined : [pieces.join('')];
}

/** A text that may be taken, in three parts: a number goes behind `stem`, which then is cut so that both have room in `limit` characters. */
export interface NumberedText {
  readonly before: string;
  readonly stem: string;
  readonly after: string;
  readonly limit: number | undefined;
}

/** The same, for a value that has to be unique: numbers go behind the last blank, inside the length that its `truncate` gives. */
export function fillNumbered({ parts }: Template, resource: ScimObject, entry: Entry): NumberedText | undefined {
  const pieces = fillParts(parts, resource, entry);
  if (pieces === undefined) return undefined;
  const last = parts.findLastIndex(({ kind }) => kind !== 'literal');
  const at = last < 0 ? parts.length - 1 : last;
  const part = parts[at];
  const limits =
    part === undefined || part.kind === 'literal' ? [] : part.pipe.flatMap((step) => (step.kind === 'oneWay' ? (step.limit ?? []) : []));
  return {
    before: pieces.slice(0, at).join(''),
    stem: pieces[at] ?? '',
    after: pieces.slice(at + 1).join(''),
    limit: limits.length === 0 ? undefined : Math.min(...limits),
  };
}

/** The text with a number behind its stem; the first has none. Undefined when there is no room for the number. */
export function nthText({ before, stem, after, limit }: NumberedText, number: number): string | undefined {
  if (number === 1) return before + stem + after;
  const digits = String(number);
  if (limit !== undefined && limit <= digits.length) return undefined;
  const cut = limit === undefined ? stem : [...stem].slice(0, limit - digits.length).join('');
  return before + cut + digits + after;
}

function fillParts(parts: readonly TemplatePart[], resource: ScimObject, entry: Entry): readonly string[] | undefined {
  const pieces = parts.map((part) => (part.kind === 'literal' ? part.text : fillBlank(part, resource, entry)?.[0]));
  return pieces.every((piece) => piece !== undefined) ? pieces : undefined;
}

function fillBlank(blank: Blank, resource: ScimObject, entry: Entry): readonly string[] | undefined {
  const source = blank.kind === 'ldap' ? valuesOf(entry, blank.attribute)[0] : firstText(resource, blank.path);
  const texts = typeof source === 'string' ? runPipe(source, blank.pipe) : [];
  return texts.length === 0 ? undefined : texts;
}

function firstText(resource: ScimObject, path: AttributePath): string | undefined {
  const description = path.valueFilter === undefined ? undefined : describeElement(path.valueFilter);
  for (const element of elementsOf(attributeAt(resource, path))) {
    if (description !== undefined && !fitsDescription(element, description)) continue;
    const value = path.sub === undefined ? element : isObject(element) ? element[path.sub.name] : undefined;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  }
  return undefined;
}
