import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, type Running, startMain } from '../support/run-main.ts';

/** Nobody listens there: what the daemon says to systemd needs no directory. */
const AWAY = 'ldap://127.0.0.1:1';

let folder: ConfigurationFolder;
let running: Running | undefined;

beforeEach(() => {
  folder = makeConfigurationFolder(bridgeText(AWAY));
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  folder.remove();
});

/** The daemon, with a `systemd-notify` in PATH that keeps each message as a line. */
function serve(env: Record<string, string>): Running {
  const program = join(folder.path, 'systemd-notify');
  writeFileSync(program, `#!/bin/sh\nIFS='|'; echo "$*" >> ${folder.path}/said\n`, { mode: 0o755 });
  const PATH = `${folder.path}:${process.env['PATH'] ?? ''}`;
  running = startMain(['serve', '--config', folder.file], { env: { LDAP_PASSWORD: 'x', SCIM_TOKEN: 'y', PATH, ...env } });
  return running;
}

function said(): string {
  const path = join(folder.path, 'said');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function hears(expected: RegExp): Promise<void> {
  await expect.poll(said, { timeout: 15_000, interval: 10 }).toMatch(expected);
}

const SOCKET = { NOTIFY_SOCKET: '/run/systemd/notify' };

describe('what systemd hears', () => {
  it('is: ready, reloading, ready, stopping; and what the state is, for people', async () => {
    const { child, ended } = serve(SOCKET);
    await hears(/^READY=1\|MAINPID=\d+\|STATUS=serving http:\/\/127.0.0.1:\d+; directory corp is away \(.+\): its tenants get 503\n$/);
    expect(said()).toContain(`MAINPID=${child.pid}|`);

    child.kill('SIGHUP');
    await hears(/\nRELOADING=1\|MONOTONIC_USEC=\d+\|STATUS=.*\nREADY=1\|.*STATUS=serving/);

    folder.write('bridge.yaml', 'format: 2\n');
    child.kill('SIGHUP');
    await hears(/\nREADY=1\|.*STATUS=THE LATEST RELOAD WAS REFUSED, the configuration before it stays in force; serving/);

    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(said()).toMatch(/\nSTOPPING=1\|STATUS=finishing the requests in flight\n$/);
  });

  it('is a sign of life, again and again, where it waits for them', async () => {
    serve({ ...SOCKET, WATCHDOG_USEC: '200000' });
    await expect.poll(said, { timeout: 15_000, interval: 10 }).toMatch(/^READY=1.*\n(?:WATCHDOG=1\|STATUS=serving.*\n){3}/);
  });

  it('is none where they are expected of another process', async () => {
    const { child, ended } = serve({ ...SOCKET, WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' });
    await hears(/^READY=1/);
    child.kill('SIGTERM');
    await ended;
    expect(said()).not.toContain('WATCHDOG');
  });

  it('is nothing when nobody listens', async () => {
    const { child, ended, stdout } = serve({ WATCHDOG_USEC: '100000' });
    await expect.poll(stdout, { timeout: 15_000, interval: 10 }).toContain('"msg":"ready"');
    child.kill('SIGTERM');
    await ended;
    expect(said()).toBe('');
  });
});

it('says in the log when systemd cannot be told', async () => {
  const { stdout } = serve(SOCKET);
  writeFileSync(join(folder.path, 'systemd-notify'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  await expect.poll(stdout, { timeout: 15_000, interval: 10 }).toContain('systemd was not told');
});
