import { caseIgnoreKey } from '../ldap/case-ignore.ts';
import { foldCase } from '../scim/evaluate-filter.ts';
import { parseLinearPattern } from './linear-pattern.ts';
import { showPostalAddress, storePostalAddress } from './postal-address.ts';

/** One step of a pipe: what becomes of a text on its way into the directory. */
export type Transform = TwoWayTransform | SplitTransform | OneWayTransform;

/** A step with a way back, so that a line may have it that is written and read. */
export interface TwoWayTransform {
  readonly kind: 'twoWay';
  /** What it takes, for the person who sent something else; undefined: any text. */
  readonly takes: string | undefined;

  /**
   * A text as it is to be stored; undefined outside of what it takes.
   *
   * @param caseExact whether texts that differ in letter case are different ones: then nothing is stored that would be read in
   *        another spelling than it was sent in (decisions 14)
   */
  store(text: string, caseExact: boolean): string | undefined;

  /** A stored text as it is shown; undefined when nothing that can be sent is stored so. */
  show(stored: string): string | undefined;

  /** Whether it shows whatever is stored. */
  readonly showsAll: boolean;
  /** Whether it shows texts alike that differ in letter case, or in blanks at their ends. */
  readonly isLax: boolean;
  /** Whether texts that are the same without regard to letter case are shown as the same, and no others. */
  readonly keepsEquality: boolean;
  /** Whether a client may read another text than it sent. */
  readonly normalises: boolean;
  /** A text that it shows, where it shows a few only. */
  readonly sample?: string;
}

/** One text is several values; they are a set. */
export interface SplitTransform {
  readonly kind: 'split';
  readonly separator: string;
}

/** A step without a way back. */
export interface OneWayTransform {
  readonly kind: 'oneWay';
  /** undefined: nothing is left. */
  store(text: string): string | undefined;
  /** The most characters that it leaves; absent: as many as there are. */
  readonly limit?: number;
}

/** A word of the language of pipes, and what stands behind it. */
export interface TransformWord {
  /** `text` isn't empty, `anyText` may be. */
  readonly arguments: readonly ('text' | 'anyText' | 'number')[];
  /** As in the documentation. */
  readonly example: string;
  /** Whether it can be undone, or does no harm when repeated: only such steps stand under `attributes`. */
  readonly isTwoWay: boolean;
  /** @throws PatternError or RangeError for an argument that it can't work with */
  make(argument: readonly string[]): Transform;
}

const first = (argument: readonly string[]): string => argument[0] ?? '';

export const TRANSFORMS: ReadonlyMap<string, TransformWord> = new Map<string, TransformWord>([
  ['stripSuffix', { arguments: ['text'], example: 'stripSuffix "@example.org"', isTwoWay: true, make: (of) => stripSuffix(first(of)) }],
  ['stripPrefix', { arguments: ['text'], example: 'stripPrefix "x-"', isTwoWay: true, make: (of) => stripPrefix(first(of)) }],
  ['postalAddress', { arguments: [], example: 'postalAddress', isTwoWay: true, make: postalAddress }],
  ['split', { arguments: ['text'], example: 'split ";"', isTwoWay: true, make: (of) => split(first(of)) }],
  ['trim', { arguments: [], example: 'trim', isTwoWay: true, make: trim }],
  ['lowercase', { arguments: [], example: 'lowercase', isTwoWay: true, make: () => inCase((letter) => letter.toLowerCase()) }],
  ['uppercase', { arguments: [], example: 'uppercase', isTwoWay: true, make: () => inCase((letter) => letter.toUpperCase()) }],
  ['before', { arguments: ['text'], example: 'before "@"', isTwoWay: false, make: (of) => oneWay((text) => text.split(first(of))[0]) }],
  ['after', { arguments: ['text'], example: 'after "@"', isTwoWay: false, make: (of) => oneWay((text) => partAfter(text, first(of))) }],
  ['ascii', { arguments: [], example: 'ascii', isTwoWay: false, make: () => oneWay(toAscii) }],
  ['truncate', { arguments: ['number'], example: 'truncate 20', isTwoWay: false, make: (of) => truncate(Number(first(of))) }],
  ['replace', { arguments: ['text', 'anyText'], example: 'replace "[^a-z]+" "-"', isTwoWay: false, make: replace }],
]);

/**
 * What a pipe without a way back makes of a text: one text, or those that `split` makes; none when nothing is left, or when a step
 * doesn't take it.
 */
export function runPipe(text: string, pipe: readonly Transform[]): readonly string[] {
  return pipe.reduce<readonly string[]>(
    (texts, step) => texts.flatMap((each) => runStep(each, step)).filter((each) => each !== ''),
    [text],
  );
}

function runStep(text: string, step: Transform): readonly string[] {
  if (step.kind === 'split') return text.split(step.separator);
  const result = step.store(text, false);
  return result === undefined ? [] : [result];
}

// ---- with a way back ----------------------------------------------------------------------------------------------

function stripSuffix(suffix: string): TwoWayTransform {
  const folded = foldCase(suffix);
  return {
    ...REVERSIBLE,
    takes: `text that ends with ${JSON.stringify(suffix)}`,
    store(text, caseExact) {
      if (text.endsWith(suffix)) return text.slice(0, -suffix.length);
      const end = [suffix, folded].find(({ length }) => foldCase(text.slice(-length)) === folded);
      return caseExact || end === undefined ? undefined : text.slice(0, -end.length);
    },
    show: (stored) => stored + suffix,
  };
}

function stripPrefix(prefix: string): TwoWayTransform {
  const folded = foldCase(prefix);
  return {
    ...REVERSIBLE,
    takes: `text that begins with ${JSON.stringify(prefix)}`,
    store(text, caseExact) {
      if (text.startsWith(prefix)) return text.slice(prefix.length);
      const start = [prefix, folded].find(({ length }) => foldCase(text.slice(0, length)) === folded);
      return caseExact || start === undefined ? undefined : text.slice(start.length);
    },
    show: (stored) => prefix + stored,
  };
}

function postalAddress(): TwoWayTransform {
  return {
    ...REVERSIBLE,
    takes: 'lines of text, none of them empty',
    store: storePostalAddress,
    show: showPostalAddress,
    showsAll: false,
    // Its escapes are read in any letter case.
    isLax: true,
  };
}

/**
 * A table of SCIM values and what is stored for each; both sides without doubles, letter case aside.
 *
 * @param table SCIM value → LDAP value
 */
export function tableTransform(table: ReadonlyMap<string, string>): TwoWayTransform {
  const byFolded = new Map([...table].map(([value, stored]) => [foldCase(value), stored]));
  const byStored = new Map([...table].map(([value, stored]) => [caseIgnoreKey(stored), value]));
  return {
    kind: 'twoWay',
    takes: `one of: ${[...table.keys()].join(', ')}`,
    store: (text, caseExact) => table.get(text) ?? (caseExact ? undefined : byFolded.get(foldCase(text))),
    show: (stored) => byStored.get(caseIgnoreKey(stored)),
    showsAll: false,
    isLax: true,
    keepsEquality: true,
    normalises: false,
    sample: [...table.values()][0] ?? '',
  };
}

/** Blanks and line breaks at the ends go. What others stored with more than blanks there would not be found: it isn't shown. */
function trim(): TwoWayTransform {
  return {
    kind: 'twoWay',
    takes: undefined,
    store: (text) => text.trim(),
    show(stored) {
      const shown = stored.replace(/^ +/, '').replace(/(?<! ) +$/, '');
      return shown === shown.trim() ? shown : undefined;
    },
    showsAll: false,
    isLax: true,
    keepsEquality: false,
    normalises: true,
  };
}

/** Letter by letter, and only letters that no directory tells from their other case: `ß` stays `ß`. */
function inCase(change: (letter: string) => string): TwoWayTransform {
  const changeLetter = (letter: string): string => {
    const changed = change(letter);
    return caseIgnoreKey(changed) === caseIgnoreKey(letter) && foldCase(changed) === foldCase(letter) ? changed : letter;
  };
  const changeText = (text: string): string => (/^[\0-\x7f]*$/.test(text) ? change(text) : Array.from(text, changeLetter).join(''));
  return {
    kind: 'twoWay',
    takes: undefined,
    store: changeText,
    show: changeText,
    showsAll: true,
    isLax: true,
    keepsEquality: true,
    normalises: true,
  };
}

const REVERSIBLE = { kind: 'twoWay', showsAll: true, isLax: false, keepsEquality: false, normalises: false } as const;

/** A separator is found again in a text that is compared without letter case. */
function split(separator: string): SplitTransform {
  const between = `a${separator}a`;
  if (foldCase(between) !== between) throw new RangeError('a separator has no capital letters, and no two blanks in a row');
  return { kind: 'split', separator };
}

// ---- without --------------------------------------------------------------------------------------------------------

function oneWay(store: OneWayTransform['store']): OneWayTransform {
  return { kind: 'oneWay', store };
}

function partAfter(text: string, separator: string): string | undefined {
  const index = text.indexOf(separator);
  return index < 0 ? undefined : text.slice(index + separator.length);
}

/** Letters that Unicode doesn't take apart into an ASCII letter and a mark. */
const ASCII_OF: ReadonlyMap<string, string> = new Map(
  Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ħ: 'h', ŧ: 't', ı: 'i', ŋ: 'n', ĸ: 'k' }),
);

/** Letters without their marks, some as two letters; what has no likeness in printable ASCII goes. */
function toAscii(text: string): string {
  const letters = Array.from(text.normalize('NFKD'), (letter) => {
    const lower = letter.toLowerCase();
    const ascii = ASCII_OF.get(lower);
    if (ascii === undefined) return letter;
    return lower === letter ? ascii : ascii.charAt(0).toUpperCase() + ascii.slice(1);
  });
  return letters.join('').replaceAll(/[^ -~]/g, '');
}

function truncate(limit: number): OneWayTransform {
  if (limit === 0) throw new RangeError('nothing would be left');
  return { kind: 'oneWay', store: (text) => [...text].slice(0, limit).join(''), limit };
}

function replace([pattern = '', replacement = '']: readonly string[]): OneWayTransform {
  const expression = parseLinearPattern(pattern);
  return oneWay((text) => text.replaceAll(expression, () => replacement));
}
