/** One thing that is wrong with a configuration file, and where. Lines and columns count from 1; a character is a Unicode code point. */
export interface Diagnostic {
  /** An error keeps the configuration from being used; a warning is worth a change; a note is worth knowing. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters the caret underlines; at least 1. */
  readonly length: number;
  /** The line as it stands in the file, secrets masked; empty when the file could not be read at all. */
  readonly sourceLine: string;
  readonly message: string;
  /** The way out; may be several lines. */
  readonly help?: string;
}

/**
 * File by file, and down each file.
 *
 * @param files their order; default: that of their first mistakes
 */
export function inFileOrder(
  diagnostics: readonly Diagnostic[],
  files: readonly string[] = diagnostics.map(({ file }) => file),
): readonly Diagnostic[] {
  return [...new Set(files)].flatMap((file) =>
    diagnostics.filter((diagnostic) => diagnostic.file === file).toSorted((a, b) => a.line - b.line || a.column - b.column),
  );
}
