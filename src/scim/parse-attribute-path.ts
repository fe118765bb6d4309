import type { AttributePath, PathTarget } from './attribute-path.ts';
import { badRequest, type ScimError } from './errors.ts';
import { FilterLexer, type Token } from './filter-lexer.ts';
import { readWithLeniency } from './lenient-filter.ts';
import {
  describeUnexpected,
  elementScope,
  excerpt,
  type Literals,
  MAX_LENGTH,
  parseValueFilter,
  type Reading,
  type Scope,
  takesValueFilter,
} from './parse-filter.ts';
import { isAttributeName, resolveAttributeName } from './resolve-attribute-name.ts';
import { findSubAttribute, type ResourceType } from './resource-type.ts';
import { defineAttribute } from './schema.ts';

/**
 * Parses a path of PATCH (RFC 7644 §3.5.2 figure 7), of the mapping file, or of `attributes` and `excludedAttributes` (§3.10):
 * `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`, each with or without URN, in any letter case.
 *
 * Value filters are read leniently as in `readFilter`: raw quotes and bare words (entra-scim-client §2.4, §7 rows 12 and 13:
 * `members[value eq 9f2c]`, `roles[primary eq "True"].value`), but never with two readings, since a path says what to write.
 *
 * @throws ScimError invalidPath for text that is no path, invalidFilter for a mistake inside the brackets (RFC 7644 table 9);
 *         both with the position in UTF-16 units from 1
 */
export function parseAttributePath(text: string, resourceType: ResourceType): PathTarget {
  return readWithLeniency(text, (literals) => parsePath(text, resourceType, literals));
}

function parsePath(text: string, resourceType: ResourceType, literals: Literals): PathTarget {
  if (text.length > MAX_LENGTH) throw failure(`longer than ${MAX_LENGTH} characters`, MAX_LENGTH);
  const lexer = new FilterLexer(text);
  const name = lexer.next();
  if (name.kind !== 'word') throw unexpected(name, 'an attribute');
  const target = resolveAttributeName(name.text, resourceType);
  if (target === undefined) throw failure(`${excerpt(name.text)} is no attribute path`, name.at);

  const open = lexer.next();
  if (open.kind === 'end') return target;
  if (open.kind !== '[' || open.afterBlank) throw unexpected(open, '[ or the end');
  if (target.kind === 'schema' || (target.kind === 'attribute' && !takesValueFilter(target.path))) {
    throw failure(`${excerpt(name.text)} takes no value filter`, open.at);
  }

  const path: AttributePath =
    target.kind === 'attribute'
      ? target.path
      : { schema: resourceType.schema, isExtension: false, attribute: defineAttribute(name.text, { type: 'complex' }) };
  const brackets = tolerantScope(path, literals);
  const reading: Reading = { lexer, subject: 'path', terms: 0 };
  const valueFilter = parseValueFilter(reading, brackets.scope);
  const subName = parseSubAttribute(lexer);
  const sub = subName === undefined ? undefined : findSubAttribute(path.attribute, subName);
  if (target.kind === 'unknown' || brackets.metUnknown() || (subName !== undefined && sub === undefined)) return { kind: 'unknown', text };
  return { kind: 'attribute', path: sub === undefined ? { ...path, valueFilter } : { ...path, valueFilter, sub } };
}

/**
 * The names inside the brackets, where one that no schema knows stands for some text: the path is well-formed,
 * and the caller decides what becomes of unknown ones.
 */
function tolerantScope(path: AttributePath, literals: Literals): { readonly scope: Scope; metUnknown(): boolean } {
  const known = elementScope(path, literals);
  let unknown = false;
  const find = (name: string): AttributePath | undefined => {
    const found = known.find(name);
    if (found !== undefined || !isAttributeName(name)) return found;
    unknown = true;
    return { schema: path.schema, isExtension: path.isExtension, attribute: defineAttribute(name) };
  };
  return { scope: { ...known, find }, metUnknown: () => unknown };
}

/** `.sub` behind the brackets, or nothing. */
function parseSubAttribute(lexer: FilterLexer): string | undefined {
  const token = lexer.next();
  if (token.kind === 'end') return undefined;
  const name = token.kind === 'word' && !token.afterBlank && token.text.startsWith('.') ? token.text.slice(1) : '';
  if (!isAttributeName(name)) throw unexpected(token, '"." and a sub-attribute, or the end');
  const rest = lexer.next();
  if (rest.kind !== 'end') throw unexpected(rest, 'the end');
  return name;
}

function unexpected(token: Token, expected: string): ScimError {
  return failure(describeUnexpected(token, expected), token.at);
}

function failure(what: string, at: number): ScimError {
  return badRequest('invalidPath', `path: ${what} at character ${at + 1}`);
}
