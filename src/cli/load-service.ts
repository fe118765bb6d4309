import type { BridgeFile, TokenSection } from '../config/bridge-file.ts';
import type { Diagnostic } from '../config/diagnostic.ts';
import { type Configuration, type LoadedMapping, loadConfiguration, loadConfigurationFiles } from '../config/load-configuration.ts';
import type { Environment } from '../config/secrets.ts';

import { type Credential, digestToken } from '../http/authenticate.ts';
import { compileMapping } from '../mapping/compile.ts';
import type { Plan } from '../mapping/plan.ts';

/** A configuration in which everything has been looked up: what `serve` runs on. */
export interface ServiceConfiguration {
  readonly bridge: BridgeFile;
  /** Compiled mapping files, by the path in `TenantSection.mapping`. */
  readonly plans: ReadonlyMap<string, Plan>;
  /** PEM text by directory. */
  readonly authorities: ReadonlyMap<string, string>;
  /** By directory. */
  readonly bindPasswords: ReadonlyMap<string, string>;
  /** By tenant. */
  readonly credentials: ReadonlyMap<string, readonly Credential[]>;
}

type Loaded<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export type LoadedService = Loaded<{ readonly service: ServiceConfiguration }>;

/** Reads, checks and compiles everything that `serve` needs; or all that is wrong with it. */
export function loadService(bridgePath: string, environment: Environment): LoadedService {
  const configuration = loadConfiguration(bridgePath, environment);
  if (!configuration.ok) return configuration;
  const compiled = compileAll(configuration.mappings);
  if (!compiled.ok) return compiled;
  const { bridge, authorities, secrets } = configuration;
  return {
    ok: true,
    service: {
      bridge,
      authorities,
      plans: compiled.plans,
      bindPasswords: secrets.bindPasswords,
      credentials: credentialsOf(configuration),
    },
  };
}

/** The same without the secrets, which are often out of reach where a file is checked. */
export function checkService(bridgePath: string): Loaded<{ readonly bridge: BridgeFile; readonly plans: ReadonlyMap<string, Plan> }> {
  const files = loadConfigurationFiles(bridgePath);
  if (!files.ok) return files;
  const compiled = compileAll(files.mappings);
  return compiled.ok ? { ok: true, bridge: files.bridge, plans: compiled.plans } : compiled;
}

function compileAll(mappings: ReadonlyMap<string, LoadedMapping>): Loaded<{ readonly plans: ReadonlyMap<string, Plan> }> {
  const plans = new Map<string, Plan>();
  const diagnostics: Diagnostic[] = [];
  for (const [path, { file, source }] of mappings) {
    const compiled = compileMapping(file, source);
    if (compiled.ok) plans.set(path, compiled.plan);
    else diagnostics.push(...compiled.diagnostics);
  }
  return diagnostics.length === 0 ? { ok: true, plans } : { ok: false, diagnostics };
}

function credentialsOf({ bridge, secrets }: Configuration): ServiceConfiguration['credentials'] {
  return new Map(
    [...bridge.tenants].map(
      ([tenant, { auth }]) => [tenant, auth.tokens.map((token) => credentialOf(token, secrets.tokens.get(tenant)))] as const,
    ),
  );
}

function credentialOf({ name, expected, notBefore, expires }: TokenSection, secrets: ReadonlyMap<string, string> | undefined): Credential {
  const digest = expected.kind === 'hash' ? Buffer.from(expected.sha256, 'hex') : digestToken(secrets?.get(name) ?? '');
  return {
    name,
    digest,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(expires === undefined ? {} : { expires }),
  };
}
