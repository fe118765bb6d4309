import { isAbsolute, relative } from 'node:path';
import type { BridgeFile } from './bridge-file.ts';
import { type Diagnostic, inFileOrder } from './diagnostic.ts';
import { type ListenerTls, readCertificate, readTlsFiles, refuseTls } from './listener-tls.ts';
import type { MappingFile } from './mapping-file.ts';
import { Mistake } from './mistake.ts';
import { refuseClearPasswords } from './password-transport.ts';
import { type BridgeReading, readBridgeFile } from './read-bridge-file.ts';
import { readMappingFile } from './read-mapping-file.ts';
import { type Environment, resolveSecrets, type Secrets } from './secrets.ts';
import type { YamlSource } from './yaml-source.ts';

interface FilesLookedAt {
  /** What diagnostics call them: `bridge.yaml`, then the mapping files in the order in which tenants name them. */
  readonly names: readonly string[];
  /** Those of the right form, by absolute path, as in `TenantSection.mapping`. A file that several tenants use is there once. */
  readonly mappings: ReadonlyMap<string, LoadedMapping>;
}

/** `bridge.yaml` and the files that it names. */
export interface ConfigurationFiles extends FilesLookedAt {
  readonly ok: true;
  readonly bridge: BridgeFile;
  readonly source: YamlSource;
  /** PEM text by directory, of those that have a `ca`. */
  readonly authorities: ReadonlyMap<string, string>;
  /** PEM text by directory, of those that show a client certificate. */
  readonly clientCertificates: ReadonlyMap<string, string>;
}

export interface LoadedMapping {
  readonly file: MappingFile;
  readonly source: YamlSource;
}

export interface Configuration extends ConfigurationFiles {
  readonly secrets: Secrets;
  /** Of the public listener; undefined: plain HTTP. */
  readonly tls: ListenerTls | undefined;
}

/** Everything that is wrong; and the mapping files that aren't, for a look at their meaning in the same run. */
interface Failure extends FilesLookedAt {
  readonly ok: false;
  readonly diagnostics: readonly Diagnostic[];
}

export interface FileOptions {
  /** What relative paths in `bridge.yaml` are relative to; default: the folder it is in. */
  readonly baseDir?: string;
}

/** Everything the daemon is told, or everything that is wrong with it: in `bridge.yaml`, in the files that it names, and with the secrets. */
export function loadConfiguration(bridgePath: string, environment: Environment): Configuration | Failure {
  const files = readFiles(bridgePath);
  const secrets = files.bridge.ok ? resolveSecrets(files.bridge.bridge, files.bridge.source, environment) : undefined;
  const loaded = withoutSecrets(files);
  const tls = files.tls === undefined || secrets?.ok !== true ? undefined : { ...files.tls, key: secrets.secrets.tlsKey ?? '' };
  const refused = tls === undefined || tls.certificate === '' ? undefined : refuseTls(tls);
  if (loaded.ok && secrets?.ok === true && refused === undefined) return { ...loaded, secrets: secrets.secrets, tls };
  const diagnostics = [...(secrets?.ok === false ? secrets.diagnostics : []), ...files.diagnostics];
  if (files.bridge.ok && refused !== undefined) {
    const { message, help } = refused;
    diagnostics.push(files.bridge.source.report(['tls', 'certificate'], 'value', message, help === undefined ? {} : { help }));
  }
  return { ok: false, diagnostics: inFileOrder(diagnostics, files.names), names: files.names, mappings: files.mappings };
}

/** The same without the secrets, for commands that run where these are out of reach. */
export function loadConfigurationFiles(bridgePath: string, options: FileOptions = {}): ConfigurationFiles | Failure {
  return withoutSecrets(readFiles(bridgePath, options));
}

interface FilesRead extends FilesLookedAt {
  readonly tls: Omit<ListenerTls, 'key'> | undefined;
  readonly bridge: BridgeReading;
  readonly authorities: ReadonlyMap<string, string>;
  readonly clientCertificates: ReadonlyMap<string, string>;
  /** About all of them. */
  readonly diagnostics: readonly Diagnostic[];
}

function withoutSecrets({
  bridge,
  names,
  mappings,
  authorities,
  clientCertificates,
  diagnostics,
}: FilesRead): ConfigurationFiles | Failure {
  if (!bridge.ok || diagnostics.length > 0) return { ok: false, diagnostics: inFileOrder(diagnostics, names), names, mappings };
  return { ok: true, bridge: bridge.bridge, source: bridge.source, names, mappings, authorities, clientCertificates };
}

/** Reads on after a mistake, so that one run tells them all. */
function readFiles(bridgePath: string, options: FileOptions = {}): FilesRead {
  const bridge = readBridgeFile(bridgePath, bridgePath, options.baseDir);
  const diagnostics: Diagnostic[] = bridge.ok ? [] : [...bridge.diagnostics];
  const authorities = new Map<string, string>();
  const clientCertificates = new Map<string, string>();
  for (const [name, { ca, tls }] of bridge.ok ? bridge.bridge.directories : []) {
    for (const [path, place, texts] of [
      [ca, ['ca'], authorities],
      [tls.certificate, ['tls', 'certificate'], clientCertificates],
    ] as const) {
      if (path === undefined || !bridge.ok) continue;
      const pem = readCertificate(path);
      if (pem instanceof Mistake) diagnostics.push(bridge.source.report(['directories', name, ...place], 'value', pem.message));
      else texts.set(name, pem);
    }
  }
  const mappings = new Map<string, LoadedMapping>();
  const names = new Map<string, string>();
  for (const { tenant, path } of bridge.mappings) {
    if (names.has(path)) continue;
    // Diagnostics call files as the operator did: relative to where the command was given, unless asked otherwise.
    const name = isAbsolute(bridgePath) ? path : relative('', path);
    names.set(path, name);
    const reading = readMappingFile(path, name);
    if (reading.ok) mappings.set(path, { file: reading.file, source: reading.source });
    else if (reading.unreadable === undefined || bridge.source === undefined) diagnostics.push(...reading.diagnostics);
    else diagnostics.push(bridge.source.report(['tenants', tenant, 'mapping'], 'value', `${name} cannot be read: ${reading.unreadable}`));
  }
  if (bridge.ok) diagnostics.push(...refuseClearPasswords(bridge.bridge, mappings));
  const { tls: tlsSection } = bridge.ok ? bridge.bridge : {};
  const tls = tlsSection === undefined || !bridge.ok ? undefined : readTlsFiles(tlsSection, bridge.source);
  diagnostics.push(...(tls?.diagnostics ?? []));
  return { bridge, tls: tls?.texts, names: [bridgePath, ...names.values()], mappings, authorities, clientCertificates, diagnostics };
}
