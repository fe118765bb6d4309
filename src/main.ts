#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { adopt } from './cli/adopt.ts';
import { brakes } from './cli/brakes.ts';
import { check } from './cli/check.ts';
import { checkOnline } from './cli/check-online.ts';
import { demo } from './cli/demo/demo.ts';
import { drift } from './cli/drift.ts';
import { EXIT } from './cli/exit-codes.ts';
import { explain } from './cli/explain.ts';
import { init } from './cli/init.ts';
import { purge } from './cli/purge.ts';
import { rehearse } from './cli/rehearse.ts';
import { serve } from './cli/serve.ts';
import { shadow } from './cli/shadow.ts';
import { show } from './cli/show/show.ts';
import { token } from './cli/token.ts';
import { undo } from './cli/undo.ts';

const HELP = `Usage: scim-ldap-bridge COMMAND [OPTIONS]

  serve                runs the daemon
  check [--json] [--base-dir DIR]
                       says everything that is wrong with the configuration; no network. --json: for machines;
                       --base-dir: what paths in the file are relative to, when it is checked under a temporary name
  check --online [--json] [--ldif]
                       compares it with the live directories too, and changes nothing there; --ldif: the indexes,
                       limits and rights that it misses in OpenLDAP
  explain METHOD PATH [--body FILE|-] [--entry FILE.ldif | --online] [--tenant NAME] [--json]
                       what a SCIM request would do: the LDAP searches, the writes as LDIF with the mapping line behind
                       each value, and the answer. Writes nothing. What is there comes from --entry, or with --online
                       from the directory
  show [--schemas] [--json]
                       prints what is in force: every SCIM path, its LDAP attribute and direction, bases and filters;
                       --schemas: the SCIM schemas that clients see
  init --url URL --bind-dn DN [--bind-password-file FILE] [--start-tls] [--ca FILE] [--out FILE]
                       looks at an existing directory and writes a mapping file for it; changes nothing there. Without
                       a file the password is $LDAP_PASSWORD, or is asked for
  rehearse FILE [--column HEADER=PATH]... [--type users|groups] [--match PATH]... [--match-groups PATH]...
           [--json | --ldif] [--html FILE] [--tenant NAME]
                       what a first cycle with the users and groups of a file would do to the live directory: who matches, is
                       created, renamed, disabled, which stored values would go. Writes nothing. FILE: JSON, a SCIM resource
                       a line; or a table, its columns named
  shadow report [--json | --ldif] [--tenant NAME]
                       what the requests would have done that were recorded and not carried out (mode: shadow or canary)
  adopt FILE [--tenant NAME] [--dry-run]
                       hands entries that others made over to the bridge (adopt: listed in the mapping file): those that a
                       rehearsal listed (rehearse --json), or DNs, one a line
  undo --request ID | --since TIME [--tenant NAME] [--execute]
                       takes back what was written for one request, or since a point in time: prints the LDIF that does,
                       or carries it out. What others have changed since is skipped and listed
  drift [--tenant NAME] [--ldif | --json]
                       says what others have changed in what was written through the bridge; --ldif: what brings it back
  purge [--dry-run]    removes for good the entries that onDelete has moved away and purgeAfter lets go; for a timer
  brakes status | release [--tenant NAME]
                       what the brakes have counted and hold back; lets everything through for one window
  token [--name NAME]  makes a bearer token and its line for the configuration
  demo [--check]       a throw-away OpenLDAP with the daemon in front of it, to try things out;
                       --check goes through Entra's conversation and verifies it

  --config FILE        default: config/bridge.yaml, then /etc/scim-ldap-bridge/bridge.yaml
  --help               this text

Exit codes: 0 good, 1 unexpected failure, 64 wrong usage, 69 directory unreachable, 78 invalid configuration
`;

const CONFIG_PATHS = ['config/bridge.yaml', '/etc/scim-ldap-bridge/bridge.yaml'];

/** Everything that some command may be given. */
const OPTIONS = {
  'base-dir': { type: 'string' },
  'bind-dn': { type: 'string' },
  'bind-password-file': { type: 'string' },
  ca: { type: 'string' },
  out: { type: 'string' },
  'start-tls': { type: 'boolean' },
  url: { type: 'string' },
  body: { type: 'string' },
  check: { type: 'boolean' },
  column: { type: 'string', multiple: true },
  config: { type: 'string' },
  'dry-run': { type: 'boolean' },
  entry: { type: 'string' },
  execute: { type: 'boolean' },
  help: { type: 'boolean' },
  html: { type: 'string' },
  json: { type: 'boolean' },
  ldif: { type: 'boolean' },
  match: { type: 'string', multiple: true },
  'match-groups': { type: 'string', multiple: true },
  name: { type: 'string' },
  online: { type: 'boolean' },
  request: { type: 'string' },
  schemas: { type: 'boolean' },
  since: { type: 'string' },
  tenant: { type: 'string' },
  type: { type: 'string' },
} as const;

type Option = keyof typeof OPTIONS;
type ValueOf<Declared> = Declared extends { readonly multiple: true }
  ? string[]
  : Declared extends { readonly type: 'string' }
    ? string
    : boolean;
type Options = { readonly [Name in Option]?: ValueOf<(typeof OPTIONS)[Name]> };

interface Command {
  /** Beside `--config` and `--help`. */
  readonly options: readonly Option[];
  /** What has to follow the command's name, in order. Absent: nothing. */
  readonly takes?: readonly string[];
  run(options: Options, args: readonly string[]): number | Promise<number>;
}

const COMMANDS = new Map<string, Command>([
  ['serve', { options: [], run: ({ config }) => serve(configPath(config)) }],
  ['check', { options: ['online', 'json', 'ldif', 'base-dir'], run: runCheck }],
  ['explain', { options: ['body', 'entry', 'json', 'online', 'tenant'], takes: ['METHOD', 'PATH'], run: runExplain }],
  [
    'show',
    { options: ['json', 'schemas'], run: ({ config, json = false, schemas = false }) => show(configPath(config), { json, schemas }) },
  ],
  ['init', { options: ['url', 'bind-dn', 'bind-password-file', 'start-tls', 'ca', 'out'], run: runInit }],
  [
    'rehearse',
    { options: ['column', 'type', 'match', 'match-groups', 'json', 'ldif', 'html', 'tenant'], takes: ['FILE'], run: runRehearse },
  ],
  ['shadow', { options: ['json', 'ldif', 'tenant'], takes: ['report'], run: runShadow }],
  [
    'adopt',
    {
      options: ['tenant', 'dry-run'],
      takes: ['FILE'],
      run: ({ config, 'dry-run': dryRun = false, tenant }, [file = '']) =>
        adopt(configPath(config), { file, dryRun, ...(tenant === undefined ? {} : { tenant }) }),
    },
  ],
  [
    'undo',
    {
      options: ['request', 'since', 'tenant', 'execute'],
      run: ({ config, execute = false, ...rest }) => undo(configPath(config), { execute, ...rest }),
    },
  ],
  [
    'drift',
    {
      options: ['tenant', 'ldif', 'json'],
      run: ({ config, ldif = false, json = false, tenant }) =>
        drift(configPath(config), { ldif, json, ...(tenant === undefined ? {} : { tenant }) }),
    },
  ],
  ['purge', { options: ['dry-run'], run: ({ config, 'dry-run': dryRun = false }) => purge(configPath(config), dryRun) }],
  [
    'brakes',
    {
      options: ['tenant'],
      takes: ['status or release'],
      run: ({ config, tenant }, [action = '']) => brakes(configPath(config), action, tenant),
    },
  ],
  ['token', { options: ['name'], run: ({ name }) => token(name ?? 'entra') }],
  ['demo', { options: ['check'], run: ({ check: verify }) => demo({ verify: verify === true }) }],
]);

function runCheck({ config, online = false, json = false, ldif = false, 'base-dir': baseDir }: Options): number | Promise<number> {
  if (online && baseDir !== undefined) return wrongUsage('--base-dir is for the check without --online');
  if (online) return checkOnline(configPath(config), { json, ldif });
  if (ldif) return wrongUsage('--ldif goes with --online');
  return check(configPath(config), { json, ...(baseDir === undefined ? {} : { baseDir }) });
}

function runInit({ url, 'bind-dn': bindDn, 'bind-password-file': passwordFile, 'start-tls': startTls = false, ca, out }: Options) {
  if (url === undefined || bindDn === undefined) return wrongUsage('init needs --url and --bind-dn');
  return init({
    url,
    bindDn,
    startTls,
    ...(passwordFile === undefined ? {} : { passwordFile }),
    ...(ca === undefined ? {} : { ca }),
    ...(out === undefined ? {} : { out }),
  });
}

function runExplain({ config, json = false, online = false, ...rest }: Options, [method = '', target = '']: readonly string[]) {
  return explain(configPath(config), { method, target, json, online, ...rest });
}

/** How a command prints; undefined: it can't do both. */
function formOf(json = false, ldif = false): 'text' | 'json' | 'ldif' | undefined {
  if (json && ldif) return undefined;
  return json ? 'json' : ldif ? 'ldif' : 'text';
}

function runRehearse(
  { config, column: columns = [], type: target = 'users', match = [], 'match-groups': matchGroups = [], json, ldif, html, tenant }: Options,
  [file = '']: readonly string[],
) {
  if (target !== 'users' && target !== 'groups') return wrongUsage('--type is users or groups');
  const form = formOf(json, ldif);
  if (form === undefined) return wrongUsage('either --json or --ldif');
  const beside = { ...(html === undefined ? {} : { html }), ...(tenant === undefined ? {} : { tenant }) };
  return rehearse(configPath(config), { file, columns, target, match, matchGroups, form, ...beside });
}

function runShadow({ config, json, ldif, tenant }: Options, [action = '']: readonly string[]) {
  const form = formOf(json, ldif);
  if (form === undefined) return wrongUsage('either --json or --ldif');
  return shadow(configPath(config), action, { form, ...(tenant === undefined ? {} : { tenant }) });
}

function configPath(given: string | undefined): string {
  return given ?? CONFIG_PATHS.find((path) => existsSync(path)) ?? 'config/bridge.yaml';
}

function wrongUsage(message: string): number {
  process.stderr.write(`scim-ldap-bridge: ${message}\n\n${HELP}`);
  return EXIT.usage;
}

async function main(args: readonly string[]): Promise<number> {
  let parsed: { readonly values: Options; readonly positionals: readonly string[] };
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return wrongUsage(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const [name, ...rest] = positionals;
  if (values.help === true || name === undefined) {
    process.stdout.write(HELP);
    return values.help === true ? EXIT.ok : EXIT.usage;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) return wrongUsage(`there is no command ${JSON.stringify(name)}`);
  const { takes = [] } = command;
  if (rest.length > takes.length) return wrongUsage(`${name} takes no argument ${JSON.stringify(rest[takes.length])}`);
  if (rest.length < takes.length) return wrongUsage(`${name} needs ${takes.slice(rest.length).join(' and ')}`);
  const known: readonly string[] = ['config', ...command.options];
  const foreign = Object.keys(values).find((option) => !known.includes(option));
  if (foreign !== undefined) return wrongUsage(`${name} takes no --${foreign}`);
  return command.run(values, rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`scim-ldap-bridge: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  // not only the code: what is still open, a listener for one, would keep a process alive of which nobody knows what it does
  process.exit(EXIT.failure);
}
