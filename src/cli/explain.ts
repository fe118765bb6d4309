import { formatDiagnostics } from '../config/format-diagnostics.ts';
import type { LoadedMapping } from '../config/load-configuration.ts';
import type { Directory } from '../directory/directory.ts';
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
import { chooseTenant } from './choose-tenant.ts';
import { CommandFailure, orFail } from './command-failure.ts';
import { EXIT } from './exit-codes.ts';
import { checkService } from './load-service.ts';
import { onLiveDirectory } from './on-live-directory.ts';
import { readInput } from './read-input.ts';

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
  return await orFail(() => explainOrFail(configPath, options));
}

async function explainOrFail(configPath: string, options: ExplainOptions): Promise<number> {
  refuseWrongUsage(options);
  const checked = checkService(configPath);
  if (!checked.ok) throw new CommandFailure(EXIT.configuration, formatDiagnostics(checked.diagnostics));
  const { name, section, plan, mapping } = chooseTenant('explain', checked, options.tenant, ({ path }) => isBelow(options.target, path));
  const { path, limits, paging } = section;
  const chosen: Chosen = { tenant: { name, path, limits, paging, plan, publicUrl: checked.bridge.publicUrl }, mapping };
  if (!options.online) return await explainFrom(givenOrigin(chosen, options), chosen, options);
  return await onLiveDirectory('explain', configPath, name, async (directory) => {
    const { server } = await directory.facts();
    const said = 'Entries and schema: the directory, now.';
    return await explainFrom({ directory, madeUp: new MadeUp(server), said, unknownNames: () => [] }, chosen, options);
  });
}

function refuseWrongUsage({ method, target, online, entry }: ExplainOptions): void {
  if (!/^[A-Z]+$/i.test(method)) throw new CommandFailure(EXIT.usage, `explain: ${JSON.stringify(method)} is no HTTP method`);
  if (!target.startsWith('/')) {
    throw new CommandFailure(EXIT.usage, `explain: a path begins with a slash, as in /Users, not ${JSON.stringify(target)}`);
  }
  if (online && entry !== undefined)
    throw new CommandFailure(EXIT.usage, 'explain: either --online or --entry says what is there, not both');
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
  const body = options.body === undefined ? {} : { body: fill(readInput('explain', options.body)) };
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

function readEntries(file: string, madeUp: MadeUp): readonly Entry[] {
  const ldif = readInput('explain', file);
  try {
    return readGivenEntries(ldif, madeUp);
  } catch (error) {
    if (!(error instanceof LdifSyntaxError)) throw error;
    throw new CommandFailure(EXIT.usage, `${file}:${error.line}: ${error.reason}`);
  }
}
