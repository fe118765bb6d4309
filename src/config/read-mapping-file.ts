import { checkForm } from './check-form.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { MappingFile } from './mapping-file.ts';
import { mappingFileForm } from './mapping-file-form.ts';
import { readYaml } from './read-yaml.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** A mapping file, with the source that lets `mapping/compile` point into it; or everything that is wrong with its form. */
export type MappingReading =
  | { readonly ok: true; readonly file: MappingFile; readonly source: YamlSource }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      /** Why there is no text, as opposed to text with mistakes. */
      readonly unreadable?: string;
    };

/** The bodies of examples: what they say is sent and received as JSON (decisions 26). */
function holdsJson([section, _index, ...rest]: YamlPath): boolean {
  return section === 'examples' && ['body', 'answer body'].includes(rest.join(' '));
}

/** @param name what diagnostics call the file */
export function readMappingFile(path: string, name = path): MappingReading {
  const reading = readYaml(path, name, { holdsJson });
  if (!reading.ok) return reading;
  const checked = checkForm(mappingFileForm, reading);
  return checked.ok ? { ok: true, file: checked.value, source: reading.source } : checked;
}
