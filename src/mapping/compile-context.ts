import type { MappingFile } from '../config/mapping-file.ts';
import type { YamlSource } from '../config/yaml-source.ts';

/** What the parts of the compiler share: the file, and a place for what is wrong with it. */
export interface CompileContext {
  readonly file: MappingFile;
  readonly report: (...args: Parameters<YamlSource['report']>) => void;
}
