import { ATTRIBUTE_DESCRIPTION, NAME_OR_OID } from './attribute-description.ts';
import type { LdapValue } from './entry.ts';
import type { LdapFilter } from './filter.ts';
import { parseHexPairs, valueFromOctets } from './octets.ts';
import { TextError } from './text-error.ts';
import { TextScanner } from './text-scanner.ts';

/** Filters inside filters; far more than people write, far less than the call stack bears. */
const MAX_DEPTH = 100;

/** The text is not a search filter. */
export class FilterSyntaxError extends TextError {
  override readonly name = 'FilterSyntaxError';
}

/**
 * Reads the text of a search filter (RFC 4515), with RFC 4526's `(&)` and `(|)`. Blanks and line breaks may stand around
 * filters and before an attribute, for long filters in files; inside a value they belong to it.
 *
 * @returns names as written; a value with escapes that are not UTF-8 is a Buffer. Empty pieces of a substring are dropped,
 *          and `(cn=**)` is the presence that it means
 * @throws FilterSyntaxError also for filters nested deeper than 100 and for a substring that isn't UTF-8
 */
export function parseLdapFilter(text: string): LdapFilter {
  const scanner = new TextScanner(text);
  scanner.take(BLANKS);
  const filter = readFilter(scanner, 1);
  scanner.take(BLANKS);
  if (!scanner.atEnd) throw new FilterSyntaxError('expected the end of the filter', scanner.offset);
  return filter;
}

const BLANKS = /\s*/y;
const OPEN = /\(\s*/y;
const CLOSE = /\)/y;
const AHEAD_OF_FILTER = /(?=\()/y;
const SET_OPERATOR = /[&|!]/y;
const COMPARISON = /[<>~]?=/y;
const ORDERING_KINDS: ReadonlyMap<string, 'greaterOrEqual' | 'lessOrEqual' | 'approximate'> = new Map([
  ['>=', 'greaterOrEqual'],
  ['<=', 'lessOrEqual'],
  ['~=', 'approximate'],
]);
const ASTERISK = /\*/y;
const DN_FLAG = /:dn(?=:)/iy;
const MATCHING_RULE = new RegExp(`:(?:${NAME_OR_OID.source})(?=:=)`, 'y');
const EXTENSIBLE = /:=/y;
const VALUE = /(?:[^()*\\\0]+|\\[0-9A-Fa-f]{2})*/y;
const ESCAPES_OR_PLAIN = /(?:\\..)+|[^\\]+/g;

function readFilter(scanner: TextScanner, depth: number): LdapFilter {
  if (depth > MAX_DEPTH) throw new FilterSyntaxError(`more than ${MAX_DEPTH} filters inside each other`, scanner.offset);
  expect(scanner, OPEN, '"("');
  const filter = readComponent(scanner, depth);
  expect(scanner, CLOSE, '")"');
  return filter;
}

function readComponent(scanner: TextScanner, depth: number): LdapFilter {
  switch (scanner.take(SET_OPERATOR)) {
    case '&':
      return { kind: 'and', filters: readFilters(scanner, depth + 1) };
    case '|':
      return { kind: 'or', filters: readFilters(scanner, depth + 1) };
    case '!': {
      scanner.take(BLANKS);
      const filter = readFilter(scanner, depth + 1);
      scanner.take(BLANKS);
      return { kind: 'not', filter };
    }
    default:
      return readItem(scanner);
  }
}

function readFilters(scanner: TextScanner, depth: number): readonly LdapFilter[] {
  const filters: LdapFilter[] = [];
  scanner.take(BLANKS);
  while (scanner.take(AHEAD_OF_FILTER) !== undefined) {
    filters.push(readFilter(scanner, depth));
    scanner.take(BLANKS);
  }
  return filters;
}

function readItem(scanner: TextScanner): LdapFilter {
  const attribute = scanner.take(ATTRIBUTE_DESCRIPTION);
  const operator = attribute === undefined ? undefined : scanner.take(COMPARISON);
  if (attribute === undefined || operator === undefined) return readExtensible(scanner, attribute);
  const kind = ORDERING_KINDS.get(operator);
  return kind === undefined ? readEqualityOrSubstring(scanner, attribute) : { kind, attribute, value: readValue(scanner) };
}

function readEqualityOrSubstring(scanner: TextScanner, attribute: string): LdapFilter {
  const start = scanner.offset;
  const initial = readValue(scanner);
  const others: LdapValue[] = [];
  while (scanner.take(ASTERISK) !== undefined) others.push(readValue(scanner));
  const final = others.pop();
  if (final === undefined) return { kind: 'equality', attribute, value: initial };

  const any = others.filter((piece) => piece !== '');
  if (!isText(initial) || !isText(final) || !any.every(isText)) throw new FilterSyntaxError('a substring must be UTF-8', start);
  if (initial === '' && final === '' && any.length === 0) return { kind: 'present', attribute };
  return { kind: 'substring', attribute, ...(initial !== '' && { initial }), any, ...(final !== '' && { final }) };
}

function readExtensible(scanner: TextScanner, attribute: string | undefined): LdapFilter {
  const start = scanner.offset;
  const dnAttributes = scanner.take(DN_FLAG) !== undefined;
  const matchingRule = scanner.take(MATCHING_RULE)?.slice(1);
  if (scanner.take(EXTENSIBLE) === undefined) {
    throw new FilterSyntaxError(attribute === undefined ? 'expected an attribute' : 'expected "=", ">=", "<=", "~=" or ":="', start);
  }
  if (attribute === undefined && matchingRule === undefined) {
    throw new FilterSyntaxError('expected an attribute or a matching rule before ":="', start);
  }
  return {
    kind: 'extensible',
    ...(attribute !== undefined && { attribute }),
    ...(matchingRule !== undefined && { matchingRule }),
    dnAttributes,
    value: readValue(scanner),
  };
}

function readValue(scanner: TextScanner): LdapValue {
  const escaped = scanner.take(VALUE) ?? '';
  if (scanner.text[scanner.offset] === '\\') {
    throw new FilterSyntaxError('"\\" must be followed by two hexadecimal digits', scanner.offset);
  }
  if (!escaped.includes('\\')) return escaped;
  const runs = escaped.match(ESCAPES_OR_PLAIN) ?? [];
  return valueFromOctets(Buffer.concat(runs.map((run) => (run.startsWith('\\') ? parseHexPairs(run) : Buffer.from(run)))));
}

function isText(value: LdapValue): value is string {
  return typeof value === 'string';
}

function expect(scanner: TextScanner, pattern: RegExp, what: string): void {
  if (scanner.take(pattern) === undefined) throw new FilterSyntaxError(`expected ${what}`, scanner.offset);
}
