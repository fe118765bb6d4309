import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatDiagnostics } from '../../../src/config/format-diagnostics.ts';
import { readMappingFile } from '../../../src/config/read-mapping-file.ts';
import { exampleTenant } from '../../../src/explain/example-tenant.ts';
import { type Explanation, explainRequest } from '../../../src/explain/explain-request.ts';
import { givenDirectory } from '../../../src/explain/given-directory.ts';
import { readGivenEntries } from '../../../src/explain/given-entries.ts';
import { MadeUp } from '../../../src/explain/made-up.ts';
import type { Entry } from '../../../src/ldap/entry.ts';
import { compileMapping } from '../../../src/mapping/compile.ts';
import { parseExchange } from '../../support/exchange.ts';

/** The first request of a recorded exchange (`test/entra`), explained from what is there before it. */
export interface ExplainedExchange {
  readonly name: string;
  readonly request: { readonly method: string; readonly target: string; readonly body?: string };
  readonly given: readonly Entry[];
  readonly explain: () => Promise<Explanation>;
}

const EXCHANGES = 'test/entra';
export const MAPPING = 'test/explain/golden/mapping.yaml';

const reading = readMappingFile(MAPPING, 'mapping.yaml');
if (!reading.ok) throw new Error(formatDiagnostics(reading.diagnostics));
const compiled = compileMapping(reading.file, reading.source);
if (!compiled.ok) throw new Error(formatDiagnostics(compiled.diagnostics));

export const { source } = reading;
export const tenant = exampleTenant(compiled.plan);

/** Those that need neither another mapping nor headers of their own. */
export const explainedExchanges: readonly ExplainedExchange[] = readdirSync(EXCHANGES)
  .filter((file) => file.endsWith('.exchange'))
  .toSorted()
  .flatMap((file) => {
    const { mapping, given, steps } = parseExchange(readFileSync(join(EXCHANGES, file), 'utf8'));
    const [step] = steps;
    if (mapping !== '' || step === undefined || step.request.headers.size > 0) return [];
    return [explainedExchange(file.replace('.exchange', ''), given, step.request)];
  });

function explainedExchange(
  name: string,
  ldif: string,
  sent: { readonly method: string; readonly target: string; readonly body: string },
): ExplainedExchange {
  const madeUp = new MadeUp('openldap');
  const given = readGivenEntries(ldif, madeUp);
  const { method, target, body } = sent;
  const request = { method, target: madeUp.fill(target), ...(body === '' ? {} : { body: madeUp.fill(body) }) };
  return { name, request, given, explain: () => explainRequest(tenant, givenDirectory(given, 'openldap'), madeUp, request) };
}
