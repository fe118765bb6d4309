import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../../src/cli/demo/free-port.ts';
import { type Running, startMain } from '../../cli/support/run-main.ts';
import { bridgeFile } from '../../support/bridge-file.ts';
import { type OpenLdap, PEOPLE, startOpenLdap } from '../../support/openldap.ts';
import { commandsToRun } from '../support/how-commands-are-run.ts';
import { runScript } from '../support/run-script.ts';

const TOKEN = 'a-token-for-the-pages';

/** Where the pages' files and addresses are here: a folder of our own, a slapd with somebody in it, a daemon in front of it. */
let folder: string;
let ldap: OpenLdap;
let daemon: Running;
let places: readonly (readonly [written: string, here: string])[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-pages-'));
  ldap = await startOpenLdap({ ldif: `dn: uid=ada,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ada\ncn: Ada\nsn: Lovelace\n` });
  const [listen, admin] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  for (const name of ['etc', 'log', 'state', 'bin']) mkdirSync(join(folder, name));
  places = [
    ['entra-2026', 'tests'],
    ['https://scim.example.org', `http://${listen}`],
    ['127.0.0.1:9464', admin],
    ['/etc/scim-ldap-bridge', join(folder, 'etc')],
    ['/var/log/scim-ldap-bridge', join(folder, 'log')],
    ['/var/lib/scim-ldap-bridge', join(folder, 'state')],
  ];
  const shipped = readFileSync('config/mappings/openldap.yaml', 'utf8');
  writeFileSync(join(folder, 'etc/mapping.yaml'), `brakes: { window: 1h, deletes: 10 }\n${shipped}`);
  const service = `stateDirectory: ${folder}/state\naudit: { file: ${folder}/log/audit.log }\n`;
  writeFileSync(join(folder, 'etc/bridge.yaml'), bridgeFile(ldap.url, { listen, admin, service }));
  // what the packaged program is to the reader: in PATH, with its configuration in its usual place
  const wrapper = `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${resolve('src/main.ts')}' "$@"\n`;
  writeFileSync(join(folder, 'bin/scim-ldap-bridge'), wrapper, { mode: 0o755 });
  mkdirSync(join(folder, 'config'));
  for (const name of ['bridge.yaml', 'mapping.yaml']) copyFileSync(join(folder, 'etc', name), join(folder, 'config', name));

  writeFileSync(join(folder, 'users.csv'), 'userPrincipalName,displayName,jobTitle,accountEnabled\nada,Ada Lovelace,Countess,True\n');
  writeFileSync(join(folder, 'everything.jsonl'), `${JSON.stringify({ userName: 'grace', displayName: 'Grace Hopper' })}\n`);

  daemon = startMain(['serve', '--config', join(folder, 'etc/bridge.yaml')], {
    env: { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN },
  });
  await vi.waitUntil(() => daemon.stdout().includes('connected to the directory'), { timeout: 30_000 });
  const response = await fetch(`http://${listen}/scim/v2/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json', 'x-request-id': '7f1c-of-the-pages' },
    body: JSON.stringify({ userName: 'ada.king' }),
  });
  expect(response.status).toBe(201);
}, 60_000);
afterAll(async () => {
  daemon?.child.kill('SIGTERM');
  await daemon?.ended;
  await ldap?.stop();
  rmSync(folder, { recursive: true });
});

describe.each(commandsToRun())('$page', ({ commands }) => {
  test.each(commands)('%s', async (command) => {
    const here = places.reduce((text, [written, place]) => text.replaceAll(written, place), command);
    const env = {
      PATH: `${folder}/bin:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      TOKEN,
      LDAP_PASSWORD: ldap.bindPassword,
      SCIM_TOKEN: TOKEN,
    };
    expect(await runScript(here, { cwd: folder, env })).toMatchObject({ code: 0 });
  });
});
