import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_PEOPLE, sampleEntries } from '../../src/cli/demo/sample-entries.ts';
import { formatEntry } from '../../src/ldap/format-ldif.ts';
import { blocksOf } from '../docs/support/page-blocks.ts';
import { runScript } from '../docs/support/run-script.ts';
import { FIRST_START_MS } from '../support/container-engine.ts';
import { docker } from './support/run.ts';
import { skippedWithoutCompose, startTryOut, type TryOut } from './support/try-out.ts';

const TOKEN = 'try-out';
/** Somebody whom the image knows nothing of. */
const USER = 20_002;
/** What we put into the image beside the base image: Node.js (127 MB), the program and the packages it runs with. */
const OWN_BYTES = 140_000_000;

function get(url: string, path: string): Promise<Response> {
  return fetch(`${url}/scim/v2${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
}

async function create(url: string, userName: string): Promise<Response> {
  return fetch(`${url}/scim/v2/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({ userName }),
  });
}

it("has the demo's people", async () => {
  const entries = sampleEntries('@PASSWORD@').map((entry) => formatEntry(entry, { secretAttributes: new Set() }));
  const heading =
    '# The people and groups of `scim-ldap-bridge demo` (src/cli/demo/sample-entries.ts). start-slapd.sh puts the password in.';
  await expect(`${heading}\n\n${entries.join('\n')}`).toMatchFileSnapshot('../../deploy/compose/sample.ldif');
});

describe.skipIf(skippedWithoutCompose !== '')(`containers${skippedWithoutCompose}`, () => {
  let tryOut: TryOut;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-container-'));
    tryOut = await startTryOut();
  }, FIRST_START_MS);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await tryOut?.stop();
  });

  const answers = async (): Promise<void> => {
    const status = () =>
      get(tryOut.url, '/Users').then(
        (answer) => answer.status,
        () => 'none',
      );
    await expect.poll(status, { timeout: 60_000, interval: 500 }).toBe(200);
  };

  it('of deploy/compose.yaml serve SCIM in front of an OpenLDAP with sample people', async () => {
    await answers();
    const people = await get(tryOut.url, '/Users');
    expect(people.status).toBe(200);
    expect(await people.json()).toMatchObject({ totalResults: SAMPLE_PEOPLE.length });
    expect((await create(tryOut.url, 'compose@example.org')).status).toBe(201);
  });

  it('of deploy/compose.yaml keep entries and state when they are made anew', { timeout: 90_000 }, async () => {
    expect((await create(tryOut.url, 'kept@example.org')).status).toBe(201);
    await tryOut.compose('up', '--detach', '--force-recreate');
    const found = async (): Promise<unknown> => (await get(tryOut.url, '/Users?filter=userName eq "kept@example.org"')).json();
    await expect.poll(() => found().catch(() => undefined), { timeout: 60_000, interval: 500 }).toMatchObject({ totalResults: 1 });
  });

  it('are made of what is needed', async () => {
    const [image] = JSON.parse(await docker('image', 'inspect', tryOut.image));
    const [base] = JSON.parse(await docker('image', 'inspect', 'debian:bookworm-slim'));
    expect(image.Size - base.Size).toBeLessThan(OWN_BYTES);
    expect(image.Config).toMatchObject({
      User: '10001:10001',
      StopSignal: 'SIGTERM',
      ExposedPorts: { '8080/tcp': {} },
      Volumes: { '/var/lib/scim-ldap-bridge': {} },
      Entrypoint: ['scim-ldap-bridge'],
      Cmd: ['serve'],
      Labels: { 'org.opencontainers.image.title': 'scim-ldap-bridge', 'org.opencontainers.image.licenses': 'MIT' },
    });
    const files = await docker('run', '--rm', '--entrypoint', 'find', tryOut.image, '/opt/scim-ldap-bridge', '/usr/local');
    expect(files).toContain('/opt/scim-ldap-bridge/node_modules/koa/');
    expect(files).not.toMatch(/\/npm\b|\/typescript\b|\/vitest\b|\.(?:map|ts)$|\/opt\/scim-ldap-bridge\/(?:src|test)\b/m);
  });

  it('run every command', async () => {
    const bridge = (...args: readonly string[]) => docker('run', '--rm', '--read-only', '--network', 'none', tryOut.image, ...args);
    expect(await bridge('--help')).toContain('Usage: scim-ldap-bridge');
    expect(await bridge('token')).toMatch(/hash: 'sha256:[0-9a-f]{64}'/);
    await expect(bridge('serve')).rejects.toMatchObject({ code: 78, stderr: expect.stringContaining('bridge.yaml') });
  });

  it('serve as anybody, with nothing to write to but the state, and end by SIGTERM with 0', { timeout: 90_000 }, async () => {
    const configuration = readFileSync('deploy/compose/bridge.yaml', 'utf8')
      .replace('{ env: LDAP_PASSWORD }', '{ file: ldap-bind }')
      .replace('{ env: SCIM_TOKEN }', '{ file: token }');
    writeFileSync(join(folder, 'bridge.yaml'), configuration);
    for (const name of ['ldap-bind', 'token']) writeFileSync(join(folder, name), 'try-out');
    const state = `/var/lib/scim-ldap-bridge:uid=${USER},gid=${USER},mode=0700`;
    const locked = [
      '--read-only',
      '--cap-drop',
      'ALL',
      '--security-opt',
      'no-new-privileges',
      '--user',
      `${USER}:${USER}`,
      '--tmpfs',
      state,
    ];
    const mounts = ['bridge.yaml:/etc/scim-ldap-bridge/bridge.yaml', 'ldap-bind:/run/secrets/ldap-bind', 'token:/run/secrets/token'];
    const options = [...locked, ...mounts.flatMap((mount) => ['--volume', `${folder}/${mount}:ro`])];
    const published = ['--network', tryOut.network, '--publish', '127.0.0.1::8080', '--health-interval', '1s'];
    const container = (await docker('run', '--detach', ...options, ...published, tryOut.image)).trim();
    try {
      const inspect = async (format: string) => (await docker('inspect', '--format', format, container)).trim();
      await expect.poll(() => inspect('{{.State.Health.Status}}'), { timeout: 30_000, interval: 250 }).toBe('healthy');
      const url = `http://${(await docker('port', container, '8080')).trim()}`;
      await expect.poll(async () => (await get(url, '/Users')).status, { timeout: 20_000 }).toBe(200);
      expect((await create(url, 'locked-down@example.org')).status).toBe(201);
      expect(await docker('exec', container, 'scim-ldap-bridge', 'check')).toContain('is in order');
      expect(await docker('exec', container, 'node', '/opt/scim-ldap-bridge/probe.mjs', '/readyz')).toBe('');
      await expect(docker('exec', container, 'node', '/opt/scim-ldap-bridge/probe.mjs', '/elsewhere')).rejects.toMatchObject({ code: 1 });
      await docker('stop', '-t', '35', container);
      expect(await inspect('{{.State.ExitCode}}')).toBe('0');
      expect(await docker('logs', container)).toContain('"msg":"stopped"');
    } finally {
      await docker('rm', '--force', '--volumes', container);
    }
  });

  describe('docs/containers.md', () => {
    const scripts = blocksOf('docs/containers.md').map(({ script }) => script);
    const [up = '', curls = '', look = '', down = '', build = '', start = '', use = '', ...others] = scripts;
    const env = () => ({ ...process.env, ...tryOut.environment, PATH: `${folder}:${process.env['PATH'] ?? ''}` });
    const paste = (script: string) =>
      runScript(
        script
          .replaceAll('http://127.0.0.1:8080', tryOut.url)
          .replaceAll('127.0.0.1:8080:', '127.0.0.1::')
          .replaceAll('/etc/scim-ldap-bridge:/etc', `${folder}/etc:/etc`)
          .replaceAll('/etc/scim-ldap-bridge/secrets:', `${folder}/etc/secrets:`)
          .replaceAll(/--(name|tag) scim-ldap-bridge/g, `--$1 ${tryOut.project}`)
          .replaceAll(/scim-ldap-bridge$/gm, (word, offset: number, all: string) =>
            /(?:HUP|logs|-t 35|^ +) *$/m.test(all.slice(0, offset)) ? tryOut.project : word,
          )
          .replaceAll('docker exec scim-ldap-bridge', `docker exec ${tryOut.project}`)
          .replaceAll('scim-ldap-bridge:/var/lib', `${tryOut.project}:/var/lib`)
          .replaceAll('--detach --name', `--network ${tryOut.network} --detach --name`),
        { cwd: process.cwd(), env: env() },
      );

    beforeAll(() => {
      const shim = `#!/bin/sh\n[ "$1" != compose ] || { shift; exec ${tryOut.composeCommand} "$@"; }\nPATH=$\{PATH#*:} exec docker "$@"\n`;
      writeFileSync(join(folder, 'docker'), shim, { mode: 0o755 });
    });

    it('tells how to try it out', { timeout: 120_000 }, async () => {
      expect(await paste(up)).toMatchObject({ code: 0 });
      await answers();
      const { code, output } = await paste(curls);
      expect(code).toBe(0);
      expect(output).toContain('"userName":"mary.jones@example.org"');
      expect(output).toContain('"userName":"ada@example.org"');
      expect(output).toContain('"displayName":"Engineering"');
      const seen = await paste(look);
      expect(seen.code).toBe(0);
      expect(seen.output).toContain('dn: uid=ada@example.org,ou=people,dc=example,dc=org');
      expect(seen.output).toContain('"method":"POST"');
    });

    it('tells how to run it, to reload and to stop it', { timeout: 120_000 }, async () => {
      mkdirSync(join(folder, 'etc/secrets'), { recursive: true });
      const configuration = readFileSync('deploy/compose/bridge.yaml', 'utf8').replace('{ env: LDAP_PASSWORD }', '{ file: ldap-bind }');
      writeFileSync(join(folder, 'etc/bridge.yaml'), configuration.replace('{ env: SCIM_TOKEN }', '{ file: token }'));
      for (const name of ['ldap-bind', 'token']) writeFileSync(join(folder, 'etc/secrets', name), 'try-out');
      chmodSync(folder, 0o755);
      expect(await paste(build)).toMatchObject({ code: 0 });
      try {
        expect(await paste(start)).toMatchObject({ code: 0 });
        await expect.poll(() => docker('logs', tryOut.project), { timeout: 20_000 }).toContain('"msg":"ready"');
        expect(await paste(use)).toMatchObject({ code: 0, output: expect.stringContaining('bridge.yaml is in order') });
        expect(await docker('logs', tryOut.project)).toMatch(/"msg":"reloaded"[^]*"msg":"stopped"/);
      } finally {
        await docker('rm', '--force', '--volumes', tryOut.project);
        await docker('volume', 'rm', '--force', tryOut.project);
        await docker('rmi', tryOut.project);
      }
    });

    it('tells how it all goes away', async () => {
      expect(others.every((script) => script.includes('kubectl'))).toBe(true);
      expect(await paste(down)).toMatchObject({ code: 0 });
      expect(await docker('volume', 'ls', '--quiet')).not.toContain(tryOut.project);
    });
  });
});
