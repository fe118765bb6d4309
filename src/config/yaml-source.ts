import type { Diagnostic } from './diagnostic.ts';

/** A place in a YAML document: keys and list indexes from the root. */
export type YamlPath = readonly (string | number)[];

/** A configuration file that was read, able to point into its own text. */
export interface YamlSource {
  readonly file: string;
  /**
   * A diagnostic about the key or the value at `path`; where the path doesn't exist, about its nearest ancestor.
   *
   * @param offset characters into the value, for a mistake inside a scalar (a template, a filter)
   */
  report(
    path: YamlPath,
    at: 'key' | 'value',
    message: string,
    options?: { readonly help?: string; readonly severity?: Diagnostic['severity']; readonly offset?: number; readonly length?: number },
  ): Diagnostic;
}
