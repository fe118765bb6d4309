import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMappingFile } from '../../../src/config/read-mapping-file.ts';
import type { Finding } from '../../../src/inspection/finding.ts';
import { type Section, sectionsOf } from '../../../src/inspection/section.ts';
import { compileMapping } from '../../../src/mapping/compile.ts';

/** The sections of a shipped mapping file, edited; undefined when the compiler refuses it. */
export function shippedSections(edit: (text: string) => string = (text) => text, name = 'openldap'): readonly Section[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-inspection-'));
  try {
    const path = join(folder, 'mapping.yaml');
    // Its examples say what the unedited file does.
    const [text = ''] = readFileSync(`config/mappings/${name}.yaml`, 'utf8').split(/^examples:$/m);
    writeFileSync(path, edit(text));
    const reading = readMappingFile(path);
    const compiled = reading.ok ? compileMapping(reading.file, reading.source) : undefined;
    return reading.ok && compiled?.ok === true ? sectionsOf(reading.file, compiled.plan) : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A finding on one line: `error users.rdn: what is wrong`. */
export function printed({ severity, place, message }: Finding): string {
  return `${severity} ${place.file === 'directory' ? 'directory ' : ''}${place.path.join('.')}: ${message}`;
}
