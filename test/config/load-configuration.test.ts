import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import { loadConfiguration, loadConfigurationFiles } from '../../src/config/load-configuration.ts';

describe('loadConfiguration', () => {
  let folder: string;
  let bridgePath: string;
  let environment: Record<string, string>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'configuration-'));
    bridgePath = join(folder, 'bridge.yaml');
    cpSync(`${import.meta.dirname}/good`, folder, { recursive: true });
    writeFileSync(join(folder, 'ca.pem'), '-----BEGIN CERTIFICATE-----\n');
    writeFileSync(join(folder, 'client.pem'), '-----BEGIN CERTIFICATE-----\n');
    writeFileSync(join(folder, 'client-key'), 'a key\n');
    writeFileSync(join(folder, 'ldap-bind'), 'one secret\n');
    writeFileSync(join(folder, 'contoso-token-next'), 'two secrets\r\n');
    environment = { CREDENTIALS_DIRECTORY: folder, LAB_PASSWORD: 'three\n\n', OKTA_TOKEN: ' four ' };
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function told(): string {
    const loaded = loadConfiguration(bridgePath, environment);
    return loaded.ok ? '' : formatDiagnostics(loaded.diagnostics).replaceAll(`${folder}/`, '');
  }

  test('gives everything, a mapping that two tenants use once', () => {
    const loaded = loadConfiguration(bridgePath, environment);
    if (!loaded.ok) throw new Error(formatDiagnostics(loaded.diagnostics));
    expect([...loaded.mappings.keys()]).toEqual([join(folder, 'mapping.yaml')]);
    expect(loaded.mappings.get(loaded.bridge.tenants.get('fabrikam')?.mapping ?? '')?.file.unmapped).toBe('reject');
    expect(loaded.authorities).toEqual(new Map([['corp', '-----BEGIN CERTIFICATE-----\n']]));
    expect(loaded.secrets.bindPasswords).toEqual(
      new Map([
        ['corp', 'one secret'],
        ['lab', 'three\n'],
      ]),
    );
    expect(loaded.clientCertificates).toEqual(new Map([['named-by-certificate', '-----BEGIN CERTIFICATE-----\n']]));
    expect(loaded.secrets.clientKeys).toEqual(new Map([['named-by-certificate', 'a key']]));
    expect(loaded.secrets.tokens).toEqual(
      new Map([
        ['contoso', new Map([['entra-2027', 'two secrets']])],
        ['fabrikam', new Map([['okta', ' four ']])],
      ]),
    );
  });

  test('does without secrets where only the files are asked for', () => {
    expect(loadConfigurationFiles(bridgePath)).toMatchObject({ ok: true, bridge: { log: 'debug' } });
  });

  test('tells what is wrong with bridge, mappings, authorities and secrets in one go', () => {
    writeFileSync(join(folder, 'mapping.yaml'), readFileSync(join(folder, 'mapping.yaml'), 'utf8').replace('rdn: uid', 'rnd: uid'));
    writeFileSync(join(folder, 'ca.pem'), 'a key, perhaps');
    writeFileSync(join(folder, 'ldap-bind'), '\n');
    environment = { CREDENTIALS_DIRECTORY: folder, OKTA_TOKEN: '' };
    rmSync(join(folder, 'contoso-token-next'));
    expect(told()).toBe(`bridge.yaml:11:27: error: the secret ldap-bind is empty
  11 |     bindPassword: { file: ldap-bind }
     |                           ^^^^^^^^^

bridge.yaml:12:9: error: ca.pem holds no certificate in PEM form
  12 |     ca: ca.pem
     |         ^^^^^^

bridge.yaml:21:26: error: the environment variable LAB_PASSWORD is not set
  21 |     bindPassword: { env: LAB_PASSWORD }
     |                          ^^^^^^^^^^^^

bridge.yaml:36:47: error: the secret contoso-token-next cannot be read: no such file
  36 |         - { name: entra-2027, secret: { file: contoso-token-next }, notBefore: 2027-01-01, expires: 2027-12-31T18:00:00+01:00 }
     |                                               ^^^^^^^^^^^^^^^^^^

bridge.yaml:42:51: error: the environment variable OKTA_TOKEN is empty
  42 |     auth: { tokens: [{ name: okta, secret: { env: OKTA_TOKEN } }] }
     |                                                   ^^^^^^^^^^

mapping.yaml:6:3: error: unknown key "rnd"
  6 |   rnd: uid
    |   ^^^
    help: did you mean "rdn"?`);
  });

  test('reads the mappings also when the bridge file is wrong, and names a missing one where it is mentioned', () => {
    const bridge = readFileSync(bridgePath, 'utf8');
    writeFileSync(bridgePath, bridge.replace('log: debug', 'log: loud').replace('./mapping.yaml', 'maping.yaml'));
    writeFileSync(join(folder, 'mapping.yaml'), 'format: 3\n');
    expect(told()).toBe(`bridge.yaml:6:6: error: "loud" is not one of: trace, debug, info, warn, error
  6 | log: loud
    |      ^^^^

bridge.yaml:41:14: error: maping.yaml cannot be read: no such file
  41 |     mapping: maping.yaml
     |              ^^^^^^^^^^^

mapping.yaml:1:9: error: format 3 is not known
  1 | format: 3
    |         ^
    help: this version reads format 1`);
  });

  test('says how systemd hands secrets over', () => {
    const { CREDENTIALS_DIRECTORY: _, ...rest } = environment;
    environment = rest;
    expect(told()).toContain('$CREDENTIALS_DIRECTORY is not set');
    expect(told()).toContain('LoadCredential=ldap-bind:');
  });

  test('calls files as the operator did', () => {
    writeFileSync(join(folder, 'mapping.yaml'), 'format: 3\n');
    const loaded = loadConfiguration(relative('', bridgePath), environment);
    expect(loaded.ok ? [] : loaded.diagnostics.map(({ file }) => file)).toEqual([relative('', join(folder, 'mapping.yaml'))]);
  });
});
