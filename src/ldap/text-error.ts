/** Why a text can't be read. `offset` counts UTF-16 code units from 0. The message doesn't repeat the text. */
export class TextError extends Error {
  readonly reason: string;
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(`${reason} (at offset ${offset})`);
    this.reason = reason;
    this.offset = offset;
  }
}
