import { dirname, resolve } from 'node:path';
import type { BridgeFile } from './bridge-file.ts';
import { bridgeFileForm } from './bridge-file-form.ts';
import { bridgeRules } from './bridge-rules.ts';
import { checkForm } from './check-form.ts';
import type { Diagnostic } from './diagnostic.ts';
import { readYaml } from './read-yaml.ts';
import { isYamlMap, type YamlValue } from './yaml-nodes.ts';
import type { YamlSource } from './yaml-source.ts';

/** `bridge.yaml`, or everything that is wrong with it by itself; the files and secrets that it names are not looked at. */
export type BridgeReading =
  | { readonly ok: true; readonly bridge: BridgeFile; readonly source: YamlSource; readonly mappings: readonly MappingMention[] }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      /** Absent when the file is not YAML. */
      readonly source?: YamlSource;
      readonly mappings: readonly MappingMention[];
    };

/** Where a tenant names its mapping file; known even when other parts of `bridge.yaml` are wrong. */
export interface MappingMention {
  readonly tenant: string;
  /** Absolute. */
  readonly path: string;
}

/**
 * What may be a secret in a source line, for diagnostics to hide: all that follows a key that speaks of one, rightly spelt or not,
 * unless it is a reference or a hash; and a password in a URL.
 */
const secretsInPlace =
  /(?<=\b[\w-]*(?:pass?w|pwd|secret|hash|token(?!s|lifetime))[\w-]*["']?\s*:\s+)(?!\{?\s*(?:file|env)\s*:|["']?sha256:[0-9a-f]{64}\b)[^\s#].*|(?<=:\/\/[^\s/@:]*:)[^\s/@]+(?=@)/gi;

/**
 * @param name what diagnostics call the file
 * @param folder what paths in it are relative to
 */
export function readBridgeFile(path: string, name = path, folder = dirname(path)): BridgeReading {
  const reading = readYaml(path, name, { secrets: secretsInPlace });
  if (!reading.ok) return { ok: false, diagnostics: reading.diagnostics, mappings: [] };
  const { source, value } = reading;
  const mappings = mentionsOf(value, resolve(folder));
  const checked = checkForm(bridgeFileForm(Object.keys(sectionOf(value, 'directories'))), reading, bridgeRules);
  if (!checked.ok) return { ...checked, source, mappings };
  return { ok: true, bridge: resolvePaths(checked.value, resolve(folder)), source, mappings };
}

function sectionOf(value: YamlValue, key: string): { readonly [name: string]: YamlValue } {
  const section = isYamlMap(value) ? value[key] : undefined;
  return isYamlMap(section) ? section : (Object.create(null) as Readonly<Record<string, YamlValue>>);
}

function mentionsOf(value: YamlValue, folder: string): readonly MappingMention[] {
  return Object.entries(sectionOf(value, 'tenants')).flatMap(([tenant, section]) => {
    const mapping = isYamlMap(section) ? section['mapping'] : undefined;
    return typeof mapping === 'string' && mapping !== '' ? [{ tenant, path: resolve(folder, mapping) }] : [];
  });
}

/** Files are named relative to the file that names them. */
function resolvePaths(bridge: BridgeFile, folder: string): BridgeFile {
  const directories = [...bridge.directories].map(([name, directory]) => {
    const { ca, tls } = directory;
    const files = {
      ...(ca === undefined ? {} : { ca: resolve(folder, ca) }),
      ...(tls.certificate === undefined ? {} : { tls: { ...tls, certificate: resolve(folder, tls.certificate) } }),
    };
    return [name, { ...directory, ...files }] as const;
  });
  const tenants = [...bridge.tenants].map(([name, tenant]) => [name, { ...tenant, mapping: resolve(folder, tenant.mapping) }] as const);
  const { stateDirectory, ...service } = bridge;
  const { file, ...audit } = bridge.audit;
  const { tls } = bridge;
  return {
    ...service,
    ...(stateDirectory === undefined ? {} : { stateDirectory: resolve(folder, stateDirectory) }),
    ...(tls === undefined ? {} : { tls: resolveTls(tls, folder) }),
    audit: file === undefined ? audit : { ...audit, file: resolve(folder, file) },
    directories: new Map(directories),
    tenants: new Map(tenants),
  };
}

function resolveTls(tls: NonNullable<BridgeFile['tls']>, folder: string): NonNullable<BridgeFile['tls']> {
  const { certificate, clientCa } = tls;
  return { ...tls, certificate: resolve(folder, certificate), ...(clientCa === undefined ? {} : { clientCa: resolve(folder, clientCa) }) };
}
