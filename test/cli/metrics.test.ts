import { mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LoadedService, loadService } from '../../src/cli/load-service.ts';
import { type Service, startService } from '../../src/cli/start-service.ts';
import { rawRequest, sendRaw } from '../http/support/raw-request.ts';
import { bridgeFile } from '../support/bridge-file.ts';
import { PREFIX, readMetrics } from '../support/metrics-reading.ts';
import { type OpenLdap, startOpenLdap } from '../support/openldap.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { type ConfigurationFolder, makeConfigurationFolder } from './support/run-main.ts';

const TOKEN = 'a-token-for-the-tests';
const SHIPPED = readFileSync('config/mappings/openldap.yaml', 'utf8');
const DIRECTORY = '    timeout: 2s\n    connections: 1';

let ldap: OpenLdap;
let proxy: TcpProxy;
let folder: ConfigurationFolder;
let service: Service | undefined;

beforeAll(async () => {
  ldap = await startOpenLdap();
  proxy = await startTcpProxy({ port: ldap.slapd.port });
});
beforeEach(() => {
  folder = makeConfigurationFolder(text());
});
afterEach(async () => {
  proxy.set({ kind: 'none' });
  await service?.stop();
  service = undefined;
  folder.remove();
});
afterAll(async () => {
  await proxy.close();
  await ldap.stop();
});

function text(options: Parameters<typeof bridgeFile>[1] = {}, url: string | readonly string[] = proxied()): string {
  return bridgeFile(url, { directory: DIRECTORY, ...options });
}

function proxied(): string {
  return `ldap://127.0.0.1:${proxy.port}`;
}

function load(): LoadedService {
  return loadService(folder.file, { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN });
}

async function start(bridge = text()): Promise<Service> {
  folder.write('bridge.yaml', bridge);
  const loaded = load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  service = await startService(loaded.service, pino({}, { write: () => undefined }));
  await expect.poll(() => sum('directory_ready'), { timeout: 10_000 }).toBe(1);
  return service;
}

async function sum(name: string, labels?: Record<string, string>): Promise<number> {
  return (await readMetrics(service?.adminUrl ?? '')).sum(name, labels);
}

/** What the numbers of some metric have risen by when the work is done. */
async function rise<T>(name: string, labels: Record<string, string>, work: () => Promise<T>): Promise<number> {
  const before = await sum(name, labels);
  await work();
  return (await sum(name, labels)) - before;
}

function send(method: string, path: string, body?: object, token = TOKEN): Promise<Response> {
  return fetch(`${service?.url}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

let made = 0;
async function createUser(): Promise<string> {
  made += 1;
  const answer = await send('POST', '/Users', { userName: `metrics-${made}` });
  const { id } = (await answer.json()) as { id: string };
  expect(answer.status).toBe(201);
  return id;
}

describe('requests', () => {
  it('are counted by tenant, route and status, with how long they took', async () => {
    await start();
    const id = await createUser();
    const labels = { tenant: 'contoso', route: 'GET /Users/:id' };
    expect(await rise('http_requests_total', { ...labels, status: '200' }, () => send('GET', `/Users/${id}`))).toBe(1);
    expect(await rise('http_requests_total', { ...labels, status: '404' }, () => send('GET', '/Users/nobody'))).toBe(1);
    expect(await rise('http_request_duration_seconds_count', labels, () => send('GET', `/Users/${id}`))).toBe(1);
    expect(
      await rise('http_requests_total', { tenant: 'contoso', route: 'POST /Users', status: '400' }, () => send('POST', '/Users', {})),
    ).toBe(1);
    expect(await rise('http_requests_total', { tenant: '', route: 'other', status: '404' }, () => fetch(`${service?.url}/other`))).toBe(1);
  });

  it('are counted while they are under way', async () => {
    await start();
    proxy.set({ kind: 'hold' });
    const slow = send('GET', '/Users?filter=userName eq "x"');
    await expect.poll(() => sum('http_requests_in_flight')).toBe(1);
    expect(await sum('ldap_requests_in_flight', { directory: 'corp' })).toBe(1);
    proxy.set({ kind: 'none' });
    expect((await slow).status).toBe(200);
    expect(await sum('http_requests_in_flight')).toBe(0);
  });

  it('without a valid credential are counted as such too', async () => {
    await start();
    expect(await rise('failed_sign_ins_total', { tenant: 'contoso' }, () => send('GET', '/Users', undefined, 'wrong'))).toBe(1);
    expect(await rise('failed_sign_ins_total', {}, () => send('GET', '/Users'))).toBe(0);
  });

  it('leave no label of their own making, whatever they ask for', async () => {
    const { url } = await start();
    const paths = ['/scim/v2/Users/', '/scim/v2/Groups/', '/scim/v2/Schemas/', '/scim/v2/', '/', '/scim/v2/Bulk/', '/scim/v2/Me/'];
    const methods = ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PROPFIND', 'PURGE', 'MKCOL', 'LOCK'];
    for (let each = 0; each < 200; each += 1) {
      const odd = each.toString(36).repeat(1 + (each % 9));
      const path = `${paths[each % paths.length]}${odd}${['', '%22%7D', '?x=1', '%0A', '/x/y', '.search', ':id'][each % 7]}`;
      const authorization = each % 3 === 0 ? [] : [`Authorization: Bearer ${each % 2 === 0 ? TOKEN : odd}`];
      await sendRaw({ url }, rawRequest(`${methods[each % methods.length]} ${path}`, `X-Request-Id: ${odd}`, ...authorization));
    }
    const { samples } = await readMetrics(service?.adminUrl ?? '');
    const values = (label: string) => new Set(samples.flatMap(({ labels }) => labels[label] ?? []));
    expect([...values('tenant')].toSorted()).toEqual(['', 'contoso']);
    expect(
      [...values('route')].filter((route) => !/^(?:other|(?:GET|DELETE|any) \/(?:Users|Groups|Schemas|Me|)(?:\/:id)?)$/.test(route)),
    ).toEqual([]);
    expect([...values('status')].filter((status) => !/^[245]\d\d$/.test(status))).toEqual([]);
    expect(values('route').size).toBeGreaterThan(4);
  });
});

describe('LDAP', () => {
  it('operations are counted by kind and result, with how long they took', async () => {
    await start();
    const add = { directory: 'corp', kind: 'add' };
    expect(await rise('ldap_operations_total', { ...add, result: 'success' }, createUser)).toBe(1);
    expect(await rise('ldap_operation_duration_seconds_count', add, createUser)).toBe(1);
    const twice = () => send('POST', '/Users', { userName: `metrics-${made}` });
    expect(await rise('ldap_operations_total', { directory: 'corp', kind: 'search', result: 'success' }, twice)).toBeGreaterThan(0);
  });

  it('requests that wait for a place are seen waiting, and counted by what came of it', async () => {
    await start();
    proxy.set({ kind: 'hold' });
    const many = Array.from({ length: 40 }, () => send('GET', '/Users?filter=userName eq "x"'));
    await expect.poll(() => sum('ldap_requests_waiting', { directory: 'corp' })).toBe(8);
    expect(await sum('ldap_requests_in_flight', { directory: 'corp' })).toBe(32);
    expect(
      await rise('ldap_waits_total', { outcome: 'served' }, () => {
        proxy.set({ kind: 'none' });
        return Promise.all(many);
      }),
    ).toBe(8);
    expect(await sum('ldap_wait_duration_seconds_count', { directory: 'corp' })).toBe(await sum('ldap_waits_total', { directory: 'corp' }));
  });

  it('connections that open, end and fail are counted, and readiness falls', async () => {
    await start();
    const server = { directory: 'corp', server: proxied() };
    expect(await sum('ldap_connection_events_total', { ...server, event: 'opened' })).toBe(1);
    expect(await sum('ldap_connections', { directory: 'corp' })).toBe(1);
    await ldap.slapd.kill('SIGTERM');
    await expect.poll(() => sum('ldap_connection_events_total', { ...server, event: 'lost' })).toBe(1);
    await expect.poll(() => sum('ldap_connection_events_total', { ...server, event: 'refused' })).toBeGreaterThan(0);
    expect(await sum('directory_ready', { directory: 'corp' })).toBe(0);
    await expect.poll(async () => (await send('GET', '/Users')).status, { timeout: 10_000 }).toBe(503);
    await ldap.slapd.restart();
    await expect.poll(() => sum('directory_ready', { directory: 'corp' }), { timeout: 10_000 }).toBe(1);
  });

  it('without an answer is its own result; what became of such a write is counted', async () => {
    await start();
    await createUser();
    const before = await sum('ldap_settled_writes_total', { outcome: 'done' });
    proxy.set({ kind: 'loseAnswerToWrite' });
    expect(await rise('ldap_operations_total', { kind: 'add', result: 'noAnswer' }, createUser)).toBe(1);
    await expect.poll(() => sum('ldap_settled_writes_total', { outcome: 'done' }), { timeout: 10_000 }).toBe(before + 1);
  });

  it('another server in charge is counted and named', async () => {
    await start(text({ directory: `${DIRECTORY}\n    writeFailover: 200ms` }, [proxied(), ldap.url]));
    expect(await sum('ldap_server_in_charge', { server: proxied() })).toBe(1);
    proxy.set({ kind: 'refuse' });
    proxy.resetAll();
    await expect.poll(() => sum('ldap_failovers_total', { directory: 'corp', reason: 'away' }), { timeout: 10_000 }).toBe(1);
    const { samples } = await readMetrics(service?.adminUrl ?? '');
    const inCharge = samples.filter(({ name }) => name.endsWith('server_in_charge'));
    expect(inCharge.map(({ labels, value }) => [labels['server'], value])).toEqual([[ldap.url, 1]]);
  });
});

describe('brakes', () => {
  it('show their budget, what was counted, that they hold, and how often', async () => {
    folder.write('mapping.yaml', `${SHIPPED}\nbrakes: { window: 1h, creates: 2, deletes: 50% }\n`);
    await start();
    const creates = { tenant: 'contoso', kind: 'creates' };
    expect([await sum('brake_budget', creates), await sum('brake_counted', creates), await sum('brake_tripped', creates)]).toEqual([
      2, 0, 0,
    ]);
    await createUser();
    await createUser();
    expect([await sum('brake_counted', creates), await sum('brake_tripped', creates)]).toEqual([2, 0]);
    const refused = () => send('POST', '/Users', { userName: 'one-too-many' });
    expect(await rise('brake_held_back_total', creates, async () => expect((await refused()).status).toBe(503))).toBe(1);
    expect([await sum('brake_tripped', creates), await sum('brakes_released')]).toEqual([1, 0]);
    await fetch(`${service?.adminUrl}/brakes/release`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    expect([await sum('brake_tripped', creates), await sum('brakes_released', { tenant: 'contoso' })]).toEqual([0, 1]);
  });

  it('that are a share of the users do not make the metrics wait for the directory', async () => {
    folder.write('mapping.yaml', `${SHIPPED}\nbrakes: { window: 1h, deletes: 50% }\n`);
    await start();
    proxy.set({ kind: 'hold' });
    const deletes = { tenant: 'contoso', kind: 'deletes' };
    const { samples } = await readMetrics(service?.adminUrl ?? '');
    expect(samples.filter(({ name }) => name.endsWith('brake_budget'))).toEqual([]);
    proxy.set({ kind: 'none' });
    await fetch(`${service?.adminUrl}/brakes`);
    expect(await sum('brake_budget', deletes)).toBeGreaterThan(0);
  });
});

describe('a reload', () => {
  it('that succeeds or fails is seen, and resets no counter', async () => {
    const running = await start();
    const began = Date.now() / 1000;
    expect(await sum('config_last_reload_successful')).toBe(1);
    expect(Math.abs((await sum('config_last_reload_success_timestamp_seconds')) - began)).toBeLessThan(60);
    await createUser();
    const created = await sum('http_requests_total', { route: 'POST /Users', status: '201' });
    const first = await sum('config_last_reload_success_timestamp_seconds');

    folder.write('bridge.yaml', text().replace('directory: corp', 'directory: crop'));
    await running.reload(load);
    expect(await sum('config_last_reload_successful')).toBe(0);
    expect(await sum('config_last_reload_success_timestamp_seconds')).toBe(first);
    expect(await sum('config_reloads_total', { result: 'failure' })).toBe(1);

    folder.write('bridge.yaml', text());
    await running.reload(load);
    expect(await sum('config_last_reload_successful')).toBe(1);
    expect(await sum('config_last_reload_success_timestamp_seconds')).toBeGreaterThan(first);
    expect(await sum('config_reloads_total', { result: 'success' })).toBe(1);
    expect(await sum('http_requests_total', { route: 'POST /Users', status: '201' })).toBe(created);
  });

  it('leaves no gauge of tenants and directories that are gone', async () => {
    const other = `  other:\n    urls: ${ldap.url}\n    bindDn: cn=bridge,dc=example,dc=org\n    bindPassword: { env: LDAP_PASSWORD }\n`;
    const second = `  fabrikam:\n    directory: other\n    mapping: mapping.yaml\n    auth: { tokens: [ { name: t, secret: { env: SCIM_TOKEN }, expires: 2999-01-01 } ] }\n`;
    folder.write('mapping.yaml', `${SHIPPED}\nbrakes: { window: 1h, creates: 100 }\n`);
    folder.write('bridge.yaml', text().replace('tenants:', `${other}tenants:`) + second);
    const loaded = load();
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
    service = await startService(loaded.service, pino({}, { write: () => undefined }));
    await expect.poll(() => sum('directory_ready')).toBe(2);
    const gaugesOf = async (label: string, value: string) =>
      (await readMetrics(service?.adminUrl ?? '')).samples
        .filter(({ name, labels }) => labels[label] === value && !/_(?:total|bucket|sum|count)$/.test(name))
        .map(({ name }) => name.replace(PREFIX, ''));
    expect(new Set(await gaugesOf('directory', 'other'))).toEqual(
      new Set(['directory_ready', 'ldap_connections', 'ldap_requests_in_flight', 'ldap_requests_waiting', 'ldap_server_in_charge']),
    );
    expect(new Set(await gaugesOf('tenant', 'fabrikam'))).toEqual(
      new Set(['brake_budget', 'brake_counted', 'brake_tripped', 'brakes_released', 'credential_expires_in_seconds']),
    );

    folder.write('bridge.yaml', text());
    await service.reload(load);
    expect(await gaugesOf('directory', 'other')).toEqual([]);
    expect(await gaugesOf('tenant', 'fabrikam')).toEqual([]);
    expect(await sum('directory_ready')).toBe(1);
  });
});

describe('the rest', () => {
  it('tokens that expire, by tenant and name', async () => {
    await start(text({ auth: '        - { name: next, secret: { env: SCIM_TOKEN }, expires: 2999-01-01 }' }));
    const { samples } = await readMetrics(service?.adminUrl ?? '');
    const expiring = samples.filter(({ name }) => name === 'scim_ldap_bridge_credential_expires_in_seconds');
    expect(expiring.map(({ labels }) => labels)).toEqual([{ what: 'token', tenant: 'contoso', credential: 'next' }]);
    expect(Math.abs((expiring[0]?.value ?? 0) - (Date.UTC(2999, 0, 1) - Date.now()) / 1000)).toBeLessThan(60);
  });

  it('audit records that could not be kept, and files that could not be reopened', async () => {
    const running = await start(text({ service: 'audit: { file: /dev/full }' }));
    expect(await rise('audit_failures_total', { reason: 'write' }, createUser)).toBe(1);
    mkdirSync(join(folder.path, 'audit'));
    folder.write('bridge.yaml', text({ service: 'audit: { file: audit/log }' }));
    await running.reload(load);
    rmSync(join(folder.path, 'audit'), { recursive: true });
    expect(await rise('audit_failures_total', { reason: 'reopen' }, () => running.reload(load))).toBe(1);
  });

  it('requests that are refused because the audit trail has no room', async () => {
    // What a full disk does to the reserve, a folder in its place does too.
    mkdirSync(join(folder.path, 'audit.log.reserve'));
    await start(text({ service: 'audit: { file: audit.log, required: true }' }));
    expect(await rise('audit_failures_total', { reason: 'full' }, () => send('POST', '/Users', {}))).toBe(1);
    rmdirSync(join(folder.path, 'audit.log.reserve'));
  });

  it('stand in the table of docs/monitoring.md, each with its labels', async () => {
    folder.write('mapping.yaml', `${SHIPPED}\nbrakes: { window: 1h, creates: 0 }\n`);
    await start(text({ auth: '        - { name: next, secret: { env: SCIM_TOKEN }, expires: 2999-01-01 }' }));
    await send('POST', '/Users', { userName: 'held-back' });
    await send('GET', '/Users', undefined, 'wrong');
    const { samples } = await readMetrics(service?.adminUrl ?? '');
    const found = new Map<string, string>();
    for (const { name, labels } of samples) {
      const own = name.replace(PREFIX, '').replace(/_seconds_(?:bucket|sum|count)$/, '_seconds');
      const names = Object.keys(labels).filter((label) => label !== 'le');
      if (!/^(?:process|nodejs)_/.test(own)) found.set(own, names.map((label) => `\`${label}\``).join(', '));
    }
    const [, page = ''] = /^## Metrics\n([^]*?)^## /m.exec(readFileSync('docs/monitoring.md', 'utf8')) ?? [];
    const rows = [...page.matchAll(/^\| `(\w+)` \|(.*?)\|/gm)].map(([, name = '', labels = '']) => [name, labels.trim()] as const);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(rows));
  });

  it('what runs, and how it does', async () => {
    await start();
    const { samples } = await readMetrics(service?.adminUrl ?? '');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(samples).toContainEqual({ name: 'scim_ldap_bridge_build_info', labels: { version, node: process.version }, value: 1 });
    const names = new Set(samples.map(({ name }) => name.replace(PREFIX, '')));
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds']) {
      expect(names).toContain(name);
    }
  });
});
