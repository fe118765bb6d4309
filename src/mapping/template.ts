import { type Entry, valuesOf } from '../ldap/entry.ts';
import type { AttributePath } from '../scim/attribute-path.ts';
import { describeElement, fitsDescription } from '../scim/element-description.ts';
import { ScimError } from '../scim/errors.ts';
import { parseAttributePath } from '../scim/parse-attribute-path.ts';
import { attributeAt, elementsOf, isObject, type ScimObject } from '../scim/resource.ts';
import type { ResourceType } from '../scim/resource-type.ts';

/** A generated value with blanks: `{scim.path}` or `{ldap:attribute}`; a literal brace is doubled. */
export interface Template {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
}

export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'scim'; readonly path: AttributePath }
  | { readonly kind: 'ldap'; readonly attribute: string };

/** Why a text is no template, and where in it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly offset: number;
  readonly length: number;

  constructor(message: string, offset: number, length: number) {
    super(message);
    this.offset = offset;
    this.length = length;
  }
}

/** @throws TemplateError */
export function parseTemplate(text: string, resourceType: ResourceType): Template {
  const parts: TemplatePart[] = [];
  const literal = (piece: string): void => {
    const last = parts.at(-1);
    if (last?.kind === 'literal') parts[parts.length - 1] = { kind: 'literal', text: last.text + piece };
    else parts.push({ kind: 'literal', text: piece });
  };
  let index = 0;
  while (index < text.length) {
    const doubled = text.startsWith('{{', index) || text.startsWith('}}', index);
    const char = text.charAt(index);
    if (doubled || (char !== '{' && char !== '}')) {
      literal(char);
      index += doubled ? 2 : 1;
      continue;
    }
    if (char === '}') throw new TemplateError('a single "}": a literal brace is doubled', index, 1);
    const end = text.indexOf('}', index);
    if (end < 0) throw new TemplateError('the blank has no closing brace', index, text.length - index);
    parts.push(parseBlank(text.slice(index + 1, end), index + 1, resourceType));
    index = end + 1;
  }
  return { text, parts };
}

const LDAP_BLANK = /^ldap:([A-Za-z][A-Za-z0-9-]*(?:;[A-Za-z0-9-]+)*)$/;

function parseBlank(text: string, offset: number, resourceType: ResourceType): TemplatePart {
  const fail = (message: string): never => {
    throw new TemplateError(message, offset, Math.max(1, text.length));
  };
  const blank = text.trim();
  if (blank.includes('|')) fail('transforms in blanks are not supported yet');
  const attribute = LDAP_BLANK.exec(blank)?.[1];
  if (attribute !== undefined) return { kind: 'ldap', attribute };
  try {
    const parsed = parseAttributePath(blank, resourceType);
    if (parsed.kind === 'attribute') {
      const leaf = parsed.path.sub ?? parsed.path.attribute;
      if (leaf.returned === 'never') return fail(`${blank} is never shown and must not be written elsewhere`);
      if (leaf.type === 'complex') return fail(`${blank} is complex: name one of its sub-attributes`);
      if (!parsed.path.isExtension && ['id', 'meta', 'schemas'].includes(parsed.path.attribute.name))
        return fail(`${blank} is not known while the entry is being made`);
      return { kind: 'scim', path: parsed.path };
    }
  } catch (error) {
    if (error instanceof ScimError) fail(error.detail);
    throw error;
  }
  return fail(`no schema knows the attribute ${JSON.stringify(blank)}`);
}

/**
 * The first template whose blanks are all filled and whose text the attribute can hold, filled in.
 *
 * @param entry LDAP blanks are taken from it: the entry as it will be
 * @returns undefined when there is none
 */
export function fillFirst(
  templates: readonly Template[],
  resource: ScimObject,
  entry: Entry,
  fits: (text: string) => boolean,
): string | undefined {
  for (const template of templates) {
    const pieces = template.parts.map((part) => fillPart(part, resource, entry));
    const text = pieces.every((piece) => piece !== undefined) ? pieces.join('') : undefined;
    if (text !== undefined && fits(text)) return text;
  }
  return undefined;
}

function fillPart(part: TemplatePart, resource: ScimObject, entry: Entry): string | undefined {
  switch (part.kind) {
    case 'literal':
      return part.text;
    case 'ldap': {
      const [value] = valuesOf(entry, part.attribute);
      return typeof value === 'string' ? value : undefined;
    }
    case 'scim':
      return firstText(resource, part.path);
    default:
      return part satisfies never;
  }
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
