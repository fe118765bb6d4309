import { TextScanner } from './text-scanner.ts';

/**
 * An attribute type, object class or content rule as a server describes it (RFC 4512 §4.1), not yet understood:
 * keywords in upper case with their words, without quotes. A flag such as `SINGLE-VALUE` has no words.
 */
export interface SchemaDescription {
  readonly oid: string;
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

const FLAGS = new Set(['OBSOLETE', 'SINGLE-VALUE', 'COLLECTIVE', 'NO-USER-MODIFICATION', 'ABSTRACT', 'STRUCTURAL', 'AUXILIARY']);

const BLANKS = /\s*/y;
const OPEN = /\(/y;
const CLOSE = /\)/y;
const DOLLAR = /\$/y;
const BARE_WORD = /[^\s()$']+/y;
/** Up to a quote that a blank or a parenthesis follows: some servers print `DESC 'the user's name'` with the quote as it is. */
const QUOTED_WORD = /'(?:[^']|'(?![\s)]))*'/y;
const QUOTE_OR_BACKSLASH = /\\(27|5c)/gi;

/**
 * Reads a description as OpenLDAP, 389 Directory Server and Active Directory print it: names and syntaxes with or without quotes,
 * lists with or without parentheses, names in place of OIDs, unknown `X-` extensions.
 *
 * @returns undefined when it can't be understood
 */
export function parseSchemaDescription(text: string): SchemaDescription | undefined {
  const scanner = new TextScanner(text);
  const oid = takeNext(scanner, OPEN) === undefined ? undefined : readWord(scanner);
  if (oid === undefined) return undefined;

  const fields = new Map<string, readonly string[]>();
  while (takeNext(scanner, CLOSE) === undefined) {
    const keyword = takeNext(scanner, BARE_WORD)?.toUpperCase();
    const words = keyword === undefined || FLAGS.has(keyword) ? [] : readWords(scanner);
    if (keyword === undefined || words === undefined) return undefined;
    fields.set(keyword, words);
  }
  return { oid, fields };
}

function readWords(scanner: TextScanner): readonly string[] | undefined {
  if (takeNext(scanner, OPEN) === undefined) {
    const word = readWord(scanner);
    return word === undefined ? undefined : [word];
  }
  const words: string[] = [];
  while (takeNext(scanner, CLOSE) === undefined) {
    const word = readWord(scanner);
    if (word === undefined) return undefined;
    words.push(word);
    takeNext(scanner, DOLLAR);
  }
  return words;
}

function readWord(scanner: TextScanner): string | undefined {
  const quoted = takeNext(scanner, QUOTED_WORD);
  if (quoted === undefined) return takeNext(scanner, BARE_WORD);
  return quoted.slice(1, -1).replace(QUOTE_OR_BACKSLASH, (_escape, digits: string) => (digits === '27' ? "'" : '\\'));
}

function takeNext(scanner: TextScanner, pattern: RegExp): string | undefined {
  scanner.take(BLANKS);
  return scanner.take(pattern);
}
