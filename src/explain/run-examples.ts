import type { Diagnostic } from '../config/diagnostic.ts';
import type { ExampleSection, MappingFile } from '../config/mapping-file.ts';
import type { YamlPath, YamlSource } from '../config/yaml-source.ts';
import { DnSyntaxError } from '../ldap/dn.ts';
import { formatLdapFilter } from '../ldap/format-ldap-filter.ts';
import { formatChanges } from '../ldap/format-ldif.ts';
import { FilterSyntaxError, parseLdapFilter } from '../ldap/parse-ldap-filter.ts';
import { LdifSyntaxError } from '../ldap/parse-ldif.ts';
import type { Plan } from '../mapping/plan.ts';
import type { JsonValue } from '../scim/json.ts';
import { assumedServerOf, vendorOf } from './assumed-directory.ts';
import { canonicalChange } from './canonical-change.ts';
import { canonicalFilter } from './canonical-filter.ts';
import { differenceOf, missingIn } from './difference.ts';
import { exampleTenant } from './example-tenant.ts';
import { type Explanation, explainRequest } from './explain-request.ts';
import { givenDirectory } from './given-directory.ts';
import { readGivenEntries } from './given-entries.ts';
import { MadeUp } from './made-up.ts';
import { readChanges } from './read-changes.ts';
import { secretAttributesOf } from './secret-attributes.ts';

/**
 * Carries out the examples of a mapping file against entries in memory, and says where they don't come true. Nothing is asked of any
 * directory.
 *
 * @returns in file order
 */
export async function runExamples({ examples = [] }: MappingFile, plan: Plan, source: YamlSource): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const [index, example] of examples.entries()) {
    const report: Report = (at, message, options) =>
      void diagnostics.push(source.report(['examples', index, ...at], 'key', message, options));
    await runExample(example, plan, report);
  }
  return diagnostics;
}

const MASK = '********';

type Report = (at: YamlPath, message: string, options?: { readonly help?: string }) => void;

async function runExample(example: ExampleSection, plan: Plan, report: Report): Promise<void> {
  const { method, target } = example.request;
  const server = assumedServerOf(plan);
  const madeUp = new MadeUp(vendorOf(server));
  const entries = reading(['entry'], report, () => readGivenEntries(example.entry ?? '', madeUp));
  if (entries === undefined) return;
  const body = example.body === undefined ? {} : { body: madeUp.fill(example.body) };
  const request = { method, target: madeUp.fill(target), ...body };
  const explanation = await explainRequest(exampleTenant(plan), givenDirectory(entries, server), madeUp, request);
  compareWrites(example, explanation, plan, madeUp, report);
  compareSearches(example, explanation, madeUp, report);
  compareAnswer(example, explanation, madeUp, report);
}

/** What comes of reading a text of the operator's; undefined when it can't be read, which is reported then. */
function reading<T>(at: YamlPath, report: Report, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LdifSyntaxError) report(at, `line ${error.line} of this LDIF: ${error.reason}`);
    else if (error instanceof DnSyntaxError) report(at, `a DN in this LDIF: ${error.reason}`);
    else if (error instanceof FilterSyntaxError) report(at, `not an LDAP filter: ${error.reason}`);
    else throw error;
    return undefined;
  }
}

function compareWrites(
  { name, ldif }: ExampleSection,
  { operations, answer }: Explanation,
  plan: Plan,
  madeUp: MadeUp,
  report: Report,
): void {
  if (ldif === undefined) return;
  const expected = reading(['ldif'], report, () => readChanges(madeUp.fill(ldif)).map(canonicalChange));
  if (expected === undefined) return;
  const made = operations.flatMap((operation) =>
    operation.kind === 'write' && operation.refused === undefined ? [canonicalChange(operation.change)] : [],
  );
  const secretAttributes = secretAttributesOf(plan);
  // Written as `explain` prints it, any password will do: some are made up by chance.
  const compared = ldif.includes(MASK) ? { secretAttributes } : { secretAttributes: new Set<string>() };
  const [says, does] = [expected, made].map((changes) => formatChanges(changes, compared));
  if (says === does) return;
  const shown = [expected, made].map((changes) => formatChanges(changes, { secretAttributes }).split('\n').slice(0, -1));
  report(['ldif'], `example ${JSON.stringify(name)}: the request changes something else than this${refused(answer)}`, {
    help: ['- is what the example says, + what the request does', ...differenceOf(shown[0] ?? [], shown[1] ?? [])].join('\n'),
  });
}

function compareSearches({ name, search }: ExampleSection, { operations }: Explanation, madeUp: MadeUp, report: Report): void {
  if (search === undefined) return;
  const expected = search.map((filter, index) =>
    reading(['search', index], report, () => formatLdapFilter(canonicalFilter(parseLdapFilter(madeUp.fill(filter))))),
  );
  if (expected.includes(undefined)) return;
  const filters = operations.flatMap((operation) => (operation.kind === 'search' ? [operation.request.filter] : []));
  const made = filters.map((filter) => formatLdapFilter(canonicalFilter(filter)));
  // One search that goes through several branches is one to its reader.
  const distinct = made.filter((filter, index) => filter !== made[index - 1]);
  if (JSON.stringify(distinct) === JSON.stringify(expected)) return;
  report(['search'], `example ${JSON.stringify(name)}: the request searches otherwise`, {
    help: ['- is what the example says, + what the request does', ...differenceOf(expected.map(String), distinct)].join('\n'),
  });
}

function compareAnswer({ name, answer: expected }: ExampleSection, { answer }: Explanation, madeUp: MadeUp, report: Report): void {
  if (expected?.status !== undefined && expected.status !== answer.status) {
    const reason = reasonOf(answer);
    report(['answer'], `example ${JSON.stringify(name)}: the answer is ${answer.status}${reason === undefined ? '' : `, ${reason}`}`);
    return;
  }
  if (expected?.body === undefined) return;
  let wanted: JsonValue;
  try {
    wanted = JSON.parse(madeUp.fill(expected.body)) as JsonValue;
  } catch {
    report(['answer', 'body'], 'this is not JSON');
    return;
  }
  const missing = missingIn(answer.body === '' ? undefined : (JSON.parse(answer.body) as JsonValue), wanted);
  if (missing !== undefined) report(['answer', 'body'], `example ${JSON.stringify(name)}: in the answer, ${missing}`);
}

function refused(answer: Explanation['answer']): string {
  return answer.status < 400 ? '' : `; it is answered ${answer.status}, ${reasonOf(answer) ?? 'without a reason'}`;
}

/** Why a request is refused (RFC 7644 §3.12); undefined where it isn't. */
function reasonOf({ status, body }: Explanation['answer']): string | undefined {
  return status < 400 ? undefined : (JSON.parse(body) as { readonly detail?: string }).detail;
}
