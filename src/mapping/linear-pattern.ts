import { TextError } from '../ldap/text-error.ts';

/** Why a text is no pattern that we use, and where in it. */
export class PatternError extends TextError {
  override readonly name = 'PatternError';
}

const ESCAPED = String.raw`\\[dDwWsSnrt^$\\.*+?()[\]{}|/`;
const ATOM = new RegExp(String.raw`\[\^?(?:${ESCAPED}-]|[^\]\\[])+\]|${ESCAPED}]|[^\\[\](){}|*+?^$]`, 'uy');
const REPETITION = /[*+?]|\{\d{1,3}(?:,\d{0,3})?\}/uy;
const FIXED = /^\{\d+\}$/;
const MAY_BE_NONE = /^(?:[*?]|\{0+,.*)$/;

/** The most characters that a pattern may demand: at each place of a text, each is a step. */
const LONGEST = 200;

/**
 * A regular expression that takes time in proportion to the text, whatever the text is: characters and classes one after the
 * other, of which only the last may be repeated a number of times that isn't fixed. So at each place of a text there is one way
 * to match it, and nothing is ever tried again. `|` stands between whole patterns of this kind, `^` and `$` at the ends of one.
 *
 * @returns for `replaceAll`: global, and by code points
 * @throws PatternError for everything else: groups, back references, look-around, a repetition with something behind it; and for
 *         what would match an empty text
 */
export function parseLinearPattern(text: string): RegExp {
  let offset = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) offset += found.length;
    return found;
  };
  const isAtEnd = (): boolean => offset === text.length || text[offset] === '|';
  const takeBranch = (): void => {
    take(/\^/y);
    let demanded = 0;
    while (take(ATOM) !== undefined) {
      const at = offset;
      const repetition = take(REPETITION) ?? '{1}';
      const isFixed = FIXED.test(repetition);
      if (!isFixed && !isAtEnd()) throw new PatternError('nothing may follow a repetition: it could be tried again and again', at);
      if (isFixed) demanded += Number(repetition.slice(1, -1));
      else if (!MAY_BE_NONE.test(repetition)) demanded += 1;
    }
    if (demanded === 0 && (isAtEnd() || text[offset] === '$')) throw new PatternError('it would match an empty text', offset);
    if (demanded > LONGEST) throw new PatternError(`it demands more than ${LONGEST} characters`, offset);
    take(/\$/y);
  };
  do takeBranch();
  while (take(/\|/y) !== undefined);
  if (offset < text.length) throw new PatternError(`${JSON.stringify(text[offset])} does not belong here`, offset);
  try {
    return new RegExp(text, 'gu');
  } catch (error) {
    if (error instanceof SyntaxError) throw new PatternError('a class or a repetition in it is the wrong way round', 0);
    throw error;
  }
}
