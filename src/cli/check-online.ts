import { pino } from 'pino';
import type { Diagnostic } from '../config/diagnostic.ts';
import { countDiagnostics, formatDiagnostics, formatDiagnosticsAsJson } from '../config/format-diagnostics.ts';
import { type ConfigurationFiles, loadConfigurationFiles } from '../config/load-configuration.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import { parseServerAddress } from '../directory/server-address.ts';
import type { Finding } from '../inspection/finding.ts';
import { inspect } from '../inspection/inspect.ts';
import { recommendSlapdChanges } from '../inspection/recommend-slapd-changes.ts';
import { sectionsOf } from '../inspection/section.ts';
import type { Survey } from '../inspection/survey.ts';
import { formatChanges } from '../ldap/format-ldif.ts';
import { surveyDirectory } from '../survey/survey-directory.ts';
import { type ConnectedDirectory, connectDirectories } from './connected-directory.ts';
import { EXIT } from './exit-codes.ts';
import { loadService, type ServiceConfiguration, withExamples } from './load-service.ts';

export interface CheckOnlineOptions {
  /** Findings as JSON on standard output. */
  readonly json: boolean;
  /** The changes of slapd's configuration that the findings ask for, on standard output; findings go to standard error. */
  readonly ldif: boolean;
}

/** A mapping file together with the directory that a tenant uses it on. */
interface Pair {
  readonly directory: string;
  readonly mapping: string;
}

/**
 * Compares the configuration with the live directories and says everything that doesn't fit. Writes nothing to them.
 *
 * @returns 69 when a directory can't be reached, 78 when an error was found, otherwise 0
 */
export async function checkOnline(configPath: string, { json, ldif }: CheckOnlineOptions): Promise<number> {
  const loaded = await withExamples(loadService(configPath, process.env));
  if (!loaded.ok) return tell(loaded.diagnostics, json);
  const files = loadConfigurationFiles(configPath);
  if (!files.ok) return tell(files.diagnostics, json);
  const directories = await connectDirectories(loaded.service, new Map(), pino({ level: 'silent' }));
  try {
    const found = await Promise.all(pairsOf(loaded.service).map((pair) => examine(pair, files, loaded.service, directories)));
    const unreachable = found.flatMap((each) => ('unreachable' in each ? [each.unreachable] : []));
    const diagnostics = [...loaded.diagnostics, ...found.flatMap((each) => ('diagnostics' in each ? each.diagnostics : []))];
    const surveys = found.flatMap((each) => ('survey' in each ? [each.survey] : []));
    for (const reason of unreachable) process.stderr.write(`scim-ldap-bridge: ${reason}\n`);
    if (ldif) process.stdout.write(surveys.map(formatRecommendation).join('\n'));
    else if (!json) process.stdout.write(found.flatMap((each) => ('summary' in each ? [each.summary] : [])).join(''));
    const code = tell(diagnostics, json && !ldif);
    return unreachable.length > 0 ? EXIT.unreachable : code;
  } finally {
    await Promise.all([...directories.values()].map(({ ldap }) => ldap.close()));
  }
}

/** JSON goes to standard output, text to standard error. @returns 78 with an error among them, otherwise 0 */
function tell(diagnostics: readonly Diagnostic[], json: boolean): number {
  if (json) process.stdout.write(`${formatDiagnosticsAsJson(diagnostics)}\n`);
  else if (diagnostics.length > 0) process.stderr.write(`${formatDiagnostics(diagnostics)}\n\n${countDiagnostics(diagnostics)}\n`);
  return diagnostics.some(({ severity }) => severity === 'error') ? EXIT.configuration : EXIT.ok;
}

/** Each combination once, however many tenants share it. */
function pairsOf({ bridge }: ServiceConfiguration): readonly Pair[] {
  const pairs = [...bridge.tenants.values()].map(({ directory, mapping }) => [`${directory}\n${mapping}`, { directory, mapping }] as const);
  return [...new Map(pairs).values()];
}

type Examined =
  | { readonly unreachable: string }
  | { readonly diagnostics: readonly Diagnostic[] }
  | { readonly diagnostics: readonly Diagnostic[]; readonly survey: Survey; readonly summary: string };

async function examine(
  { directory: name, mapping }: Pair,
  files: ConfigurationFiles,
  service: ServiceConfiguration,
  directories: ReadonlyMap<string, ConnectedDirectory>,
): Promise<Examined> {
  const [loaded, plan, directory] = [files.mappings.get(mapping), service.plans.get(mapping), directories.get(name)];
  if (loaded === undefined || plan === undefined || directory === undefined) throw new Error(`${mapping} or ${name} was not loaded`);
  const { options, ldap } = directory;
  const toDiagnostic = ({ place, severity, message, help, guess }: Finding): Diagnostic => {
    const details = { severity, ...(help === undefined ? {} : { help }), ...(guess === undefined ? {} : { guess }) };
    if (place.file === 'mapping') return loaded.source.report(place.path, place.part, message, details);
    return files.source.report(['directories', name, ...place.path], place.part, message, details);
  };
  try {
    const bindDn = 'bindDn' in options ? options.bindDn : EXTERNAL_ACCOUNT;
    const account = { bindDn, isPrivate: options.startTls === true || options.urls.every(isPrivate) };
    const survey = await surveyDirectory(ldap, sectionsOf(loaded.file, plan), account);
    const counts = survey.sections.map(
      ({
        section: {
          plan: { target },
        },
        tally,
        reach,
      }) => `${tally.entries}${reach === 'all' ? '' : '+'} ${target}`,
    );
    const summary = `${name}: ${survey.product}, ${counts.join(', ')}\n`;
    return { diagnostics: inspect(survey, plan).map(toDiagnostic), survey, summary };
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    if (error.kind === 'unavailable') return { unreachable: `the directory ${name} can't be reached: ${error.message}` };
    const key = error.kind === 'credentials' ? 'bindDn' : 'urls';
    return { diagnostics: [files.source.report(['directories', name, key], 'value', error.message)] };
  }
}

/** Who we are by SASL EXTERNAL is known to the server alone. */
const EXTERNAL_ACCOUNT = 'cn=the account that EXTERNAL stands for';

/** What is said to it can't be read on the way: TLS, or a socket of this machine. */
function isPrivate(url: string): boolean {
  return parseServerAddress(url).transport !== 'tcp';
}

function formatRecommendation(survey: Survey): string {
  if (survey.server !== 'openldap') return `# ${survey.product} is configured by its own tools\n`;
  const { changes, isExact } = recommendSlapdChanges(survey);
  if (changes.length === 0) return '# nothing is missing\n';
  const head = isExact
    ? '# ldapmodify -Y EXTERNAL -H ldapi:///'
    : [
        '# cn=config was not readable: this is all that the mapping asks for, and the database may have another name.',
        '# ldapmodify -c -Y EXTERNAL -H ldapi:///     passes over what is there (20)',
      ].join('\n');
  return `${head}\n${formatChanges(changes)}`;
}
