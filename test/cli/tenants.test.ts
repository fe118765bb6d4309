import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadService } from '../../src/cli/load-service.ts';
import { type Service, startService } from '../../src/cli/start-service.ts';
import { DISABLED, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { refuseSecretsIn } from '../support/secret-scanner.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder } from './support/run-main.ts';

/** Two tenants with one mapping file, and one with its own: another branch, other lines. */
const TENANTS = `  fabrikam:
    directory: corp
    mapping: mapping.yaml
    auth: { tokens: [{ name: tests, secret: { env: FABRIKAM_TOKEN } }] }
  northwind:
    directory: corp
    mapping: northwind.yaml
    auth: { tokens: [{ name: tests, secret: { env: NORTHWIND_TOKEN } }] }
`;
const TOKENS = { SCIM_TOKEN: 'of contoso', FABRIKAM_TOKEN: 'of fabrikam', NORTHWIND_TOKEN: 'of northwind' };
const PATHS = { contoso: '/scim/v2', fabrikam: '/fabrikam/scim/v2', northwind: '/northwind/scim/v2' };

type TenantName = keyof typeof PATHS;

let ldap: OpenLdap;
let folder: ConfigurationFolder;
let service: Service;
const log: string[] = [];

beforeAll(async () => {
  ldap = await startOpenLdap();
  folder = makeConfigurationFolder(bridgeText(ldap.url) + TENANTS);
  const northwind = readFileSync('config/mappings/openldap.yaml', 'utf8')
    .replace(/^examples:[^]*/m, '')
    .replace(`base: ${PEOPLE}`, `base: ${DISABLED}`)
    .replace(/^ {4}title: .*$/m, '    nickName: title');
  folder.write('northwind.yaml', northwind);
  const loaded = loadService(folder.file, { LDAP_PASSWORD: ldap.bindPassword, ...TOKENS });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  service = await startService(loaded.service, pino({}, { write: (line: string) => void log.push(line) }));
});
afterAll(async () => {
  await service.stop();
  folder.remove();
  await ldap.stop();
  refuseSecretsIn(log, new Set([ldap.bindPassword, ...Object.values(TOKENS)]));
});

async function send(tenant: TenantName, method: string, path: string, body?: object, token = `of ${tenant}`) {
  const response = await fetch(`${service.url}${PATHS[tenant]}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse((await response.text()) || 'null') };
}

describe('several tenants', () => {
  it('with one mapping file see the same resources, each under its own address', async () => {
    const { status, body } = await send('contoso', 'POST', '/Users', {
      userName: 'ada',
      name: { familyName: 'Lovelace' },
      title: 'Countess',
    });
    expect([status, body.meta.location]).toEqual([201, `https://scim.example.org/scim/v2/Users/${body.id}`]);

    const seen = await send('fabrikam', 'GET', `/Users/${body.id}`);
    expect(seen.body).toEqual({ ...body, meta: { ...body.meta, location: `https://scim.example.org/fabrikam/scim/v2/Users/${body.id}` } });
    const changed = await send('fabrikam', 'PATCH', `/Users/${body.id}`, { Operations: [{ op: 'replace', path: 'title', value: 'Lady' }] });
    expect([changed.status, (await send('contoso', 'GET', `/Users/${body.id}`)).body.title]).toEqual([200, 'Lady']);
  });

  it('with mapping files of their own see their own branch and attributes, and reach nothing of the others', async () => {
    const { body: bob } = await send('northwind', 'POST', '/Users', {
      userName: 'bob',
      name: { familyName: 'B' },
      nickName: 'Bobby',
      title: 'x',
    });
    expect([bob.nickName, bob.title]).toEqual(['Bobby', undefined]);
    expect((await ldap.adminSearch(DISABLED, '(uid=bob)', ['title'])).map(({ dn }) => dn)).toEqual([`uid=bob,${DISABLED}`]);

    const filter = '/Users?filter=userName eq "bob"';
    expect((await send('northwind', 'GET', filter)).body.totalResults).toBe(1);
    expect((await send('contoso', 'GET', filter)).body.totalResults).toBe(0);
    for (const method of ['GET', 'DELETE']) expect((await send('contoso', method, `/Users/${bob.id}`)).status).toBe(404);
    const { body: schemas } = await send('northwind', 'GET', '/Schemas');
    const [user] = schemas.Resources as { attributes: { name: string }[] }[];
    expect(user?.attributes.map(({ name }) => name)).toEqual(expect.arrayContaining(['nickName']));
    expect(user?.attributes.map(({ name }) => name)).not.toContain('title');
  });

  it('open to their own tokens only', async () => {
    for (const tenant of ['contoso', 'fabrikam', 'northwind'] as const) {
      for (const token of Object.values(TOKENS)) {
        const { status } = await send(tenant, 'GET', '/Users?count=0', undefined, token);
        expect([tenant, token, status]).toEqual([tenant, token, token === `of ${tenant}` ? 200 : 401]);
      }
    }
  });

  it("do not take another tenant's cursor", async () => {
    await send('contoso', 'POST', '/Users', { userName: 'eve', name: { familyName: 'E' } });
    const { body } = await send('contoso', 'GET', '/Users?cursor=&count=1');
    expect(body.nextCursor).toMatch(/./);

    expect((await send('contoso', 'GET', `/Users?cursor=${body.nextCursor}&count=1`)).status).toBe(200);
    const refused = await send('fabrikam', 'GET', `/Users?cursor=${body.nextCursor}&count=1`);
    expect([refused.status, refused.body.scimType]).toEqual([400, 'invalidCursor']);
  });
});
