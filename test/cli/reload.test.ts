import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LoadedService, loadService, type ServiceConfiguration, withExamples } from '../../src/cli/load-service.ts';
import { type Service, startService } from '../../src/cli/start-service.ts';
import { type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { refuseSecretsIn } from '../support/secret-scanner.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder } from './support/run-main.ts';

const TOKEN = 'a-token-for-the-tests';
/** Reloads of edited files, and of configurations that were loaded before: only the swap. */
const LOADS = 100;
const SWAPS = 1000;

/** Two mappings that show the same value in different places. */
const SHIPPED = readFileSync('config/mappings/openldap.yaml', 'utf8');
const TITLE_AS_NICKNAME = SHIPPED.replace(/^ {4}title: .*$/m, '    nickName: title');

let ldap: OpenLdap;
let proxy: TcpProxy;
let folder: ConfigurationFolder;
let service: Service;
let log: Record<string, unknown>[];

beforeAll(async () => {
  ldap = await startOpenLdap({ logsOperations: true });
  proxy = await startTcpProxy({ port: ldap.slapd.port });
  await ldap.adminAdd(
    `dn: uid=ada,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ada\nsn: Lovelace\ncn: Ada Lovelace\ntitle: Countess\ndescription: 0\n`,
  );
});
afterAll(async () => {
  await proxy.close();
  await ldap.stop();
});
beforeEach(async () => {
  folder = makeConfigurationFolder(bridgeText(proxiedUrl()));
  log = [];
  service = await startService(
    configurationOf(load()),
    pino({ base: null }, { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) }),
  );
});
afterEach(async () => {
  await service.stop();
  folder.remove();
  refuseSecretsIn(
    log.map((line) => JSON.stringify(line)),
    new Set([TOKEN, ldap.bindPassword]),
  );
});

function proxiedUrl(): string {
  return `ldap://127.0.0.1:${proxy.port}`;
}

function load(environment: Record<string, string> = {}): LoadedService {
  return loadService(folder.file, { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN, ...environment });
}

function configurationOf(loaded: LoadedService): ServiceConfiguration {
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  return loaded.service;
}

function get(path = '/scim/v2', token = TOKEN): Promise<Response> {
  return fetch(`${service.url}${path}/Users?filter=userName eq "ada"`, { headers: { authorization: `Bearer ${token}` } });
}

async function ada(path?: string): Promise<Record<string, unknown>> {
  const answer = await get(path);
  const { Resources: resources } = (await answer.json()) as { Resources: Record<string, unknown>[] };
  expect([answer.status, resources.length]).toEqual([200, 1]);
  return resources[0] ?? {};
}

/** The bridge's connections with slapd so far, and how many of them are open. */
function ldapConnections(): { readonly made: number; readonly open: number } {
  const text = ldap.slapd.logText();
  const made = [...text.matchAll(/conn=(\d+) fd=\d+ ACCEPT from IP/g)].map(([, connection]) => connection);
  const closed = new Set([...text.matchAll(/conn=(\d+) fd=\d+ closed/g)].map(([, connection]) => connection));
  return { made: made.length, open: made.filter((connection) => !closed.has(connection)).length };
}

/** Until the server in this process has begun to answer the next request. */
function nextRequest(): Promise<void> {
  return new Promise((resolve) => {
    const begun = () => {
      unsubscribe('http.server.request.start', begun);
      resolve();
    };
    subscribe('http.server.request.start', begun);
  });
}

describe('a reload', () => {
  it('is refused while an example in the mapping file does not come true', async () => {
    const example = (search: string) =>
      `\nexamples:\n  - { name: one, request: 'GET /Users?filter=userName eq "x"', search: '${search}' }\n`;
    const reload = (search: string) => {
      folder.write('mapping.yaml', `${TITLE_AS_NICKNAME.replace(/^examples:[^]*/m, '')}${example(search)}`);
      return service.reload(() => withExamples(load()));
    };
    await reload('(uid=y)');

    expect(service.lastReloadSuccessful).toBe(false);
    expect(await ada()).toMatchObject({ title: 'Countess' });
    expect(log).toContainEqual(expect.objectContaining({ reason: 'example "one": the request searches otherwise' }));

    await reload('(&(objectClass=inetOrgPerson)(uid=x))');
    expect(await ada()).toMatchObject({ nickName: 'Countess' });
  });

  it('puts the edited files in force: the mapping, tokens, paths, tenants', async () => {
    expect(await ada()).toMatchObject({ title: 'Countess' });
    folder.write('mapping.yaml', TITLE_AS_NICKNAME);
    folder.write('bridge.yaml', bridgeText(proxiedUrl()).replace('path: /scim/v2', 'path: /other'));
    await service.reload(() => load({ SCIM_TOKEN: 'the-next-token' }));

    expect([(await get()).status, (await get('/other')).status]).toEqual([404, 401]);
    const answer = await get('/other', 'the-next-token');
    expect(await answer.json()).toMatchObject({
      Resources: [{ nickName: 'Countess', meta: { location: expect.stringContaining('/other/') } }],
    });
    expect(service.lastReloadSuccessful).toBe(true);
    expect(log.map(({ msg }) => msg)).toContain('reloaded');
  });

  it('of a wrong file changes nothing and says where the mistakes are; of the corrected one it is in force', async () => {
    folder.write('mapping.yaml', TITLE_AS_NICKNAME.replace('nickName: title', 'nickname: title\n    nickNam: description'));
    await service.reload(load);

    expect(service.lastReloadSuccessful).toBe(false);
    expect(await ada()).toMatchObject({ title: 'Countess' });
    const line = TITLE_AS_NICKNAME.split('\n').findIndex((each) => each.includes('nickName')) + 1;
    expect(log.filter(({ level }) => level === 50)).toEqual([
      expect.objectContaining({ msg: 'a mistake in the configuration', file: `${folder.path}/mapping.yaml`, line: line + 1, column: 5 }),
      expect.objectContaining({ msg: 'not reloaded: the old configuration stays in force' }),
    ]);

    folder.write('mapping.yaml', TITLE_AS_NICKNAME);
    await service.reload(load);
    expect(service.lastReloadSuccessful).toBe(true);
    expect(await ada()).toMatchObject({ nickName: 'Countess' });
  });

  it('that fails in an unexpected way changes nothing either', async () => {
    await service.reload(() => {
      throw new Error('a bug');
    });

    expect(service.lastReloadSuccessful).toBe(false);
    expect(log.at(-2)).toMatchObject({ msg: 'the configuration could not be loaded', err: { message: 'a bug' } });
    expect(await ada()).toMatchObject({ title: 'Countess' });
  });

  it('lets requests in flight finish on the old configuration and its connections, which are closed then', async () => {
    await ada();
    proxy.set({ kind: 'hold' });
    const begun = nextRequest();
    const slow = ada();
    await begun;
    folder.write('mapping.yaml', TITLE_AS_NICKNAME);
    folder.write('bridge.yaml', bridgeText(proxiedUrl()).replace('timeout: 5s', 'timeout: 20s'));
    await service.reload(load);
    const next = ada();
    proxy.set({ kind: 'none' });

    expect(await slow).toMatchObject({ title: 'Countess' });
    expect(await next).toMatchObject({ nickName: 'Countess' });
    await expect.poll(() => ldapConnections().open).toBe(1);
  });

  it('keeps the connections of a directory of which nothing changed', async () => {
    await ada();
    const { made } = ldapConnections();
    folder.write('mapping.yaml', TITLE_AS_NICKNAME);
    await service.reload(load);
    await ada();

    expect(ldapConnections().made).toBe(made);
  });

  it('reads the bind password anew', async () => {
    await service.reload(() => load({ LDAP_PASSWORD: 'wrong' }));
    expect((await get()).status).toBe(503);
    await service.reload(load);

    expect((await get()).status).toBe(200);
  });

  it('says that a listener changes with a restart only, and changes the log level at once', async () => {
    folder.write('bridge.yaml', bridgeText(proxiedUrl(), { admin: '127.0.0.1:1' }).replace('format: 1', 'format: 1\nlog: error'));
    const { adminUrl } = service;
    await ada();
    await service.reload(load);
    expect(log.at(-1)).toMatchObject({ key: 'admin', msg: expect.stringContaining('after a restart only') });
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200);

    const lines = log.length;
    await ada();
    expect(log.slice(lines)).toEqual([]);
  });
});

describe('reloads under load', () => {
  it('lose no request and leave nothing behind', { timeout: 120_000 }, async () => {
    const first = new WeakRef(configurationOf(load()));
    await service.reload(() => ({ ...load(), ok: true, service: first.deref() ?? configurationOf(load()) }));
    const stopClients = startClients(String((await ada())['id']));
    const loaded: LoadedService[] = [];
    for (let reload = 0; reload < LOADS; reload += 1) {
      folder.write('mapping.yaml', reload % 2 === 0 ? TITLE_AS_NICKNAME : SHIPPED);
      // Now and then the connections are made anew too.
      folder.write('bridge.yaml', bridgeText(proxiedUrl()).replace('timeout: 5s', `timeout: ${10_000 + Math.floor(reload / 10)}ms`));
      loaded[reload % 4] = load();
      await nextRequest();
      await service.reload(() => loaded[reload % 4] ?? load());
      expect(service.lastReloadSuccessful).toBe(true);
    }
    for (let swap = 0; swap < SWAPS; swap += 1) {
      if (swap % 5 === 0) await nextRequest();
      await service.reload(() => loaded[swap % 4] ?? load());
    }

    expect(await stopClients()).toBeGreaterThan(LOADS);
    await expect.poll(() => ldapConnections().open).toBeLessThanOrEqual(4);
    await expect.poll(() => isGone(first)).toBe(true);
  });
});

/** Clients that read and write without a pause. @returns what ends them, and says how many of their requests were answered well */
function startClients(id: string): () => Promise<number> {
  const over = new AbortController();
  let answered = 0;
  const client = async (type: string) => {
    while (!over.signal.aborted) {
      expect(await ada()).toSatisfy(({ title, nickName }) => (title ?? nickName) === 'Countess');
      const answer = await fetch(`${service.url}/scim/v2/Users/${id}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' },
        body: JSON.stringify({ Operations: [{ op: 'replace', path: `phoneNumbers[type eq "${type}"].value`, value: String(answered) }] }),
      });
      const text = await answer.text();
      expect(answer.status, text).toBe(200);
      answered += 2;
    }
  };
  const clients = Promise.all(['work', 'mobile', 'fax'].map(client));
  clients.catch(() => undefined); // told when they are stopped
  return async () => {
    over.abort();
    await clients;
    return answered;
  };
}

function isGone(reference: WeakRef<object>): boolean {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return reference.deref() === undefined;
}
