import type { YamlPath } from '../config/yaml-source.ts';

/** Something that a live directory says about a configuration: a diagnostic that still has to be given its line and caret. */
export interface Finding {
  /** As of a `Diagnostic`: an error is what makes requests fail, a warning what makes answers wrong or slow, a note what is good to know. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly place: FindingPlace;
  readonly message: string;
  /** The way out. */
  readonly help?: string;
  /** The help is "did you mean …?" instead, when one of the known words is near what was written. */
  readonly guess?: { readonly written: string; readonly known: readonly string[] };
}

/** Where the cause stands: in the mapping file, or in the section of `bridge.yaml` that describes the directory. */
export interface FindingPlace {
  readonly file: 'mapping' | 'directory';
  /** From the root of the mapping file; of a directory from its section. */
  readonly path: YamlPath;
  readonly part: 'key' | 'value';
}

/** What a check has to say; its place is known to whoever runs it. */
export type Remark = Omit<Finding, 'place'>;

export function inMapping(path: YamlPath, part: FindingPlace['part'] = 'value'): FindingPlace {
  return { file: 'mapping', path, part };
}

export function inDirectory(...path: YamlPath): FindingPlace {
  return { file: 'directory', path, part: path.length === 0 ? 'key' : 'value' };
}
