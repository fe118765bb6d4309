import { TextError } from '../ldap/text-error.ts';

/** Why a template or a pipe can't be understood, which characters of it, and the way out. */
export class PhraseError extends TextError {
  override readonly name = 'PhraseError';
  readonly length: number;
  readonly help?: string;
  /** A word that isn't known, and those that are. */
  readonly guess?: { readonly written: string; readonly known: Iterable<string> };

  constructor(
    reason: string,
    offset: number,
    length: number,
    more: { readonly help?: string; readonly guess?: NonNullable<PhraseError['guess']> } = {},
  ) {
    super(reason, offset);
    this.length = Math.max(1, length);
    if (more.help !== undefined) this.help = more.help;
    if (more.guess !== undefined) this.guess = more.guess;
  }
}
