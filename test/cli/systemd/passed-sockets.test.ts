import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { passedSockets } from '../../../src/cli/systemd/passed-sockets.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder } from '../support/run-main.ts';

const servers: Server[] = [];
let folder: ConfigurationFolder | undefined;
let kill: (() => Promise<void>) | undefined;

afterEach(async () => {
  await kill?.();
  folder?.remove();
  for (const server of servers.splice(0)) server.close();
  [kill, folder] = [undefined, undefined];
});

async function open(where: string): Promise<{ readonly fd: number; readonly port: number }> {
  const server = createServer();
  if (where.startsWith('/')) server.listen(where);
  else server.listen(0, where);
  servers.push(server);
  await once(server, 'listening');
  const { fd } = Reflect.get(server, '_handle') as { readonly fd: number };
  return { fd, port: (server.address() as AddressInfo).port };
}

/** Starts the daemon as systemd does: with the sockets from descriptor 3 on, and its own process id in the environment. */
function serve(fds: readonly number[], change = (text: string) => text) {
  folder = makeConfigurationFolder(change(bridgeText('ldap://127.0.0.1:1', { listen: 'systemd' })));
  const command = `LISTEN_PID=$$ exec "$0" --disable-warning=ExperimentalWarning src/main.ts serve --config ${folder.file}`;
  const child = spawn('sh', ['-c', command, process.execPath], {
    stdio: ['ignore', 'pipe', 'pipe', ...fds],
    env: { ...process.env, LISTEN_FDS: String(fds.length), LDAP_PASSWORD: 'x', SCIM_TOKEN: 'y' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { output: () => output, ended };
}

const status = async (port: number, host = '127.0.0.1') => (await fetch(`http://${host}:${port}/scim/v2/Users`)).status;

describe('listen: systemd', () => {
  it('answers on every socket that was passed', async () => {
    const [one, other] = [await open('127.0.0.1'), await open('127.0.0.1')];
    const { output } = serve([one.fd, other.fd]);
    await expect.poll(output, { timeout: 15_000, interval: 10 }).toContain('"msg":"ready"');
    for (const server of servers.splice(0)) server.close();
    expect([await status(one.port), await status(other.port)]).toEqual([401, 401]);
  });

  it('is refused without a socket', async () => {
    const { output, ended } = serve([]);
    expect([await ended, output()]).toEqual([78, expect.stringContaining('which passed no socket')]);
  });

  it('is refused on an address that others can reach, without TLS', async () => {
    const { fd } = await open('0.0.0.0');
    const { output, ended } = serve([fd]);
    expect([await ended, output()]).toEqual([78, expect.stringContaining('which other machines can reach')]);
  });

  it('is refused on a path', async () => {
    const { fd } = await open(join(mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-socket-')), 'socket'));
    const { output, ended } = serve([fd]);
    expect([await ended, output()]).toEqual([78, expect.stringContaining('a socket that is not TCP')]);
  });

  it('unless the operator takes it on himself', async () => {
    const { fd } = await open('0.0.0.0');
    const { output } = serve([fd], (text) => `insecure: true\n${text}`);
    await expect.poll(output, { timeout: 15_000, interval: 10 }).toContain('"msg":"ready"');
  });
});

describe('passedSockets', () => {
  it.each([
    ['two', { LISTEN_PID: '7', LISTEN_FDS: '2' }, [3, 4]],
    ["another process's", { LISTEN_PID: '8', LISTEN_FDS: '2' }, []],
    ['none', {}, []],
    ['what is no number', { LISTEN_PID: '7', LISTEN_FDS: '-1' }, []],
  ])('%s', (_, environment, fds) => {
    expect(passedSockets(environment, 7)).toEqual(fds);
  });
});
