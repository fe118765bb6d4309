/** One thing that is wrong with a configuration file, and where. Lines and columns count from 1. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters the caret underlines; at least 1. */
  readonly length: number;
  /** The line as it stands in the file. */
  readonly sourceLine: string;
  readonly message: string;
  /** The way out. */
  readonly help?: string;
}
