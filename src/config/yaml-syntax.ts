import { type Document, isCollection, isPair, isScalar, type Scalar, type YAMLError } from 'yaml';
import type { Diagnostic } from './diagnostic.ts';
import type { YamlText } from './yaml-text.ts';

/**
 * What the YAML parser refused, in our words: its own quote the file, and a line may hold a secret.
 * Of every line the first, because the others on it follow from that one; after a tab only other tabs, because the lines around it seem
 * to be indented otherwise; and none after the parser lost its way.
 */
export function syntaxErrors(document: Document.Parsed, text: YamlText): readonly Diagnostic[] {
  const firstOfLine = new Map<number, Diagnostic>();
  const tab = document.errors.findIndex(({ code }) => code === 'TAB_AS_INDENT');
  const errors = document.errors.filter(({ code }, index) => tab < 0 || index < tab || code === 'TAB_AS_INDENT');
  for (const error of [...document.warnings.filter(({ code }) => code === 'BAD_DIRECTIVE'), ...errors]) {
    const [start, end] = placeOf(error, document, text);
    const line = text.lineNumber(start);
    if (!firstOfLine.has(line)) {
      const { message, help } = explain(error, text.lineAt(start));
      firstOfLine.set(line, text.diagnostic(start, end, message, classicMistake(text.lineAt(start)) ?? help));
    }
    if (error.message.includes('in YAML stream') || error.code === 'RESOURCE_EXHAUSTION') break;
  }
  return [...firstOfLine.values()];
}

/** Where the mistake begins, for one that the parser noticed only at the end of the file. */
function placeOf({ message, pos: [start, end] }: YAMLError, document: Document.Parsed, text: YamlText): readonly [number, number] {
  if (message.includes('quote')) {
    const [quote] = lastScalar(document)?.range ?? [];
    if (quote !== undefined) return [quote, quote + 1];
  }
  if (text.lineAt(start).trim() !== '') return [start, end];
  const before = text.text.slice(0, start).trimEnd().length;
  return [Math.max(before - 1, 0), before];
}

/** A quote that isn't closed swallows the rest of the file, so it is the last. */
function lastScalar(document: Document.Parsed): Scalar | undefined {
  let node: unknown = document.contents;
  while (isCollection(node)) {
    const last: unknown = node.items.at(-1);
    node = isPair(last) ? (last.value ?? last.key) : last;
  }
  return isScalar(node) ? node : undefined;
}

interface Explanation {
  readonly message: string;
  readonly help?: string;
}

const quoteIt = 'put the value into single quotes';

function explain({ code, message }: YAMLError, line: string): Explanation {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab may not indent a line', help: 'use spaces' };
    case 'BAD_SCALAR_START':
      return { message: 'a value may not begin with this character', help: quoteIt };
    case 'BAD_ALIAS':
      return { message: 'aliases (*name) are not allowed', help: "a value that begins with * is quoted: '*'" };
    case 'BAD_DQ_ESCAPE':
      return { message: 'no such escape in double quotes', help: 'in single quotes a backslash is only a backslash' };
    case 'BAD_INDENT':
      if (message.startsWith('Flow')) return { message: 'the { or [ before this is not closed, or the lines inside are not indented' };
      return { message: 'indented otherwise than the keys above', help: 'keys that belong together begin in the same column' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (/:\s.*:(\s|$)/.test(line)) return { message: '": " inside a value that is not quoted', help: quoteIt };
      return {
        message: 'the next line is indented as if it belonged to this value',
        help: 'give the next line the same indentation as the keys beside it',
      };
    case 'MULTIPLE_DOCS':
      return { message: 'a second document begins here', help: 'a configuration file holds one; remove the line ---' };
    case 'MISSING_CHAR':
      if (message.includes('quote'))
        return { message: 'the quote that begins here is not closed', help: "inside single quotes, ' is written twice" };
      return { message: 'a character is missing here', help: 'a line is KEY: VALUE, with a space after the colon' };
    case 'MULTILINE_IMPLICIT_KEY':
      return { message: 'a key without a value', help: 'a line is KEY: VALUE, with a space after the colon' };
    case 'RESOURCE_EXHAUSTION':
      return { message: 'nested too deeply' };
    case 'BAD_DIRECTIVE':
      return { message: 'directives (%) are not allowed' };
    default:
      return { message: 'this does not belong here' };
  }
}

/** The mistakes that show as something unexpected, elsewhere in the line or as if it were all wrong. */
function classicMistake(line: string): string | undefined {
  if (/\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]:/.test(line)) return "an IPv6 address in brackets is quoted: '[::1]:8080'";
  if (/[[{(][^'"]*\s#/.test(line)) return 'a # after a space begins a comment; text that holds one is put into single quotes';
  if (/:\s(?!\s*['"]).*\{[^'"{}]*\}./.test(line)) return "a template is quoted: '{name.givenName} {name.familyName}'";
  if (/^\s*[[{]/.test(line)) return 'a key that holds { } [ ] is put into single quotes';
  return undefined;
}
