import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ExplainOptions, explain } from '../../src/cli/explain.ts';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import { assumeFacts } from '../../src/explain/assumed-directory.ts';
import { parseLdif } from '../../src/ldap/parse-ldif.ts';
import { recordingLog } from '../support/directory-log.ts';
import { type OpenLdap, startOpenLdap } from '../support/openldap.ts';
import { captureOutput } from './support/capture-output.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

let folder: ConfigurationFolder;

beforeEach(() => {
  folder = makeConfigurationFolder(bridgeText('ldap://127.0.0.1:1'));
});
afterEach(() => folder.remove());

function run(method: string, target: string, options: Partial<ExplainOptions> = {}) {
  return captureOutput(() => explain(folder.file, { method, target, online: false, json: false, ...options }));
}

function write(name: string, content: string | object): string {
  folder.write(name, typeof content === 'string' ? content : JSON.stringify(content));
  return `${folder.path}/${name}`;
}

function shippedMapping(): string {
  return readFileSync(`${folder.path}/mapping.yaml`, 'utf8');
}

const MARA = `dn: uid=mara,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: mara
cn: Mara Wolf
sn: Wolf
`;

const SECRET = 'Tr0ub4dor&3';
const newHire = { userName: 'ada', name: { familyName: 'Lovelace' }, password: SECRET, active: false };

describe('explain without network', () => {
  it('says what a request would do, as LDIF with the mapping line behind each value', async () => {
    const { code, stdout, stderr } = await run('POST', '/Users', { body: write('body.json', newHire) });

    expect([code, stderr]).toEqual([0, '']);
    expect(parseLdif(stdout)).toMatchObject([{ kind: 'add', dn: 'uid=ada,ou=people,dc=example,dc=org' }, { kind: 'modify' }]);
    expect(stdout).toMatch(/^# .*mapping\.yaml:\d+ userName\nuid: ada$/m);
    expect(stdout).toMatch(/^# .*mapping\.yaml:\d+ generated cn\ncn: ada$/m);
    expect(stdout).toContain("# 1. ldapsearch -b 'ou=people,dc=example,dc=org' -s sub '(&(objectClass=inetOrgPerson)(uid=ada))' entryUUID");
    expect(stdout).toContain('# Answer: 201\n');
  });

  it('shows no password, as text or as JSON, whatever the method', async () => {
    const body = write('body.json', newHire);
    const answers = [await run('POST', '/Users', { body }), await run('POST', '/Users', { body, json: true })];
    folder.write('mapping.yaml', shippedMapping().replace('method: passwordModify', 'method: plain'));
    answers.push(await run('POST', '/Users', { body }), await run('POST', '/Users', { body, json: true }));

    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    for (const { stdout, stderr } of answers) expect(`${stdout}${stderr}`).not.toContain(SECRET);
    expect(answers[2]?.stdout).toContain('userPassword: ********\n');
  });

  it('takes what is there from LDIF; {id} is the first entry', async () => {
    const body = write('body.json', { Operations: [{ op: 'replace', path: 'active', value: 'False' }] });
    const { stdout } = await run('PATCH', '/scim/v2/Users/{id}', { body, entry: write('entry.ldif', MARA) });

    expect(parseLdif(stdout)).toEqual([
      {
        kind: 'modify',
        dn: 'uid=mara,ou=people,dc=example,dc=org',
        modifications: [{ operation: 'replace', attribute: 'pwdAccountLockedTime', values: ['000001010000Z'] }],
      },
    ]);
  });

  it('names what it takes for granted', async () => {
    folder.write('mapping.yaml', shippedMapping().replace('title:                                     title', 'title: acmeTitle'));
    const { stdout } = await run('POST', '/Users', { body: write('body.json', { ...newHire, title: 'Countess' }) });

    expect(stdout).toContain('# Not in that schema, so taken for text of any number of values: acmeTitle\n');
    expect(stdout).toContain('# Answer: 400\n');
  });

  it('prints for machines', async () => {
    const { stdout } = await run('DELETE', '/Users/{id}', { entry: write('entry.ldif', MARA), json: true });
    const { operations, answer } = JSON.parse(stdout);

    expect(answer.status).toBe(204);
    expect(operations[1]).toMatchObject({ kind: 'delete', dn: 'uid=mara,ou=people,dc=example,dc=org' });
  });

  it.each([
    ['a path without slash', 'GET', 'Users', {}, /begins with a slash/],
    ['a method that is none', '/Users', '/Users', {}, /no HTTP method/],
    ['a tenant that is not there', 'GET', '/Users', { tenant: 'fabrikam' }, /there is: contoso/],
    ['two sources of entries', 'GET', '/Users', { online: true, entry: 'x.ldif' }, /not both/],
    ['a body that is not there', 'POST', '/Users', { body: '/nowhere.json' }, /cannot be read/],
  ])('says 64 for %s', async (_what, method, target, options, message) => {
    const { code, stdout, stderr } = await run(method, target, options);

    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(message);
  });

  it('says 64 and the line for LDIF that is none', async () => {
    const { code, stderr } = await run('GET', '/Users', { entry: write('entry.ldif', 'dn: cn=x\ncn x\n') });

    expect([code, stderr]).toEqual([64, `${folder.path}/entry.ldif:2: expected a name, a colon and a value\n`]);
  });

  it('says 78 for a configuration that is wrong', async () => {
    folder.write('mapping.yaml', 'format: 1\n');
    const { code, stderr } = await run('GET', '/Users');

    expect([code, stderr]).toEqual([78, expect.stringContaining('"users" is missing')]);
  });

  it('is a command', async () => {
    expect((await runMain(['explain', 'GET'])).code).toBe(64);
    expect((await runMain(['explain', 'GET', '/Users', 'more'])).code).toBe(64);
    const { code, stdout } = await runMain(['explain', 'GET', '/Users?filter=userName eq "ada"', '--config', folder.file]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('(uid=ada)')]);
  });
});

describe('explain --online', () => {
  let ldap: OpenLdap;
  beforeAll(async () => {
    ldap = await startOpenLdap({ logsOperations: true });
    await ldap.adminAdd(MARA);
    process.env['LDAP_PASSWORD'] = ldap.bindPassword;
    process.env['SCIM_TOKEN'] = 'unused';
  });
  afterAll(async () => {
    delete process.env['LDAP_PASSWORD'];
    delete process.env['SCIM_TOKEN'];
    await ldap.stop();
  });

  it('asks the directory, shows what would be written, and writes nothing', async () => {
    folder.write('bridge.yaml', bridgeText(ldap.url));
    const [mara] = await ldap.adminSearch('ou=people,dc=example,dc=org', '(uid=mara)', ['entryUUID']);
    const body = write('body.json', { Operations: [{ op: 'replace', path: 'userName', value: 'mara2' }] });
    await ldap.mark();
    const { code, stdout } = await run('PATCH', `/Users/${String(mara?.attributes.get('entryuuid')?.[0])}`, { body, online: true });

    expect([code, parseLdif(stdout)]).toEqual([0, [{ kind: 'rename', dn: 'uid=mara,ou=people,dc=example,dc=org', newRdn: 'uid=mara2' }]]);
    expect(stdout).toContain('"userName": "mara2"');
    const kinds = (await ldap.operations()).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['SRCH']));
  });

  it('assumes without it what a slapd says of its schema', async () => {
    const options = { urls: [ldap.url], bindDn: ldap.bindDn, bindPassword: ldap.bindPassword, timeoutMs: 10_000, connections: 1 };
    const directory = connectDirectory(options, recordingLog());
    try {
      const { schema, ...facts } = await directory.facts();
      const { schema: assumed, unknownNames, ...rest } = assumeFacts('openldap');
      // The overlay sssvlv sorts; without a directory the bridge does.
      expect(rest).toEqual({ ...facts, supportsSorting: false });
      // Where both are shipped, RFC 2307bis is assumed and not the nis schema of this server.
      const bis = readFileSync('config/schema/rfc2307bis.schema', 'utf8');
      const isCompared = ({ names: [name = ''] }: { readonly names: readonly string[] }) =>
        !name.startsWith('olc') && !bis.includes(`'${name}'`);
      for (const type of schema.attributeTypes.filter(isCompared)) {
        // Of our own definitions, which slapd reads too, the file spells the OID by its macro.
        expect(assumed.attributeType(type.names[0] ?? type.oid)).toEqual({ ...type, oid: expect.any(String) });
      }
      for (const found of schema.objectClasses.filter(isCompared)) {
        const name = found.names[0] ?? found.oid;
        expect(assumed.objectClass(name)).toEqual({ ...found, oid: expect.any(String), superiors: expect.anything() });
      }
      expect(unknownNames()).toEqual([]);
    } finally {
      await directory.close();
    }
  });

  it('says 69 when the directory does not answer', async () => {
    const { code, stdout, stderr } = await run('GET', '/Users', { online: true });

    expect([code, stdout]).toEqual([69, '']);
    expect(stderr).toMatch(/the directory corp cannot be asked: /);
  });
});
