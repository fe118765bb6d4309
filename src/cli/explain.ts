import { readFileSync } from 'node:fs';
import { formatDiagnostics } from '../config/format-diagnostics.ts';
import type { LoadedMapping } from '../config/load-configuration.ts';
import type { Directory } from '../directory/directory.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import { connectDirectory, type LdapDirectory } from '../directory/ldapts-directory.ts';
import { type AssumedServer, assumedServerOf, vendorOf } from '../explain/assumed-directory.ts';
import { type ExplainedTenant, explainRequest, isBelow } from '../explain/explain-request.ts';
import { explanationToJson } from '../explain/explanation-to-json.ts';
import { formatExplanation } from '../explain/format-explanation.ts';
import { givenDirectory } from '../explain/given-directory.ts';
import { readGivenEntries } from '../explain/given-entries.ts';
import { MadeUp } from '../explain/made-up.ts';
import { formatMappingLine, mappingLineOf } from '../explain/mapping-lines.ts';
import { secretAttributesOf } from '../explain/secret-attributes.ts';
import type { Entry, LinePath } from '../ldap/entry.ts';
import { LdifSyntaxError } from '../ldap/parse-ldif.ts';
import { directoryOptions } from './connected-directory.ts';
import { EXIT } from './exit-codes.ts';
import { type CheckedService, checkService, loadService } from './load-service.ts';

export interface ExplainOptions {
  readonly method: string;
  /** Below the tenant's path, or with it; with the query. */
  readonly target: string;
  readonly tenant?: string;
  /** A file with the request's body; `-` is standard input. */
  readonly body?: string;
  /** A file with the entries that are there, as LDIF. */
  readonly entry?: string;
  /** Asks the directory for them instead. */
  readonly online: boolean;
  readonly json: boolean;
}

/** Says what a SCIM request would do to the directory, and what the client would be told. Writes nothing. */
export async function explain(configPath: string, options: ExplainOptions): Promise<number> {
  try {
    return await explainOrFail(configPath, options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}

/** What the caller is told instead of an explanation. */
class Failure extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

async function explainOrFail(configPath: string, options: ExplainOptions): Promise<number> {
  refuseWrongUsage(options);
  const checked = checkService(configPath);
  if (!checked.ok) throw new Failure(EXIT.configuration, formatDiagnostics(checked.diagnostics));
  const chosen = chooseTenant(checked, options);
  if (!options.online) return await explainFrom(givenOrigin(chosen, options), chosen, options);
  return await onLiveDirectory(configPath, chosen.tenant.name, async (directory) => {
    const { server } = await directory.facts();
    const said = 'Entries and schema: the directory, now.';
    return await explainFrom({ directory, madeUp: new MadeUp(server), said, unknownNames: () => [] }, chosen, options);
  });
}

function refuseWrongUsage({ method, target, online, entry }: ExplainOptions): void {
  if (!/^[A-Z]+$/i.test(method)) throw new Failure(EXIT.usage, `explain: ${JSON.stringify(method)} is no HTTP method`);
  if (!target.startsWith('/')) {
    throw new Failure(EXIT.usage, `explain: a path begins with a slash, as in /Users, not ${JSON.stringify(target)}`);
  }
  if (online && entry !== undefined) throw new Failure(EXIT.usage, 'explain: either --online or --entry says what is there, not both');
}

/** Where the entries come from. */
interface Origin {
  readonly directory: Directory;
  readonly madeUp: MadeUp;
  /** The same in words. */
  readonly said: string;
  /** What was looked up in an assumed schema, and isn't in it. */
  readonly unknownNames: () => readonly string[];
}

const SERVERS: Record<AssumedServer, string> = {
  openldap: 'an OpenLDAP',
  'openldap-rfc2307bis': 'an OpenLDAP with RFC 2307bis',
  '389ds': 'a 389 Directory Server',
  activeDirectory: 'an Active Directory',
};

function givenOrigin({ tenant: { plan } }: Chosen, { entry }: ExplainOptions): Origin {
  const server = assumedServerOf(plan);
  const madeUp = new MadeUp(vendorOf(server));
  const directory = givenDirectory(entry === undefined ? [] : readEntries(entry, madeUp), server);
  const from = entry === undefined ? 'none; --entry FILE.ldif names some' : `those of ${entry}`;
  const said = `Entries: ${from}. Schema: that of ${SERVERS[server]}, assumed; --online asks the directory for both.`;
  return { directory, madeUp, said, unknownNames: directory.unknownNames };
}

async function explainFrom(
  { directory, madeUp, said, unknownNames }: Origin,
  { tenant, mapping }: Chosen,
  options: ExplainOptions,
): Promise<number> {
  // A directory that is asked has ids of its own.
  const fill = (text: string): string => (options.online ? text : madeUp.fill(text));
  const [method, target] = [options.method.toUpperCase(), fill(options.target)];
  const body = options.body === undefined ? {} : { body: fill(readInput(options.body)) };
  const explanation = await explainRequest(tenant, directory, madeUp, { method, target, ...body });
  const secretAttributes = secretAttributesOf(tenant.plan);
  const lineOf = (path: LinePath) => mappingLineOf(mapping.source, path);
  const assumed = unknownNames();
  if (options.json) {
    // Without the body: it may hold a password.
    const json = { tenant: tenant.name, method, target, assumed, ...explanationToJson(explanation, { lineOf, secretAttributes }) };
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    return EXIT.ok;
  }
  const head = [`# ${method} ${target}: tenant ${tenant.name}, ${mapping.source.file}`, `# ${said}`];
  if (assumed.length > 0) head.push(`# Not in that schema, so taken for text of any number of values: ${assumed.join(', ')}`);
  const text = formatExplanation(explanation, { lineOf: (path) => formatMappingLine(lineOf(path)), secretAttributes });
  process.stdout.write(`${head.join('\n')}\n\n${text}`);
  return EXIT.ok;
}

/** A tenant, and what its plan was compiled from. */
interface Chosen {
  readonly tenant: ExplainedTenant;
  readonly mapping: LoadedMapping;
}

/** The tenant that is named, or the one whose path the target has, or the only one. */
function chooseTenant(
  { bridge, plans, mappings }: Extract<CheckedService, { ok: true }>,
  { tenant: wanted, target }: ExplainOptions,
): Chosen {
  const names = [...bridge.tenants.keys()];
  if (wanted !== undefined && !bridge.tenants.has(wanted)) {
    throw new Failure(EXIT.usage, `explain: there is no tenant ${JSON.stringify(wanted)}; there is: ${names.join(', ')}`);
  }
  const name =
    wanted ?? names.find((each) => isBelow(target, bridge.tenants.get(each)?.path ?? '/')) ?? (names.length === 1 ? names[0] : undefined);
  const section = bridge.tenants.get(name ?? '');
  if (name === undefined || section === undefined) {
    throw new Failure(EXIT.usage, `explain: which tenant? Say --tenant ${names.join(' | ')}`);
  }
  const [plan, mapping] = [plans.get(section.mapping), mappings.get(section.mapping)];
  if (plan === undefined || mapping === undefined) throw new Error(`tenant ${name} names a mapping that was not loaded`);
  const { path, limits, paging } = section;
  return { tenant: { name, path, limits, paging, plan, publicUrl: bridge.publicUrl }, mapping };
}

/** @throws Failure with EXIT.unreachable when the directory does not answer */
async function onLiveDirectory(configPath: string, tenant: string, work: (live: LdapDirectory) => Promise<number>): Promise<number> {
  const loaded = loadService(configPath, process.env);
  if (!loaded.ok) throw new Failure(EXIT.configuration, formatDiagnostics(loaded.diagnostics));
  const name = loaded.service.bridge.tenants.get(tenant)?.directory ?? '';
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const live = connectDirectory(directoryOptions(name, loaded.service), silent);
  try {
    await live.facts();
    return await work(live);
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    const reason = live.health().reason ?? error.message;
    throw new Failure(EXIT.unreachable, `explain: the directory ${name} cannot be asked: ${reason}`);
  } finally {
    await live.close();
  }
}

function readEntries(file: string, madeUp: MadeUp): readonly Entry[] {
  const ldif = readInput(file);
  try {
    return readGivenEntries(ldif, madeUp);
  } catch (error) {
    if (!(error instanceof LdifSyntaxError)) throw error;
    throw new Failure(EXIT.usage, `${file}:${error.line}: ${error.reason}`);
  }
}

/** @param file `-` is standard input */
function readInput(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new Failure(EXIT.usage, `explain: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
