import type { YamlPath } from '../config/yaml-source.ts';
import { type Dn, DnSyntaxError, parseDn } from '../ldap/dn.ts';
import type { CompileContext } from './compile-context.ts';

/** A DN of the mapping file; the empty one when it is none, which has been reported then. */
export function compileDn(path: YamlPath, text: string, { report }: Pick<CompileContext, 'report'>): Dn {
  try {
    return parseDn(text);
  } catch (error) {
    if (!(error instanceof DnSyntaxError)) throw error;
    report(path, 'value', `not a DN: ${error.reason}`, { offset: error.offset, length: 1 });
    return [];
  }
}
