import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ThrowawaySlapd } from '../../src/cli/demo/throwaway-slapd.ts';
import { startSlapd } from '../../src/cli/demo/throwaway-slapd.ts';
import type { OpenLdap } from '../support/openldap.ts';
import { PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { BARE_CONFIGURATION, BASE_LDIF } from '../support/openldap-configuration.ts';

const CONFIGURATION = BARE_CONFIGURATION.replace('include      @DIR@/scim.schema\n', '');
const [LDIF = ''] = BASE_LDIF.split('\n\n');

const running: { stop(): Promise<void> }[] = [];

async function start(setup: Partial<Parameters<typeof startSlapd>[0]> = {}): Promise<ThrowawaySlapd> {
  const slapd = await startSlapd({ configuration: CONFIGURATION, ldif: LDIF, ...setup });
  running.push(slapd);
  return slapd;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((slapd) => slapd.stop()));
});

describe('startSlapd', () => {
  it('starts several servers, each with its folder and port, and leaves nothing behind', async () => {
    const servers = await Promise.all([start(), start(), start()]);

    expect(new Set(servers.map(({ port }) => port)).size).toBe(3);
    expect(servers.every(({ port, directory }) => port !== 389 && existsSync(directory))).toBe(true);
    await Promise.all(servers.map((server) => server.stop()));
    expect(servers.some(({ directory, pid }) => existsSync(directory) || pid !== undefined)).toBe(false);
  });

  it('keeps data and port over a restart', async () => {
    const server = await start();
    const { pid, url } = server;
    await server.kill('SIGKILL');
    expect(server.pid).toBeUndefined();
    await server.restart();

    expect(server.pid).not.toBe(pid);
    expect(server.url).toBe(url);
  });

  it('says what slapd says when it does not start', async () => {
    await expect(start({ configuration: `${CONFIGURATION}\nnonsense yes\n` })).rejects.toThrow(/nonsense/);
    await expect(start({ ldif: 'dn: dc=elsewhere\nobjectClass: top\n' })).rejects.toThrow(/slapadd failed/);
  });

  it('does not take the place of a server that has the port', async () => {
    const { port } = await start();

    await expect(start({ port })).rejects.toThrow(/did not start/);
  });

  it('removes server and folder when the process ends without a word', async () => {
    const script = `
      const { startSlapd } = await import(process.argv[1]);
      const server = await startSlapd(JSON.parse(process.argv[2]));
      console.log(server.port, server.directory);
      process.exit(3);`;
    const module = new URL('../../src/cli/demo/throwaway-slapd.ts', import.meta.url).href;
    const setup = JSON.stringify({ configuration: CONFIGURATION, ldif: LDIF });
    let output = '';
    try {
      execFileSync(process.execPath, ['--input-type=module', '--eval', script, module, setup], { encoding: 'utf8' });
    } catch (error) {
      output = String((error as { stdout?: unknown }).stdout);
    }
    const [port = '', directory = ''] = output.trim().split(' ');

    expect(directory).toContain('scim-ldap-bridge-slapd-');
    expect(existsSync(directory)).toBe(false);
    const connecting = async () =>
      (
        await once(
          connect(Number(port), '127.0.0.1').on('error', () => {}),
          'connect',
        )
      ).length;
    await expect.poll(() => connecting().catch((error: NodeJS.ErrnoException) => error.code)).toBe('ECONNREFUSED');
  });
});

describe('startOpenLdap', () => {
  let server: OpenLdap;

  it('counts operations exactly, and wipes what tests leave', async () => {
    server = await startOpenLdap({ logsOperations: true });
    running.push(server);
    await server.adminAdd(
      `dn: ou=deep,${PEOPLE}\nobjectClass: organizationalUnit\nou: deep\n\ndn: uid=a,ou=deep,${PEOPLE}\nobjectClass: account\nuid: a\n`,
    );
    expect(await server.adminSearch(`uid=a,ou=deep,${PEOPLE}`, '(uid=a)', ['uid', 'entryUUID'])).toMatchObject([
      { attributes: { size: 2 } },
    ]);
    await server.reset();

    expect(await server.adminSearch(PEOPLE)).toHaveLength(1);
    expect(await server.operations()).toEqual([]);
  });
});
