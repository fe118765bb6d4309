import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { formatDiagnostics } from '../config/format-diagnostics.ts';
import type { MappingFile } from '../config/mapping-file.ts';
import { readMappingFile } from '../config/read-mapping-file.ts';
import type { YamlSource } from '../config/yaml-source.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import { connectDirectory, type LdapDirectory } from '../directory/ldapts-directory.ts';
import { parseServerAddress } from '../directory/server-address.ts';
import { coverageOf } from '../drafting/coverage.ts';
import { draftReading, printExamples } from '../drafting/draft-examples.ts';
import { draftMapping } from '../drafting/draft-mapping.ts';
import { printDraft } from '../drafting/print-draft.ts';
import type { DirectorySample } from '../drafting/sample.ts';
import { runExamples } from '../explain/run-examples.ts';
import { isWithin } from '../ldap/dn.ts';
import { compileMapping } from '../mapping/compile.ts';
import { type Plan, plansOf } from '../mapping/plan.ts';
import { sampleDirectory } from '../survey/sample-directory.ts';
import { EXIT } from './exit-codes.ts';
import { fail } from './fail.ts';
import { readHiddenLine } from './read-hidden-line.ts';

const TIMEOUT_MS = 30_000;
const PASSWORD_VARIABLE = 'LDAP_PASSWORD';

export interface InitOptions {
  readonly url: string;
  readonly bindDn: string;
  /** Absent: $LDAP_PASSWORD, else it is asked for. */
  readonly passwordFile?: string;
  readonly startTls: boolean;
  /** PEM file of the authorities to trust. */
  readonly ca?: string;
  /** Absent: standard output. An existing file is not written over. */
  readonly out?: string;
}

/**
 * Looks at an existing directory and writes a mapping file for it. Reads only; the password is neither kept nor shown.
 *
 * @returns 69 when the directory can't be reached, 78 when it refuses the account or nothing can be made of it, otherwise 0
 */
export async function init(options: InitOptions): Promise<number> {
  const { out } = options;
  if (out !== undefined && existsSync(out)) return fail(`${out} is there already`, EXIT.usage);
  const bindPassword = await readPassword(options.passwordFile);
  if (bindPassword === '') return fail('the password is empty: the bind would be anonymous', EXIT.usage);
  let directory: LdapDirectory;
  try {
    directory = connect(options, bindPassword);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), EXIT.usage);
  }
  try {
    const isPrivate = options.startTls || parseServerAddress(options.url).transport !== 'tcp';
    return await write(await sampleDirectory(directory, { bindDn: options.bindDn, isPrivate }), out);
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    return fail(error.message, error.kind === 'unavailable' ? EXIT.unreachable : EXIT.configuration);
  } finally {
    await directory.close();
  }
}

async function readPassword(file: string | undefined): Promise<string> {
  const { [PASSWORD_VARIABLE]: fromEnvironment } = process.env;
  const text = file === undefined ? (fromEnvironment ?? (await readHiddenLine('password: '))) : readFileSync(file, 'utf8');
  return text.replace(/\r?\n$/, '');
}

function connect({ url, bindDn, startTls, ca }: InitOptions, bindPassword: string): LdapDirectory {
  const trusted = ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') };
  const log = pino({ level: 'silent' });
  return connectDirectory({ urls: [url], bindDn, bindPassword, startTls, timeoutMs: TIMEOUT_MS, connections: 1, ...trusted }, log);
}

async function write(sample: DirectorySample, out: string | undefined): Promise<number> {
  const draft = draftMapping(sample);
  const head = `${sample.product}, ${sample.rootDse.namingContexts.join('; ')}`;
  const bare = printDraft(draft, head);
  const compiled = compileText(bare);
  if (typeof compiled === 'string')
    return fail(`the draft is wrong, which is a mistake of this program:\n${compiled}\n${bare}`, EXIT.failure);
  const text = bare + (await examplesThatComeTrue(bare, compiled.plan, sample));
  if (out === undefined) process.stdout.write(text);
  else writeFileSync(out, text);
  const counts = plansOf(compiled.plan).map((plan) => coverageOf(plan, entriesOf(sample, plan), sample.schema));
  const [stored, shown] = [sum(counts.map((each) => each.stored)), sum(counts.map((each) => each.shown))];
  const percent = stored === 0 ? '' : `, ${((shown / stored) * 100).toFixed(1)} % of the values behind its lines are shown`;
  process.stderr.write(
    `${sample.people.length} people and ${sample.groups.length} groups were looked at${percent}; ${draft.doubts.length} doubts\n`,
  );
  return EXIT.ok;
}

interface Compiled {
  readonly plan: Plan;
  readonly file: MappingFile;
  readonly source: YamlSource;
}

/** @returns what is wrong, as text */
function compileText(text: string): Compiled | string {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-init-'));
  try {
    const path = join(folder, 'mapping.yaml');
    writeFileSync(path, text);
    const reading = readMappingFile(path, 'mapping.yaml');
    if (!reading.ok) return formatDiagnostics(reading.diagnostics);
    const compiled = compileMapping(reading.file, reading.source);
    return compiled.ok ? { plan: compiled.plan, file: reading.file, source: reading.source } : formatDiagnostics(compiled.diagnostics);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Examples from the sample, without those that the program itself doesn't see come true. */
async function examplesThatComeTrue(bare: string, plan: Plan, sample: DirectorySample): Promise<string> {
  const kept = [];
  for (const each of plansOf(plan)) {
    const example = draftReading(each, entriesOf(sample, each), sample.schema);
    const compiled = example === undefined ? undefined : compileText(bare + printExamples([example]));
    if (example === undefined || compiled === undefined || typeof compiled === 'string') continue;
    const diagnostics = await runExamples(compiled.file, compiled.plan, compiled.source);
    if (diagnostics.length === 0) kept.push(example);
  }
  return printExamples(kept);
}

function entriesOf({ people, groups }: DirectorySample, { target, searchBases }: Plan['users']) {
  const entries = target === 'users' ? people : groups;
  return entries.filter(({ dn }) => searchBases.some((base) => isWithin(dn, base)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
