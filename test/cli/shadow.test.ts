import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import { compileMapping } from '../../src/mapping/compile.ts';
import { createUser, findIds, patch, snapshot } from '../provisioning/support/requests.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { sendFirstCycle } from '../support/first-cycle.ts';
import { generateDirectory } from '../support/generated-directory.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { bridgeText, makeConfigurationFolder, runMain } from './support/run-main.ts';

let bridge: Bridge;
let state: string;

const person = (uid: string, more = '') =>
  `dn: uid=${uid},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\n${more}`;
const set = (path: string, value: unknown) => ({ op: 'replace', path, value });
const SHADOW = /^nothing is written yet, by the operator's decision \(mode in bridge\.yaml\); /;

function start(tenant: string): void {
  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-shadow-'));
    bridge = await startBridge({ tenant, service: `stateDirectory: ${state}`, logsOperations: true, configure: withoutUnique });
  });
  afterEach(() => bridge.ldap.reset());
  afterAll(async () => {
    await bridge.stop();
    rmSync(state, { recursive: true });
  });
}

/** An address in two entries is what a directory that is kept by hand has. */
function withoutUnique(text: string): string {
  return text.replace(/^overlay +unique\n(unique_.*\n)*/m, '');
}

async function report(...options: readonly string[]): Promise<string> {
  const folder = makeConfigurationFolder(bridgeText(bridge.ldap.url).replace(/^directories:/m, `stateDirectory: ${state}\n$&`));
  try {
    const { code, stdout, stderr } = await runMain(['shadow', 'report', ...options, '--config', folder.file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  } finally {
    folder.remove();
  }
}

describe('mode: shadow', () => {
  start('    mode: shadow');

  test('reads are answered truly; no way of writing writes, each is told 503 and recorded once, without secrets', async () => {
    await bridge.ldap.adminAdd(`${person('ada')}\n${person('bob')}`);
    const [ada = ''] = await findIds(bridge, 'Users', 'userName eq "ada"');
    const [bob = ''] = await findIds(bridge, 'Users', 'userName eq "bob"');
    const before = await snapshot(bridge);
    await bridge.ldap.mark();
    const attempts = [
      () => bridge.send('POST', '/Users', { userName: 'eve', password: 'Very-Secret-1' }),
      () => patch(bridge, `/Users/${ada}`, set('title', 'Countess')),
      () => patch(bridge, `/Users/${ada}`, set('userName', 'countess')),
      () => bridge.send('PUT', `/Users/${bob}`, { userName: 'bob', title: 'x', password: 'Very-Secret-2' }),
      () => bridge.send('DELETE', `/Users/${bob}`),
      () => bridge.send('POST', '/Groups', { displayName: 'staff', members: [{ value: ada }] }),
      () => bridge.send('POST', '/Users', { userName: 'Ada' }),
    ];
    for (const attempt of [...attempts, ...attempts]) {
      const { status, body, headers } = await attempt();
      expect({ status, retryAfter: headers.get('Retry-After'), location: headers.get('Location') }).toEqual({
        status: 503,
        retryAfter: '2400',
        location: null,
      });
      expect(body.detail).toMatch(SHADOW);
    }
    const bulk = await bridge.send('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [{ method: 'DELETE', path: `/Users/${ada}` }],
    });
    expect(bulk.body.Operations).toMatchObject([{ status: '503' }]);

    expect(await snapshot(bridge)).toEqual(before);
    expect((await bridge.ldap.operations()).filter(({ kind }) => kind !== 'SRCH')).toEqual([]);
    expect((await bridge.send('GET', `/Users/${ada}`)).body.title).toBeUndefined();
    expect((await patch(bridge, `/Users/${ada}`, set('userName', 'ada'))).status).toBe(200);

    const { requests } = JSON.parse(await report('--json'));
    expect(requests.map(({ method, status }: { method: string; status: number }) => `${method} ${status}`)).toEqual([
      'POST 201',
      'PATCH 200',
      'PATCH 200',
      'PUT 200',
      'DELETE 204',
      'POST 201',
      'POST 409',
      'DELETE 204',
    ]);
    const ldif = await report('--ldif');
    expect(ldif).toContain(`dn: uid=ada,${PEOPLE}\nchangetype: modify\nadd: title\ntitle: Countess\n`);
    expect(ldif).toContain(`dn: uid=ada,${PEOPLE}\nchangetype: modrdn\nnewrdn: uid=countess\n`);
    expect(await report()).toMatch(/^What 8 requests to tenant contoso would have done, none of which was carried out\.\n/);
    const file = join(state, 'shadow', 'contoso.jsonl');
    expect(readFileSync(file, 'utf8')).not.toContain('Very-Secret');
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test('a whole cycle leaves a report of what it would have done', async () => {
    const { ldif, input, expected } = generateDirectory(100);
    await bridge.ldap.adminAdd(ldif);
    const reading = readMappingFile('config/mappings/openldap.yaml');
    const compiled = reading.ok ? compileMapping(reading.file, reading.source) : reading;
    if (!compiled.ok) throw new Error('the shipped mapping compiles');
    const before = await snapshot(bridge);
    const answers = await sendFirstCycle((...request) => bridge.send(...request), compiled.plan, input, {
      users: ['userName'],
      groups: ['displayName'],
    });
    expect(answers).toEqual({ 503: input.length });
    expect(await snapshot(bridge)).toEqual(before);
    const ldifOfAll = await report('--ldif');
    expect(ldifOfAll.match(/^title: Director$/gm)).toHaveLength(expected.titles);
    expect(ldifOfAll.match(/^dn: uid=new\d+,/gm)).toHaveLength(expected.created);
    expect(await report()).toContain(`POST    /scim/v2/Groups  409     displayName: belongs to a Group that was not created here`);
  });
});

describe('mode: canary', () => {
  start(`    mode: canary\n    canary: { users: 'userName sw "pilot" and not (title eq "Chief")' }`);

  test('writes whoever matches as they are, and new ones as they would be; the others are shadows', async () => {
    const pilot = await createUser(bridge, { userName: 'pilot-1' });
    await bridge.ldap.adminAdd(
      `${person('ada')}\n${person('pilot-2', 'title: Chief\n')}\ndn: cn=pilots,${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: pilots\nmember: cn=nobody,dc=example,dc=org\n`,
    );
    expect((await patch(bridge, `/Users/${pilot}`, set('title', 'x'))).body.title).toBe('x');
    const idOf = async (endpoint: 'Users' | 'Groups', filter: string) => (await findIds(bridge, endpoint, filter))[0] ?? '';
    const [ada, chief] = [await idOf('Users', 'userName eq "ada"'), await idOf('Users', 'userName eq "pilot-2"')];
    const group = await idOf('Groups', 'displayName eq "pilots"');
    const before = await snapshot(bridge);
    for (const attempt of [
      () => bridge.send('POST', '/Users', { userName: 'eve' }),
      () => patch(bridge, `/Users/${ada}`, set('userName', 'pilot-ada')),
      () => patch(bridge, `/Users/${chief}`, set('title', 'x')),
      () => bridge.send('DELETE', `/Users/${ada}`),
      () => patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: pilot }] }),
    ]) {
      const { status, body } = await attempt();
      expect([status, body.detail]).toEqual([503, expect.stringMatching(SHADOW)]);
    }
    expect(await snapshot(bridge)).toEqual(before);
    // What is refused in either case is told as it is.
    expect((await bridge.send('POST', '/Users', { userName: 'ADA' })).status).toBe(409);
    expect((await bridge.send('DELETE', `/Users/${pilot}`)).status).toBe(204);
    expect(JSON.parse(await report('--json')).requests).toHaveLength(5);
  });
});

test('a mode that cannot be meant is told', async () => {
  const folder = makeConfigurationFolder(bridgeText('ldap://127.0.0.1:1'));
  const check = async (lines: string) => {
    folder.write('bridge.yaml', bridgeText('ldap://127.0.0.1:1').replace(/^ {4}mapping:/m, `${lines}\n$&`));
    const { code, stderr } = await runMain(['check', '--config', folder.file]);
    return { code, stderr };
  };
  try {
    expect(await check('    mode: canary')).toMatchObject({ code: 78, stderr: expect.stringContaining('error: whom may it write?') });
    expect(await check(`    canary: { users: 'userName pr' }`)).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('it counts with mode: canary only'),
    });
    const wrong = await check(`    mode: canary\n    canary: { users: 'usrName sw "pilot"' }`);
    expect(wrong).toMatchObject({ code: 78, stderr: expect.stringContaining('a SCIM filter, such as userName sw "pilot"') });
    expect((await check('    mode: shadow')).code).toBe(0);
  } finally {
    folder.remove();
  }
});
