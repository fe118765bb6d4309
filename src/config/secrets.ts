import { isAbsolute, join } from 'node:path';
import type { BridgeFile, SecretReference } from './bridge-file.ts';
import type { Diagnostic } from './diagnostic.ts';
import { Mistake } from './mistake.ts';
import { readTextFile } from './text-file.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** The process environment, as far as secrets need it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the references of `bridge.yaml` lead to. */
export interface Secrets {
  /** By directory, of those that bind with one; never empty, because an empty one makes an unauthenticated bind that succeeds (RFC 4513 §5.1.2). */
  readonly bindPasswords: ReadonlyMap<string, string>;
  /** PEM texts by directory, of those that show a client certificate. */
  readonly clientKeys: ReadonlyMap<string, string>;
  /** By tenant, then by token name; only of tokens that are given as a secret. */
  readonly tokens: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * The secret behind a reference, without the line break that editors leave at its end.
 *
 * @returns a Mistake where there is none or it is empty; it names the place, never the content
 */
function readSecret({ kind, name }: SecretReference, environment: Environment): string | Mistake {
  if (kind === 'env') return readVariable(name, environment);
  const folder = environment['CREDENTIALS_DIRECTORY'];
  if (isAbsolute(name)) return readSecretFile(name);
  if (folder !== undefined && folder !== '') return readSecretFile(join(folder, name));
  return new Mistake(
    `there is no directory of credentials for the secret "${name}": $CREDENTIALS_DIRECTORY is not set`,
    `systemd sets it with LoadCredential=${name}:/path/of/the/file; elsewhere, set it or write an absolute path`,
  );
}

function readVariable(name: string, environment: Environment): string | Mistake {
  const value = environment[name];
  if (value === undefined) return new Mistake(`the environment variable ${name} is not set`);
  return withoutLineBreak(value) || new Mistake(`the environment variable ${name} is empty`);
}

function readSecretFile(path: string): string | Mistake {
  const read = readTextFile(path);
  if (!read.ok) return new Mistake(`the secret ${path} cannot be read: ${read.reason}`);
  return withoutLineBreak(read.text) || new Mistake(`the secret ${path} is empty`);
}

function withoutLineBreak(secret: string): string {
  return secret.replace(/\r?\n$/, '');
}

/** All secrets of a bridge file, or a diagnostic for each that is missing. */
export function resolveSecrets(
  bridge: BridgeFile,
  source: YamlSource,
  environment: Environment,
): { readonly ok: true; readonly secrets: Secrets } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const read = (reference: SecretReference, path: YamlPath): string => {
    const secret = readSecret(reference, environment);
    if (!(secret instanceof Mistake)) return secret;
    const { message, help } = secret;
    diagnostics.push(source.report([...path, reference.kind], 'value', message, help === undefined ? {} : { help }));
    return '';
  };
  const bindPasswords = new Map(
    [...bridge.directories].flatMap(([name, directory]) =>
      'bindPassword' in directory ? [[name, read(directory.bindPassword, ['directories', name, 'bindPassword'])] as const] : [],
    ),
  );
  const clientKeys = new Map(
    [...bridge.directories].flatMap(
      ([
        name,
        {
          tls: { key },
        },
      ]) => (key === undefined ? [] : [[name, read(key, ['directories', name, 'tls', 'key'])] as const]),
    ),
  );
  const tokens = new Map(
    [...bridge.tenants].map(([tenant, { auth }]) => {
      const secrets = auth.tokens.flatMap(({ name, expected }, index) =>
        expected.kind === 'secret' ? [[name, read(expected.secret, ['tenants', tenant, 'auth', 'tokens', index, 'secret'])] as const] : [],
      );
      return [tenant, new Map(secrets)] as const;
    }),
  );
  return diagnostics.length === 0 ? { ok: true, secrets: { bindPasswords, clientKeys, tokens } } : { ok: false, diagnostics };
}
