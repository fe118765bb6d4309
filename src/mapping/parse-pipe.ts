import { TextScanner } from '../ldap/text-scanner.ts';
import { PatternError } from './linear-pattern.ts';
import { PhraseError } from './phrase-error.ts';
import { TRANSFORMS, type Transform, type TransformWord } from './transforms.ts';

/** Where a pipe stands: under `attributes` each step has to have a way back. */
export type PipePlace = 'attributes' | 'generated';

/**
 * Reads `lowercase | before "@"`: words with what they take, `|` between two of them. Texts stand in double quotes; in them `\"`,
 * `\\`, `\n`, `\r` and `\t` mean what they mean in JSON, and every other backslash itself.
 *
 * @param start how far into the whole phrase `text` begins; errors count from there
 * @throws PhraseError
 */
export function parsePipe(text: string, place: PipePlace, start = 0): readonly Transform[] {
  const scanner = new TextScanner(text);
  const pipe: Transform[] = [];
  do pipe.push(parseStep(scanner, place, start, pipe));
  while (scanner.take(/\|/y) !== undefined);
  if (scanner.atEnd) return pipe;
  const { offset } = scanner;
  throw new PhraseError('"|" stands between two transforms', start + offset, text.length - offset);
}

const QUOTED = /"(?:[^"\\]|\\.)*"/y;

function parseStep(scanner: TextScanner, place: PipePlace, start: number, before: readonly Transform[]): Transform {
  scanner.take(/\s+/y);
  const from = scanner.offset;
  const name = scanner.take(/[A-Za-z]\w*/y);
  if (name === undefined) throw new PhraseError('a transform is missing', start + from, 1, { help: `such as: ${examples(place)}` });
  const word = TRANSFORMS.get(name);
  if (word === undefined) {
    const known = [...TRANSFORMS].filter(([, each]) => place === 'generated' || each.isTwoWay).map(([each]) => each);
    const help = `the transforms here are: ${known.join(', ')}`;
    throw new PhraseError(`there is no transform ${JSON.stringify(name)}`, start + from, name.length, {
      help,
      guess: { written: name, known: TRANSFORMS.keys() },
    });
  }
  const given = word.arguments.map((kind) => parseArgument(scanner, kind, start, word.example));
  scanner.take(/\s+/y);
  const length = scanner.text.slice(from, scanner.offset).trimEnd().length;
  if (place === 'attributes' && !word.isTwoWay) {
    throw new PhraseError(`${name} can't be undone, so nothing could be read back`, start + from, length, {
      help: `it belongs in a blank under generated: '{userName | ${word.example}}'`,
    });
  }
  const step = makeStep(word, given, start + from, length);
  if (step.kind === 'split' && before.some(({ kind }) => kind === 'split')) {
    throw new PhraseError('a value is split once only', start + from, length);
  }
  return step;
}

function makeStep(word: TransformWord, given: readonly string[], offset: number, length: number): Transform {
  try {
    return word.make(given);
  } catch (error) {
    if (error instanceof PatternError) {
      throw new PhraseError(`not a pattern that takes no time: ${error.reason}`, offset, length, {
        help: 'characters and classes one after the other, of which only the last may repeat: "[^a-z0-9]+", "^0+", "\\d{2}-"',
      });
    }
    if (error instanceof RangeError) throw new PhraseError(error.message, offset, length);
    throw error;
  }
}

type ArgumentKind = TransformWord['arguments'][number];

const WANTED: Readonly<Record<ArgumentKind, string>> = {
  text: 'a text in double quotes belongs here',
  anyText: 'a text in double quotes belongs here, perhaps an empty one',
  number: 'a number belongs here',
};

function parseArgument(scanner: TextScanner, kind: ArgumentKind, start: number, example: string): string {
  scanner.take(/\s+/y);
  const from = scanner.offset;
  const value = kind === 'number' ? scanner.take(/\d{1,6}(?!\w)/y) : unquote(scanner.take(QUOTED));
  if (value !== undefined && (value !== '' || kind === 'anyText')) return value;
  throw new PhraseError(WANTED[kind], start + from, scanner.text.slice(from).search(/\||$/), { help: `as in ${example}` });
}

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function unquote(quoted: string | undefined): string | undefined {
  return quoted?.slice(1, -1).replaceAll(/\\(.)/g, (whole, escaped: string) => ESCAPED.get(escaped) ?? whole);
}

function examples(place: PipePlace): string {
  const words = [...TRANSFORMS.values()].filter((word) => place === 'generated' || word.isTwoWay);
  return words.map(({ example }) => example).join(', ');
}
