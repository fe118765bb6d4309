import type { BridgeFile } from '../config/bridge-file.ts';
import { type Diagnostic, inFileOrder } from '../config/diagnostic.ts';
import type { ListenerTls } from '../config/listener-tls.ts';
import {
  type ConfigurationFiles,
  type FileOptions,
  type LoadedMapping,
  loadConfiguration,
  loadConfigurationFiles,
} from '../config/load-configuration.ts';
import type { MappingFile } from '../config/mapping-file.ts';
import type { Environment, Secrets } from '../config/secrets.ts';
import { runExamples } from '../explain/run-examples.ts';
import { compileMapping } from '../mapping/compile.ts';
import { movesEntries, type Plan, plansOf } from '../mapping/plan.ts';
import { refuseCanaries } from './refuse-canaries.ts';
import { refuseOutsideBases } from './refuse-outside-bases.ts';

/** A configuration in which everything has been looked up: what `serve` runs on. */
export interface ServiceConfiguration {
  readonly bridge: BridgeFile;
  /** Compiled mapping files, by the path in `TenantSection.mapping`. */
  readonly plans: ReadonlyMap<string, Plan>;
  /** The same files as they are written. */
  readonly mappings: ReadonlyMap<string, MappingFile>;
  /** PEM text by directory. */
  readonly authorities: ReadonlyMap<string, string>;
  /** By directory, of those that show a client certificate; both in PEM form. */
  readonly clientCertificates: ReadonlyMap<string, { readonly certificate: string; readonly key: string }>;
  /** By directory. */
  readonly bindPasswords: ReadonlyMap<string, string>;
  /** Of the public listener; undefined: plain HTTP. */
  readonly tls: ListenerTls | undefined;
  readonly secrets: Pick<Secrets, 'adminTokens' | 'tokens' | 'clients'>;
}

/** Files that were read and compiled as far as that goes: what is wrong with one says nothing of the others. */
interface Compiled {
  /** Everything that is wrong, and what is worth a warning; in file order. */
  readonly diagnostics: readonly Diagnostic[];
  /** What diagnostics call the files, in their order. */
  readonly names: readonly string[];
  /** By the path in `TenantSection.mapping`. */
  readonly plans: ReadonlyMap<string, Plan>;
  /** What the plans were compiled from, by the same paths. */
  readonly mappings: ReadonlyMap<string, LoadedMapping>;
}

type Loaded<T> = Compiled & (({ readonly ok: true } & T) | { readonly ok: false });

export type LoadedService = Loaded<{ readonly service: ServiceConfiguration }>;

/** A configuration without its secrets. */
export type CheckedService = Loaded<{ readonly bridge: BridgeFile }>;

/** Reads, checks and compiles everything that `serve` needs; or all that is wrong with it. */
export function loadService(bridgePath: string, environment: Environment): LoadedService {
  const configuration = loadConfiguration(bridgePath, environment);
  const compiled = compileAll(configuration);
  if (!configuration.ok || hasErrors(compiled)) return { ...compiled, ok: false };
  const { authorities, secrets } = configuration;
  const bridge = withStateDirectory(configuration.bridge, environment);
  if (bridge.journal.required && bridge.stateDirectory === undefined) {
    const homeless = configuration.source.report(['journal', 'required'], 'value', 'there is no folder to keep the journal in', {
      help: 'set stateDirectory, or let systemd set $STATE_DIRECTORY with StateDirectory=',
    });
    return { ...compiled, ok: false, diagnostics: inFileOrder([...compiled.diagnostics, homeless], compiled.names) };
  }
  const clientCertificates = new Map(
    [...configuration.clientCertificates].map(([name, certificate]) => [name, { certificate, key: secrets.clientKeys.get(name) ?? '' }]),
  );
  const { plans } = compiled;
  const mappings = new Map([...compiled.mappings].map(([path, { file }]) => [path, file]));
  const service = {
    bridge,
    authorities,
    clientCertificates,
    plans,
    mappings,
    bindPasswords: secrets.bindPasswords,
    tls: configuration.tls,
    secrets,
  };
  return { ...compiled, ok: true, service };
}

/** systemd names the folder of a unit's StateDirectory= in the environment; several are separated by colons. */
export function withStateDirectory(bridge: BridgeFile, environment: Environment): BridgeFile {
  const [given = ''] = environment['STATE_DIRECTORY']?.split(':') ?? [];
  return bridge.stateDirectory !== undefined || given === '' ? bridge : { ...bridge, stateDirectory: given };
}

/** The same without the secrets, which are often out of reach where a file is checked. */
export function checkService(bridgePath: string, options: FileOptions = {}): CheckedService {
  const files = loadConfigurationFiles(bridgePath, options);
  const compiled = compileAll(files);
  return files.ok && !hasErrors(compiled) ? { ...compiled, ok: true, bridge: files.bridge } : { ...compiled, ok: false };
}

/** The same, with the examples in its mapping files: those that don't come true are mistakes too. */
export async function withExamples<T extends LoadedService | CheckedService>(
  loaded: T,
): Promise<T | Extract<CheckedService, { ok: false }>> {
  const { plans, mappings, names } = loaded;
  const failed = await Promise.all(
    [...plans].map(async ([path, plan]) => {
      const mapping = mappings.get(path);
      return mapping === undefined ? [] : await runExamples(mapping.file, plan, mapping.source);
    }),
  );
  const mistakes = failed.flat();
  if (mistakes.length === 0) return loaded;
  return { ok: false, names, plans, mappings, diagnostics: inFileOrder([...loaded.diagnostics, ...mistakes], names) };
}

/** Compiles the mapping files that have the right form, also when others haven't: one run tells all mistakes. */
function compileAll(files: ReturnType<typeof loadConfigurationFiles>): Compiled {
  const { names, mappings } = files;
  const plans = new Map<string, Plan>();
  const diagnostics = files.ok ? [] : [...files.diagnostics];
  for (const [path, { file, source }] of mappings) {
    const compiled = compileMapping(file, source);
    if (compiled.ok) plans.set(path, compiled.plan);
    diagnostics.push(...compiled.diagnostics);
  }
  if (files.ok) diagnostics.push(...withoutTrace(files, plans), ...refuseOutsideBases(files, plans), ...refuseCanaries(files, plans));
  return { names, mappings, plans, diagnostics: inFileOrder(diagnostics, names) };
}

/** Requests of several LDAP operations are nothing rare where entries move: they should survive a kill between two of them. */
function withoutTrace({ bridge, source }: ConfigurationFiles, plans: ReadonlyMap<string, Plan>): readonly Diagnostic[] {
  if (bridge.stateDirectory !== undefined) return [];
  const moving = [...bridge.tenants].filter(([, { mapping }]) => {
    const plan = plans.get(mapping);
    return plan !== undefined && plansOf(plan).some(movesEntries);
  });
  return moving.map(([name]) =>
    source.report(
      ['tenants', name, 'mapping'],
      'value',
      'it moves entries, in several LDAP operations: where do they leave their traces?',
      {
        severity: 'note',
        help: 'set stateDirectory, unless systemd sets $STATE_DIRECTORY: without one a kill between two of them leaves a change half-done',
      },
    ),
  );
}

function hasErrors({ diagnostics }: Compiled): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
