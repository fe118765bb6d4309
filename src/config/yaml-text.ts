import type { LineCounter } from 'yaml';
import type { Diagnostic } from './diagnostic.ts';

/** The text of a YAML file: turns offsets into diagnostics. */
export class YamlText {
  readonly file: string;
  readonly text: string;
  readonly #lines: LineCounter;
  readonly #secrets: RegExp | undefined;

  /**
   * @param file as diagnostics name it
   * @param lines filled by the parser that read `text`
   * @param secrets what must not be shown of a source line (global; a lookbehind finds where it begins)
   */
  constructor(file: string, text: string, lines: LineCounter, secrets: RegExp | undefined) {
    this.file = file;
    this.text = text;
    this.#lines = lines;
    this.#secrets = secrets;
  }

  /** A diagnostic about the characters from `start` to `end` (UTF-16 offsets), of which the first line is underlined. */
  diagnostic(start: number, end: number, message: string, help?: string, severity: Diagnostic['severity'] = 'error'): Diagnostic {
    const line = Math.max(this.#lines.linePos(start).line, 1);
    const lineStart = this.#lines.lineStarts[line - 1] ?? 0;
    const written = this.lineAt(start);
    const place = written.slice(start - lineStart, Math.max(end - lineStart, 0)).trimEnd();
    return {
      severity,
      file: this.file,
      line,
      column: countCharacters(this.text.slice(lineStart, start)) + 1,
      length: Math.max(countCharacters(place), 1),
      sourceLine: maskSecrets(written, this.#secrets),
      message,
      ...(help === undefined ? {} : { help }),
    };
  }

  /** What stands from `start` to `end`, as far as it may be shown. */
  shown(start: number, end: number): string {
    const lineStart = this.#lines.lineStarts[this.lineNumber(start) - 1] ?? 0;
    return maskSecrets(this.lineAt(start), this.#secrets).slice(start - lineStart, end - lineStart);
  }

  /** The line that holds `offset`, without its line break. */
  lineAt(offset: number): string {
    const start = this.#lines.lineStarts[this.#lines.linePos(offset).line - 1] ?? 0;
    const feed = this.text.indexOf('\n', start);
    return this.text.slice(start, feed === -1 ? undefined : feed).replace(/\r$/, '');
  }

  lineNumber(offset: number): number {
    return this.#lines.linePos(offset).line;
  }
}

/** The line with an asterisk for each UTF-16 unit of what `secrets` finds in it. */
export function maskSecrets(line: string, secrets: RegExp | undefined): string {
  return secrets === undefined ? line : line.replace(secrets, (secret) => '*'.repeat(secret.length));
}

function countCharacters(text: string): number {
  return [...text].length;
}
