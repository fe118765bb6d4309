import type { YamlSource } from '../config/yaml-source.ts';
import type { LinePath } from '../ldap/entry.ts';

/** A line of a mapping file that a value comes from. */
export interface MappingLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** As the file spells it: `emails[type eq "work"].value`, `generated cn`. */
  readonly name: string;
}

/** Where a value comes from, in words that an operator finds in the file. */
export function mappingLineOf(source: YamlSource, path: LinePath): MappingLine {
  const { file, line } = source.report(path, 'key', '');
  return { file, line, name: nameOf(path.filter((step) => typeof step === 'string')) };
}

function nameOf(keys: readonly string[]): string {
  const at = keys.findIndex((key) => key === 'attributes' || key === 'generated');
  const [kind, name, ...below] = at < 0 ? [undefined, ...keys.slice(1)] : keys.slice(at);
  return [...(kind === 'generated' ? ['generated'] : []), name, ...below.filter((key) => key !== 'template')].join(' ');
}

export function formatMappingLine({ file, line, name }: MappingLine): string {
  return `${file}:${line} ${name}`;
}
