import { once } from 'node:events';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type OpenLdap, startOpenLdap } from '../support/openldap.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, type Running, startMain } from './support/run-main.ts';

const TOKEN = 'a-token-for-the-tests';

let ldap: OpenLdap;
let proxy: TcpProxy;
let folder: ConfigurationFolder | undefined;
let running: Running | undefined;

beforeAll(async () => {
  ldap = await startOpenLdap();
  proxy = await startTcpProxy({ port: ldap.slapd.port });
});
afterEach(async () => {
  proxy.set({ kind: 'none' });
  running?.child.kill('SIGKILL');
  await running?.ended;
  folder?.remove();
  [running, folder] = [undefined, undefined];
});
afterAll(async () => {
  await proxy.close();
  await ldap.stop();
});

function serve(bridge: string, env: Record<string, string> = {}): Running {
  folder = makeConfigurationFolder(bridge);
  running = startMain(['serve', '--config', folder.file], { env: { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN, ...env } });
  return running;
}

interface ReadyLine {
  readonly time: string;
  readonly level: string;
  readonly url: string;
  readonly adminUrl: string;
}

/** The line that says where it listens. */
async function ready({ stdout }: Running): Promise<ReadyLine> {
  await expect.poll(stdout, { interval: 10 }).toContain('"msg":"ready"');
  const line = stdout()
    .split('\n')
    .find((each) => each.includes('"msg":"ready"'));
  return JSON.parse(line ?? '{}') as ReadyLine;
}

function get(url: string): Promise<Response> {
  return fetch(`${url}/scim/v2/Users`, { headers: { authorization: `Bearer ${TOKEN}` } });
}

describe('serve', () => {
  it('says where it listens, in a JSON line, and serves', async () => {
    const { level, time, url, adminUrl } = await ready(serve(bridgeText(ldap.url)));

    expect(level).toBe('info');
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect((await get(url)).status).toBe(200);
    expect((await fetch(`${url}/scim/v2/Users`, { headers: { authorization: 'Bearer other' } })).status).toBe(401);
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends by %s with 0, after it finished what is in flight, and takes nothing new',
    async (signal) => {
      const process = serve(bridgeText(`ldap://127.0.0.1:${proxy.port}`));
      const { url } = await ready(process);
      expect((await get(url)).status).toBe(200);
      proxy.set({ kind: 'hold' });
      const slow = get(url);
      await expect.poll(() => proxy.held, { interval: 5 }).toBeGreaterThan(0);
      process.child.kill(signal);
      await expect.poll(process.stdout, { interval: 5 }).toContain('"msg":"stopping"');
      await expect(get(url)).rejects.toThrow('fetch failed');
      proxy.set({ kind: 'none' });

      const answer = await slow;
      expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ totalResults: 0 })]);
      expect(answer.headers.get('connection')).toBe('close');
      const { code, stdout, stderr } = await process.ended;
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('"msg":"stopped"');
    },
  );

  it('loads edited files by SIGHUP, and lives on with the old ones when they are wrong', async () => {
    const process = serve(bridgeText(ldap.url));
    const { url } = await ready(process);
    folder?.write('bridge.yaml', bridgeText(ldap.url).replace('directory: corp', 'directory: crop'));
    process.child.kill('SIGHUP');
    await expect.poll(process.stdout, { interval: 5 }).toContain('not reloaded');
    expect(process.stdout()).toContain('did you mean \\"corp\\"?');
    expect((await get(url)).status).toBe(200);

    folder?.write('bridge.yaml', bridgeText(ldap.url).replace('path: /scim/v2', 'path: /other'));
    process.child.kill('SIGHUP');
    await expect.poll(process.stdout, { interval: 5 }).toContain('"msg":"reloaded"');
    expect((await get(url)).status).toBe(404);

    process.child.kill('SIGTERM');
    expect((await process.ended).code).toBe(0);
  });

  it('ends at once when only idle connections are open', async () => {
    const process = serve(bridgeText(ldap.url));
    const { url } = await ready(process);
    const { hostname, port } = new URL(url);
    const idle = connect(Number(port), hostname);
    idle.write(`GET /scim/v2/Users?count=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    await once(idle, 'data');
    const started = performance.now();
    process.child.kill('SIGTERM');

    expect((await process.ended).code).toBe(0);
    expect(performance.now() - started).toBeLessThan(20_000);
    idle.destroy();
  });

  it('starts without the directory: 503, and readiness says why, until it is back', async () => {
    await ldap.slapd.kill('SIGTERM');
    const { url, adminUrl } = await ready(serve(bridgeText(ldap.url).replace('timeout: 5s', 'timeout: 300ms')));
    const answer = await get(url);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect((await fetch(`${adminUrl}/healthz`)).status).toBe(200);
    const notReady = await fetch(`${adminUrl}/readyz`);
    expect([notReady.status, await notReady.json()]).toEqual([
      503,
      { status: 'not ready', directories: { corp: { ready: false, server: expect.any(String), reason: expect.stringMatching(/./) } } },
    ]);

    await ldap.slapd.restart();
    await expect.poll(async () => (await fetch(`${adminUrl}/readyz`)).status).toBe(200);
    expect((await get(url)).status).toBe(200);
  });

  it('says 78 for a wrong configuration, with the place', async () => {
    const { code, stdout, stderr } = await serve(bridgeText(ldap.url).replace('mapping: mapping.yaml', 'maping: mapping.yaml')).ended;

    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toContain('did you mean "mapping"?');
    expect(stderr).toMatch(/bridge\.yaml:\d+:\d+/);
  });

  it('says 78 for a secret that is missing, and names the place', async () => {
    const { code, stderr } = await serve(bridgeText(ldap.url), { LDAP_PASSWORD: '' }).ended;

    expect(code).toBe(78);
    expect(stderr).toContain('the environment variable LDAP_PASSWORD is empty');
    expect(stderr).not.toContain(TOKEN);
  });

  it.each(['listen', 'admin'] as const)('says 1 and what it is when the port of %s is taken', async (which) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await serve(bridgeText(ldap.url, { [which]: `127.0.0.1:${port}` })).ended;
    taken.close();

    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^scim-ldap-bridge: .*address already in use.*${port}\n$`));
  });

  it('writes no secret, from its start to its end', async () => {
    const process = serve(bridgeText(ldap.url));
    const { url } = await ready(process);
    await get(url);
    process.child.kill('SIGTERM');
    const { stdout, stderr } = await process.ended;

    expect(
      stdout
        .trim()
        .split('\n')
        .every((line) => typeof JSON.parse(line) === 'object'),
    ).toBe(true);
    expect(`${stdout}${stderr}`).not.toMatch(new RegExp(`${TOKEN}|${ldap.bindPassword}`));
  });
});

describe('the level of the log', () => {
  it('is raised by SIGUSR1 and lowered by SIGUSR2, a step at a time, and is the file’s again after a reload', async () => {
    const process = serve(bridgeText(ldap.url).replace('format: 1', 'format: 1\nlog: info'));
    const { url } = await ready(process);
    const said = () => [...process.stdout().matchAll(/"logLevel":"(\w+)"/g)].map(([, level]) => level);
    const signal = async (name: 'SIGUSR1' | 'SIGUSR2', level: string) => {
      const before = said().length;
      process.child.kill(name);
      await expect.poll(said, { interval: 5 }).toHaveLength(before + 1);
      expect(said().at(-1)).toBe(level);
    };
    const searches = () => process.stdout().split('"msg":"LDAP search"').length - 1;
    await get(url);
    expect(searches()).toBe(0);

    await signal('SIGUSR1', 'debug');
    await get(url);
    await expect.poll(searches).toBe(1);
    for (const level of ['trace', 'trace']) await signal('SIGUSR1', level);
    for (const level of ['debug', 'info', 'warn', 'error', 'error']) await signal('SIGUSR2', level);
    const requests = () => process.stdout().split('"msg":"request"').length - 1;
    const before = requests();
    await get(url);

    process.child.kill('SIGHUP');
    const afterAnother = async () => {
      await get(url);
      return requests();
    };
    await expect.poll(afterAnother, { timeout: 15_000 }).toBeGreaterThan(before);
    expect(searches()).toBe(1);
  });
});

describe('the audit trail', () => {
  const post = (url: string, userName: string): Promise<Response> =>
    fetch(`${url}/scim/v2/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({ userName }),
    });
  const withAudit = (audit: string): string => bridgeText(ldap.url).replace('format: 1', `format: 1\nlog: error\naudit: ${audit}`);

  it('is among the lines of the log, whatever its level', async () => {
    const process = serve(withAudit('{ values: names }').replace('log: error', 'log: info'));
    const { url } = await ready(process);
    expect((await post(url, 'in-the-log')).status).toBe(201);
    await expect.poll(process.stdout, { interval: 5 }).toContain('"msg":"audit"');
  });

  it.each(['right', 'wrong'] as const)('goes on in a new file after SIGHUP, also when the configuration is %s', async (which) => {
    const process = serve(withAudit('{ file: audit.log }').replace('log: error', 'log: info'));
    const { url } = await ready(process);
    const path = join(folder?.path ?? '', 'audit.log');
    await post(url, `before-${which}`);
    renameSync(path, `${path}.1`);
    if (which === 'wrong') folder?.write('bridge.yaml', 'format: 2');
    process.child.kill('SIGHUP');
    await expect.poll(() => existsSync(path), { interval: 5 }).toBe(true);
    await post(url, `after-${which}`);

    expect(readFileSync(`${path}.1`, 'utf8')).toContain(`uid=before-${which},`);
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^[^\\n]*uid=after-${which},[^\\n]*\\n$`));
  });

  it('says 1 and which file when it cannot be opened', async () => {
    const { code, stderr } = await serve(withAudit('{ file: no/such/folder/audit.log }')).ended;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^scim-ldap-bridge: ENOENT.*audit\.log'\n$/)]);
  });
});
