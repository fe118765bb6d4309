import type { BridgeFile } from '../config/bridge-file.ts';
import { type Diagnostic, inFileOrder } from '../config/diagnostic.ts';
import { type FileOptions, type LoadedMapping, loadConfiguration, loadConfigurationFiles } from '../config/load-configuration.ts';
import type { Environment, Secrets } from '../config/secrets.ts';
import { runExamples } from '../explain/run-examples.ts';
import { compileMapping } from '../mapping/compile.ts';
import type { Plan } from '../mapping/plan.ts';

/** A configuration in which everything has been looked up: what `serve` runs on. */
export interface ServiceConfiguration {
  readonly bridge: BridgeFile;
  /** Compiled mapping files, by the path in `TenantSection.mapping`. */
  readonly plans: ReadonlyMap<string, Plan>;
  /** PEM text by directory. */
  readonly authorities: ReadonlyMap<string, string>;
  /** By directory, of those that show a client certificate; both in PEM form. */
  readonly clientCertificates: ReadonlyMap<string, { readonly certificate: string; readonly key: string }>;
  /** By directory. */
  readonly bindPasswords: ReadonlyMap<string, string>;
  readonly secrets: Pick<Secrets, 'tokens' | 'clients'>;
}

/** What was loaded, with what is worth a warning; or everything that is wrong. In file order. */
type Loaded<T> =
  | ({ readonly ok: true; readonly diagnostics: readonly Diagnostic[] } & T)
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export type LoadedService = Loaded<{
  readonly service: ServiceConfiguration;
  /** What the plans were compiled from, by the same paths. */
  readonly mappings: ReadonlyMap<string, LoadedMapping>;
}>;

/** A configuration without its secrets. */
export type CheckedService = Loaded<{
  readonly bridge: BridgeFile;
  readonly plans: ReadonlyMap<string, Plan>;
  /** What the plans were compiled from, by the same paths. */
  readonly mappings: ReadonlyMap<string, LoadedMapping>;
}>;

/** Reads, checks and compiles everything that `serve` needs; or all that is wrong with it. */
export function loadService(bridgePath: string, environment: Environment): LoadedService {
  const configuration = loadConfiguration(bridgePath, environment);
  const { plans, diagnostics, ok } = compileAll(configuration);
  if (!configuration.ok || !ok) return { ok: false, diagnostics };
  const { authorities, secrets } = configuration;
  const bridge = withStateDirectory(configuration.bridge, environment);
  const clientCertificates = new Map(
    [...configuration.clientCertificates].map(([name, certificate]) => [name, { certificate, key: secrets.clientKeys.get(name) ?? '' }]),
  );
  const { mappings } = configuration;
  const service = { bridge, authorities, clientCertificates, plans, bindPasswords: secrets.bindPasswords, secrets };
  return { ok, diagnostics, mappings, service };
}

/** systemd names the folder of a unit's StateDirectory= in the environment; several are separated by colons. */
function withStateDirectory(bridge: BridgeFile, environment: Environment): BridgeFile {
  const [given = ''] = environment['STATE_DIRECTORY']?.split(':') ?? [];
  return bridge.stateDirectory !== undefined || given === '' ? bridge : { ...bridge, stateDirectory: given };
}

/** The same without the secrets, which are often out of reach where a file is checked. */
export function checkService(bridgePath: string, options: FileOptions = {}): CheckedService {
  const files = loadConfigurationFiles(bridgePath, options);
  const { plans, diagnostics, ok } = compileAll(files);
  return files.ok && ok ? { ok, diagnostics, bridge: files.bridge, plans, mappings: files.mappings } : { ok: false, diagnostics };
}

/**
 * The same, if the examples in its mapping files come true; otherwise those that don't are what is wrong with it.
 */
export async function withExamples<T extends LoadedService | CheckedService>(
  loaded: T,
): Promise<T | Extract<CheckedService, { ok: false }>> {
  if (!loaded.ok) return loaded;
  const plans = 'service' in loaded ? loaded.service.plans : loaded.plans;
  const failed = await Promise.all(
    [...plans].map(async ([path, plan]) => {
      const mapping = loaded.mappings.get(path);
      return mapping === undefined ? [] : await runExamples(mapping.file, plan, mapping.source);
    }),
  );
  const mistakes = failed.flat();
  return mistakes.length === 0 ? loaded : { ok: false, diagnostics: inFileOrder([...loaded.diagnostics, ...mistakes]) };
}

/** Compiles the mapping files that have the right form, also when others haven't: one run tells all mistakes. */
function compileAll(files: ReturnType<typeof loadConfigurationFiles>) {
  const plans = new Map<string, Plan>();
  const diagnostics = files.ok ? [] : [...files.diagnostics];
  for (const [path, { file, source }] of files.mappings) {
    const compiled = compileMapping(file, source);
    if (compiled.ok) plans.set(path, compiled.plan);
    diagnostics.push(...compiled.diagnostics);
  }
  return { plans, diagnostics: inFileOrder(diagnostics, files.names), ok: plans.size === files.mappings.size };
}
