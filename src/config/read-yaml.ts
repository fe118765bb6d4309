import { LineCounter, parseDocument } from 'yaml';
import type { Diagnostic } from './diagnostic.ts';
import { readTextFile, type Unreadable } from './text-file.ts';
import { readNodes, type YamlValue } from './yaml-nodes.ts';
import { createYamlSource, type YamlPath, type YamlSource } from './yaml-source.ts';
import { syntaxErrors } from './yaml-syntax.ts';
import { maskSecrets, YamlText } from './yaml-text.ts';

/** A YAML file as data, or why it is none. `mistakes` is what YAML allows and this program doesn't; the rest of the data is still worth a look. */
export type YamlReading =
  | { readonly ok: true; readonly source: YamlSource; readonly value: YamlValue; readonly mistakes: readonly Diagnostic[] }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      /** Why there is no text, as opposed to text with mistakes. */
      readonly unreadable?: string;
    };

export interface YamlOptions {
  /** See YamlText. */
  readonly secrets?: RegExp;
  /** See readNodes. */
  readonly holdsJson?: (path: YamlPath) => boolean;
}

/**
 * Reads a YAML 1.2 file in the failsafe schema: `TRUE`, `no` and `01234` stay the text that was typed.
 *
 * @param path what to open
 * @param file what diagnostics call it
 */
export function readYaml(path: string, file: string, { secrets, holdsJson = () => false }: YamlOptions = {}): YamlReading {
  const read = readTextFile(path);
  if (!read.ok) {
    const diagnostics = [unreadable(file, read, secrets)];
    return read.place === undefined ? { ok: false, diagnostics, unreadable: read.reason } : { ok: false, diagnostics };
  }
  const lines = new LineCounter();
  const document = parseDocument(read.text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const text = new YamlText(file, read.text, lines, secrets);
  const refused = syntaxErrors(document, text);
  if (refused.length > 0) return { ok: false, diagnostics: refused };
  if (document.contents === null) return { ok: false, diagnostics: [text.diagnostic(0, 0, 'the file is empty')] };
  const { value, diagnostics } = readNodes(document.contents, text, holdsJson);
  return { ok: true, source: createYamlSource(document, text), value, mistakes: diagnostics };
}

/** A diagnostic about a file that is no text; it points at the first byte that isn't UTF-8, if there is one. */
function unreadable(file: string, { reason, place }: Unreadable, secrets: RegExp | undefined): Diagnostic {
  const { line, column, sourceLine } = place ?? { line: 1, column: 1, sourceLine: '' };
  const shown = maskSecrets(sourceLine, secrets);
  return { severity: 'error', file, line, column, length: 1, sourceLine: shown, message: `cannot be read: ${reason}` };
}
