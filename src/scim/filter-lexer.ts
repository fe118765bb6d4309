/**
 * One lexical element of a filter or path. `at` and `end` are offsets in UTF-16 units; `text` is as written.
 * `afterBlank` tells whether a blank stands before it. A word is anything without blank, quote, bracket and parenthesis:
 * an attribute path, an operator, a number.
 */
export type Token = {
  readonly at: number;
  readonly end: number;
  readonly afterBlank: boolean;
  readonly text: string;
} & (
  | { readonly kind: 'word' | '(' | ')' | '[' | ']' | 'end' }
  | { readonly kind: 'string'; readonly value: string }
  /** No element of the language; `problem` says why. */
  | { readonly kind: 'invalid'; readonly problem: string }
);

/**
 * How the text between double quotes is read: by the rules of JSON strings (RFC 7644 §3.4.2.2), or `raw`:
 * up to the last quote of the whole text, every character standing for itself.
 */
export type Quoting = 'json' | 'raw';

// Only U+0020 separates: ABNF's SP. The grammar has exactly one; we read any number as one.
const BLANKS = / */y;
const WORD = /[^\u0000-\u0020\u007f()[\]"]+/y;

/** Reads tokens on demand. Never throws: what can't be read is an `invalid` token. */
export class FilterLexer {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): Token {
    return readToken(this.#text, this.#position, 'json');
  }

  next(quoting: Quoting = 'json'): Token {
    const token = readToken(this.#text, this.#position, quoting);
    this.#position = token.end;
    return token;
  }
}

function readToken(text: string, from: number, quoting: Quoting): Token {
  BLANKS.lastIndex = from;
  BLANKS.test(text);
  const at = BLANKS.lastIndex;
  const afterBlank = at > from;
  const first = text[at];
  switch (first) {
    case undefined:
      return { kind: 'end', at, end: at, afterBlank, text: '' };
    case '(':
    case ')':
    case '[':
    case ']':
      return { kind: first, at, end: at + 1, afterBlank, text: first };
    case '"':
      return readString(text, at, afterBlank, quoting);
    default: {
      WORD.lastIndex = at;
      const word = WORD.exec(text)?.[0];
      if (word !== undefined) return { kind: 'word', at, end: at + word.length, afterBlank, text: word };
      return { kind: 'invalid', at, end: at + 1, afterBlank, text: first, problem: 'a control character' };
    }
  }
}

function readString(text: string, at: number, afterBlank: boolean, quoting: Quoting): Token {
  const close = quoting === 'raw' ? text.lastIndexOf('"') : closingQuote(text, at);
  if (close === undefined || close === at) {
    return { kind: 'invalid', at, end: text.length, afterBlank, text: '"', problem: 'a string without closing quote' };
  }
  const end = close + 1;
  const written = text.slice(at, end);
  const value = quoting === 'raw' ? written.slice(1, -1) : decodeString(written);
  if (value === undefined) {
    return { kind: 'invalid', at, end, afterBlank, text: written, problem: 'an escape or control character that JSON strings do not have' };
  }
  // Half a surrogate pair is no character: it has no UTF-8 and so can't be stored anywhere.
  if (!value.isWellFormed()) return { kind: 'invalid', at, end, afterBlank, text: written, problem: 'half a surrogate pair' };
  return { kind: 'string', at, end, afterBlank, text: written, value };
}

function closingQuote(text: string, open: number): number | undefined {
  for (let index = open + 1; index < text.length; index += 1) {
    if (text[index] === '"') return index;
    if (text[index] === '\\') index += 1;
  }
  return undefined;
}

function decodeString(written: string): string | undefined {
  try {
    return String(JSON.parse(written));
  } catch {
    return undefined;
  }
}
