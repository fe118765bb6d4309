import type { AttributePath } from './attribute-path.ts';
import { badRequest, type ScimError } from './errors.ts';
import type { ComparisonOperator, Filter } from './filter.ts';
import { FilterLexer, type Token } from './filter-lexer.ts';
import { objectionTo, readLiteral } from './filter-literal.ts';
import { resolveAttributeName } from './resolve-attribute-name.ts';
import { findSubAttribute, type ResourceType } from './resource-type.ts';

/** Longest filter or path in UTF-16 units. */
export const MAX_LENGTH = 16_384;
/** Most parentheses around one another. */
export const MAX_DEPTH = 32;
/** Most comparisons and `pr` in one filter. */
export const MAX_TERMS = 200;

/** How literals are read: by the grammar, or as `lenient-filter.ts` explains. */
export type Literals = 'json' | 'raw' | 'bareWord';

/** A text being read. `terms` counts up. */
export interface Reading {
  readonly lexer: FilterLexer;
  /** What the client calls the text: the first word of every message. */
  readonly subject: 'filter' | 'path';
  terms: number;
}

/** What the names in a filter stand for: the attributes of a resource type or, in brackets, the sub-attributes of one attribute. */
export interface Scope {
  /** For messages: `User`, or `emails` inside `emails[…]`. */
  readonly owner: string;
  /** Value paths don't nest (RFC 7644 figure 1: `valFilter`). */
  readonly inBrackets: boolean;
  readonly literals: Literals;
  find(name: string): AttributePath | undefined;
}

/**
 * Parses a filter (RFC 7644 §3.4.2.2, figure 1) and resolves its names against the resource type, in any letter case.
 *
 * Beyond the grammar: several blanks for one, blanks inside parentheses and brackets and after `not`, `$ref` as a name,
 * a complex attribute for its `value` (`members eq "…"`), and a comparison behind brackets
 * (`emails[type eq "work"].value eq "…"`, `emails[type eq "work"] eq "…"`; entra-scim-client §5.2, §8), which is moved inside.
 *
 * @param literals 'json' holds to the grammar; `readFilter` tries the others
 * @throws ScimError invalidFilter with the position (in UTF-16 units, from 1): what the grammar or a limit refuses, attributes that
 *         the schemas don't know or that are never returned, operators that the attribute's type doesn't have
 */
export function parseFilter(text: string, resourceType: ResourceType, literals: Literals = 'json'): Filter {
  const reading: Reading = { lexer: new FilterLexer(text), subject: 'filter', terms: 0 };
  if (text.length > MAX_LENGTH) throw failure(reading, `longer than ${MAX_LENGTH} characters`, MAX_LENGTH);
  const scope: Scope = {
    owner: resourceType.name,
    inBrackets: false,
    literals,
    find(name) {
      const target = resolveAttributeName(name, resourceType);
      return target?.kind === 'attribute' ? target.path : undefined;
    },
  };
  const filter = parseOr(reading, scope, 0);
  expect(reading, 'end', 'and, or, or the end');
  return filter;
}

/** Parses `filter]`, the opening bracket having been read. */
export function parseValueFilter(reading: Reading, scope: Scope): Filter {
  const filter = parseOr(reading, scope, 0);
  expect(reading, ']', 'and, or, or ]');
  return filter;
}

/** Whether the attribute has elements to choose from, or members to test. */
export function takesValueFilter({ attribute, sub }: AttributePath): boolean {
  return sub === undefined && (attribute.type === 'complex' || attribute.multiValued);
}

/** The names inside the brackets of a value path. An element of a simple attribute has only `value`: itself. */
export function elementScope({ schema, isExtension, attribute }: AttributePath, literals: Literals): Scope {
  return {
    owner: attribute.name,
    inBrackets: true,
    literals,
    find(name) {
      if (attribute.type === 'complex') {
        const sub = findSubAttribute(attribute, name);
        return sub === undefined ? undefined : { schema, isExtension, attribute: sub };
      }
      const isValue = name.toLowerCase() === 'value';
      return isValue ? { schema, isExtension, attribute: { ...attribute, name: 'value', multiValued: false } } : undefined;
    },
  };
}

/** `what` says what is wrong, `at` is an offset. */
export function failure(reading: Reading, what: string, at: number): ScimError {
  return badRequest('invalidFilter', `${reading.subject}: ${what} at character ${at + 1}`);
}

/** The words for a token where something else was expected. */
export function describeUnexpected(token: Token, expected: string): string {
  if (token.kind === 'invalid') return token.problem;
  return token.kind === 'end' ? `expected ${expected}` : `expected ${expected}, not ${excerpt(token.text)}`;
}

/** Client text for a message: escaped, and cut where it is long. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** `or` binds less than `and` (RFC 7644 §3.4.2.2). `depth` counts the parentheses around. */
function parseOr(reading: Reading, scope: Scope, depth: number): Filter {
  return parseChain(reading, 'or', () => parseChain(reading, 'and', () => parseTerm(reading, scope, depth)));
}

function parseChain(reading: Reading, kind: 'and' | 'or', parseLink: () => Filter): Filter {
  const first = parseLink();
  if (!isKeyword(reading.lexer.peek(), kind)) return first;
  const filters = [first];
  while (isKeyword(reading.lexer.peek(), kind)) {
    requireBlank(reading, reading.lexer.next());
    requireBlank(reading, reading.lexer.peek());
    filters.push(parseLink());
  }
  return { kind, filters };
}

function parseTerm(reading: Reading, scope: Scope, depth: number): Filter {
  const token = reading.lexer.next();
  if (token.kind === '(') return parseGroup(reading, scope, depth, token);
  if (isKeyword(token, 'not') && reading.lexer.peek().kind === '(') {
    return { kind: 'not', filter: parseGroup(reading, scope, depth, reading.lexer.next()) };
  }
  if (token.kind !== 'word') throw failure(reading, describeUnexpected(token, 'an attribute'), token.at);
  const path = scope.find(token.text);
  if (path === undefined) throw failure(reading, `${scope.owner} has no attribute ${excerpt(token.text)}`, token.at);
  const next = reading.lexer.peek();
  return next.kind === '[' && !next.afterBlank ? parseValuePath(reading, scope, path, token) : parseTest(reading, scope, path, token);
}

function parseGroup(reading: Reading, scope: Scope, depth: number, open: Token): Filter {
  if (depth === MAX_DEPTH) throw failure(reading, `more than ${MAX_DEPTH} parentheses around one another`, open.at);
  const filter = parseOr(reading, scope, depth + 1);
  expect(reading, ')', 'and, or, or )');
  return filter;
}

function parseValuePath(reading: Reading, scope: Scope, path: AttributePath, name: Token): Filter {
  if (scope.inBrackets || !takesValueFilter(path)) throw failure(reading, `${excerpt(name.text)} takes no value filter`, name.end);
  refuseSecret(reading, path, name);
  reading.lexer.next();
  // A raw literal stands behind the brackets.
  const inside = elementScope(path, scope.literals === 'raw' ? 'json' : scope.literals);
  const filter = parseValueFilter(reading, inside);

  const after = reading.lexer.peek();
  const namesSub = after.kind === 'word' && !after.afterBlank && after.text.startsWith('.');
  if (!namesSub && readOperator(after) === undefined) return { kind: 'valuePath', path, filter };
  if (namesSub) reading.lexer.next();
  const subName = namesSub ? after.text.slice(1) : 'value';
  const sub = inside.find(subName);
  if (sub === undefined) throw failure(reading, `${inside.owner} has no attribute ${excerpt(subName)}`, after.at);
  return moveInside(path, filter, parseTest(reading, scope, sub, after));
}

/** `emails[type eq "work"].value eq "x"` is `emails[type eq "work" and value eq "x"]`, and `ne` is its negation, as on every list. */
function moveInside(path: AttributePath, filter: Filter, test: Filter): Filter {
  const filters = filter.kind === 'and' ? filter.filters : [filter];
  if (test.kind === 'compare' && test.operator === 'ne') {
    return { kind: 'not', filter: moveInside(path, filter, { ...test, operator: 'eq' }) };
  }
  return { kind: 'valuePath', path, filter: { kind: 'and', filters: [...filters, test] } };
}

/** `pr`, or an operator and a literal, behind an attribute that has been read. */
function parseTest(reading: Reading, scope: Scope, named: AttributePath, name: Token): Filter {
  reading.terms += 1;
  if (reading.terms > MAX_TERMS) throw failure(reading, `more than ${MAX_TERMS} comparisons`, name.at);
  refuseSecret(reading, named, name);
  const word = reading.lexer.next();
  const operator = readOperator(word);
  if (operator === undefined) throw failure(reading, describeUnexpected(word, 'an operator'), word.at);
  requireBlank(reading, word);
  if (operator === 'pr') return { kind: 'present', path: named };

  const path = comparable(named);
  if (path === undefined) throw failure(reading, `${excerpt(name.text)} has no value to compare`, name.at);
  const token = reading.lexer.next(scope.literals === 'raw' ? 'raw' : 'json');
  const attribute = path.sub ?? path.attribute;
  const value = readLiteral(attribute, token, scope.literals === 'bareWord');
  if (value === undefined) {
    throw failure(reading, describeUnexpected(token, 'text in double quotes, a number, true, false or null'), token.at);
  }
  requireBlank(reading, token);
  const objection = objectionTo(attribute, operator, value);
  if (objection !== undefined) throw failure(reading, objection, word.at);
  return { kind: 'compare', path, operator, value };
}

/** A complex attribute is compared by its `value` (RFC 7644 §3.4.2.2: `emails co "example.com"`; Entra: `members eq`, `manager eq`). */
function comparable(path: AttributePath): AttributePath | undefined {
  if (path.sub !== undefined || path.attribute.type !== 'complex') return path;
  const sub = findSubAttribute(path.attribute, 'value');
  return sub === undefined ? undefined : { ...path, sub };
}

/** What is never shown must not be guessed by filters either: `password sw "a"`. */
function refuseSecret(reading: Reading, path: AttributePath, name: Token): void {
  for (const attribute of [path.attribute, path.sub]) {
    if (attribute?.returned === 'never' || attribute?.mutability === 'writeOnly') {
      throw failure(reading, `${attribute.name} can't be used in a filter`, name.at);
    }
  }
}

function readOperator(token: Token): ComparisonOperator | 'pr' | undefined {
  if (token.kind !== 'word') return undefined;
  const lower = token.text.toLowerCase();
  switch (lower) {
    case 'pr':
    case 'eq':
    case 'ne':
    case 'co':
    case 'sw':
    case 'ew':
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return lower;
    default:
      return undefined;
  }
}

function isKeyword(token: Token, keyword: 'and' | 'or' | 'not'): boolean {
  return token.kind === 'word' && token.text.toLowerCase() === keyword;
}

function requireBlank(reading: Reading, token: Token): void {
  if (!token.afterBlank && token.kind !== 'end') throw failure(reading, 'expected a blank', token.at);
}

function expect(reading: Reading, kind: Token['kind'], expected: string): void {
  const token = reading.lexer.next();
  if (token.kind !== kind) throw failure(reading, describeUnexpected(token, expected), token.at);
}
