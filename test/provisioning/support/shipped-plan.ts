import { fileURLToPath } from 'node:url';
import { readMappingFile } from '../../../src/config/read-mapping-file.ts';
import { compileMapping } from '../../../src/mapping/compile.ts';
import type { Plan } from '../../../src/mapping/plan.ts';

/** The compiled plan of config/mappings/openldap.yaml. */
export function shippedPlan(): Plan {
  const read = readMappingFile(fileURLToPath(new URL('../../../config/mappings/openldap.yaml', import.meta.url)));
  if (!read.ok) throw new Error(JSON.stringify(read.diagnostics));
  const compiled = compileMapping(read.file, read.source);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  return compiled.plan;
}
