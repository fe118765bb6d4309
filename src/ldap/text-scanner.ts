/**
 * Walks over a text from left to right; what the parsers of DNs, filters, LDIF lines and schema descriptions have in common.
 * Offsets are UTF-16 code units, as JavaScript counts.
 */
export class TextScanner {
  readonly text: string;
  offset = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.offset === this.text.length;
  }

  /**
   * Steps over what `pattern` matches right here and returns it; returns undefined and stays when it doesn't match.
   *
   * @param pattern must be sticky (`y`)
   */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.offset = pattern.lastIndex;
    return match[0];
  }

  /** The rest of the text; the scanner is at its end afterwards. */
  takeRest(): string {
    const rest = this.text.slice(this.offset);
    this.offset = this.text.length;
    return rest;
  }
}
