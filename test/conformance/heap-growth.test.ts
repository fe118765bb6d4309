import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, type Running, startMain } from '../cli/support/run-main.ts';
import { type Inspector, inspect } from '../support/inspector.ts';
import { type OpenLdap, startOpenLdap } from '../support/openldap.ts';

const TOKEN = 'a-token-for-the-tests';
const MOST_GROWTH = 1.15;

let ldap: OpenLdap;
let folder: ConfigurationFolder;
let running: Running;
let inspector: Inspector;
let url: string;

beforeAll(async () => {
  ldap = await startOpenLdap();
  folder = makeConfigurationFolder(bridgeText(ldap.url));
  const env = { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN, NODE_OPTIONS: '--inspect=127.0.0.1:0' };
  running = startMain(['serve', '--config', folder.file], { env });
  const log = await vi.waitFor(
    () =>
      running
        .stdout()
        .split('\n')
        .find((line) => line.includes('"msg":"ready"')) ?? Promise.reject(new Error(running.stderr())),
    { timeout: 20_000 },
  );
  url = `${(JSON.parse(log) as { url: string }).url}/scim/v2`;
  inspector = await inspect(running.stderr());
});
afterAll(async () => {
  inspector.close();
  running.child.kill();
  await running.ended;
  folder.remove();
  await ldap.stop();
});

async function send(method: string, path: string, body?: object): Promise<{ readonly id: string }> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' };
  const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  expect(response.status, text).toBeLessThan(300);
  return text === '' ? { id: '' } : (JSON.parse(text) as { readonly id: string });
}

/** A life of a user: each is another one, so that whatever is kept for good of a user, a name or a filter piles up. */
async function live(name: string, group: string): Promise<void> {
  const { id } = await send('POST', '/Users', { userName: name, emails: [{ type: 'work', value: `${name}@example.org` }] });
  await send('GET', `/Users/${id}`);
  await send('GET', `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`);
  await send('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'title', value: name }] });
  await send('PATCH', `/Groups/${group}`, { Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] });
  await send('PATCH', `/Groups/${group}`, { Operations: [{ op: 'remove', path: 'members', value: [{ value: id }] }] });
  await send('GET', `/Users?count=2&filter=${encodeURIComponent(`userName sw "${name.slice(0, -1)}"`)}`);
  await send('DELETE', `/Users/${id}`);
}

async function lives(count: number, prefix: string, group: string): Promise<void> {
  for (let index = 0; index < count; index += 4) {
    await Promise.all([0, 1, 2, 3].map((lane) => live(`${prefix}${index + lane}`, group)));
  }
}

async function heapInUse(): Promise<number> {
  await inspector.call('HeapProfiler.collectGarbage');
  return ((await inspector.call('Runtime.getHeapUsage')) as { readonly usedSize: number }).usedSize;
}

it('holds no more memory after thousands of requests than after some', { timeout: 120_000 }, async () => {
  const { id: group } = await send('POST', '/Groups', { displayName: 'group' });
  await lives(80, 'warm-', group);
  const before = await heapInUse();
  await lives(320, 'more-', group);

  expect((await heapInUse()) / before).toBeLessThan(MOST_GROWTH);
});
