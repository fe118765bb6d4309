import { isAbsolute, join } from 'node:path';
import type { AdminTokenSection, AuthSection, ExpectedSecret, SecretReference } from './auth-section.ts';
import type { BridgeFile } from './bridge-file.ts';
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
  /** PEM text of the public listener's key, where it has one. */
  readonly tlsKey?: string;
  /** Of the admin listener, by token name; only of those that are given as a secret. */
  readonly adminTokens: ReadonlyMap<string, string>;
  /** By tenant, then by token name; only of tokens that are given as a secret. */
  readonly tokens: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** By tenant, then by name of the OAuth client; in their order, without those that are given as a hash. */
  readonly clients: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
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
  const tlsKey = bridge.tls === undefined ? {} : { tlsKey: read(bridge.tls.key, ['tls', 'key']) };
  const readExpected = (expected: ExpectedSecret, path: YamlPath): readonly string[] =>
    expected.kind === 'secret' ? [read(expected.secret, path)] : [];
  const tokensOf = ({ tokens }: { readonly tokens: readonly AdminTokenSection[] }, path: YamlPath) =>
    tokens.flatMap(({ name, expected }, index) =>
      readExpected(expected, [...path, 'tokens', index, 'secret']).map((secret) => [name, secret] as const),
    );
  const clientsOf = ({ oauth }: AuthSection, path: YamlPath) =>
    (oauth?.clients ?? []).map((client, index) => {
      const place = [...path, 'oauth', 'clients', index, 'secrets'];
      const expected = 'secrets' in client ? client.secrets : [];
      return [client.name, expected.flatMap((each, number) => readExpected(each, [...place, number]))] as const;
    });
  const byTenant = <Value>(entriesOf: (auth: AuthSection, path: YamlPath) => readonly (readonly [string, Value])[]) =>
    new Map([...bridge.tenants].map(([tenant, { auth }]) => [tenant, new Map(entriesOf(auth, ['tenants', tenant, 'auth']))] as const));
  const adminTokens = new Map(bridge.admin === undefined ? [] : tokensOf(bridge.admin, ['admin']));
  const [tokens, clients] = [byTenant(tokensOf), byTenant(clientsOf)];
  return diagnostics.length === 0
    ? { ok: true, secrets: { bindPasswords, clientKeys, ...tlsKey, adminTokens, tokens, clients } }
    : { ok: false, diagnostics };
}
