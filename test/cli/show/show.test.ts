import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type ShowOptions, show } from '../../../src/cli/show/show.ts';
import { captureOutput } from '../support/capture-output.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from '../support/run-main.ts';

const MAPPING = `format: 1
users:
  base: ou=people,dc=example,dc=org
  placement: [{ when: userType eq "Contractor", base: 'ou=contractors,dc=example,dc=org' }]
  filter: (objectClass=inetOrgPerson)
  id: entryUUID
  rdn: uid
  objectClass: [top, inetOrgPerson]
  attributes:
    userName: { ldap: uid, required: true, transform: 'stripSuffix "@example.org"' }
    userType: { ldap: employeeType, values: { Employee: E, Contractor: C } }
    emails[type eq "work"].value: mail
    emails[type eq "work"].primary: { constant: true }
    urn:example:scim:schemas:extension:acme:2.0:User:badge: { ldap: carLicense, mutability: immutable }
    groups: { ldap: memberOf, refersTo: groups, mutability: readOnly }
    active: { ldap: nsAccountLock, inactive: 'TRUE' }
    password: { ldap: userPassword, method: plain }
  generated:
    cn: ['{displayName}', '{userName}']
    sn: { template: '{userName}', write: once }
groups:
  - when: displayName sw "app-"
    base: ou=apps,dc=example,dc=org
    filter: (objectClass=groupOfUniqueNames)
    id: entryUUID
    rdn: cn
    objectClass: [top, groupOfUniqueNames]
    attributes:
      displayName: cn
      members: { ldap: uniqueMember, refersTo: users, whenEmpty: 'cn=nobody,dc=example,dc=org' }
  - base: ou=groups,dc=example,dc=org
    filter: (objectClass=groupOfNames)
    id: entryUUID
    rdn: cn
    objectClass: [top, groupOfNames]
    attributes:
      displayName: cn
schemas:
  urn:example:scim:schemas:extension:acme:2.0:User:
    extends: User
    attributes: { badge: { type: string } }
unknown: reject
protected: { below: ['cn=admins,dc=example,dc=org'] }
examples:
  - { name: looked up, request: 'GET /Users?count=0', search: (objectClass=inetOrgPerson) }
`;

const HASH = '0123456789abcdef'.repeat(4);

let folder: ConfigurationFolder | undefined;

afterEach(() => {
  folder?.remove();
  folder = undefined;
});

/** A tenant beside `contoso`. */
function tenantText(name: string, mapping: string): string {
  return `  ${name}: { directory: corp, mapping: ${mapping}, auth: { tokens: [{ name: t, hash: 'sha256:${HASH}' }] } }\n`;
}

async function shown(options: ShowOptions = {}, tenants = ''): Promise<string> {
  folder = makeConfigurationFolder(bridgeText('ldaps://ldap.example.org') + tenants);
  folder.write('mapping.yaml', MAPPING);
  const { file } = folder;
  const { code, stdout, stderr } = await captureOutput(() => show(file, options));
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** The cells of a row, by its first one. */
function row(text: string, name: string): readonly string[] | undefined {
  const line = text.split('\n').find((each) => each.trimStart().startsWith(`${name}  `));
  return line?.trim().split(/ {2,}/);
}

describe('show', () => {
  it.each([
    ['userName', '<->', 'uid', 'text', 'readWrite', 'transform: stripSuffix "@example.org", required'],
    ['userType', '<->', 'employeeType', 'text', 'readWrite', 'values: { Employee: E, Contractor: C }'],
    ['emails[type eq "work"].value', '<->', 'mail', 'text', 'readWrite'],
    ['emails[type eq "work"].primary', '<-', 'constant', 'readWrite', 'constant: true'],
    ['urn:example:scim:schemas:extension:acme:2.0:User:badge', '<->', 'carLicense', 'text', 'immutable'],
    ['groups', '<-', 'memberOf', 'reference', 'readOnly', 'refersTo: [groups], unresolved: reject'],
    ['active', '<->', 'nsAccountLock', 'state', 'readWrite', 'inactive: TRUE'],
    ['password', '->', 'userPassword', 'password', 'writeOnly', 'method: plain, returned: never'],
    ['{displayName} | {userName}', '->', 'cn', 'generated', 'write: always'],
    ['{userName}', '->', 'sn', 'generated', 'write: once'],
    ['members', '<->', 'uniqueMember', 'reference', 'readWrite', expect.stringContaining("whenEmpty: 'cn=nobody,dc=example,dc=org'")],
  ])('says how %s is mapped', async (name, ...cells) => {
    expect(row(await shown(), name)).toEqual([name, ...cells]);
  });

  it('says where entries are, which ones, and what holds for all of them', async () => {
    const text = await shown();

    expect(row(text, 'listen')).toEqual(['listen', '127.0.0.1:0']);
    expect(row(text, 'urls')).toEqual(['urls', 'ldaps://ldap.example.org']);
    expect(row(text, 'timeout')).toEqual(['timeout', '5s']);
    expect(row(text, 'base')).toEqual(['base', 'ou=people,dc=example,dc=org']);
    expect(row(text, 'placement')?.[1]).toBe('{ when: userType eq "Contractor", base: \'ou=contractors,dc=example,dc=org\' }');
    expect(row(text, 'filter')).toEqual(['filter', '(objectClass=inetOrgPerson)']);
    expect(row(text, 'when')).toEqual(['when', 'displayName sw "app-"']);
    expect(row(text, 'unknown')).toEqual(['unknown', 'reject']);
    expect(row(text, 'protected')).toEqual(['protected', "{ below: ['cn=admins,dc=example,dc=org'], matching: none }"]);
    expect(row(text, 'examples')).toEqual(['examples', 'looked up']);
    expect(text.match(/^ {2}(User|Group)$/gm)).toEqual(['  User', '  Group', '  Group']);
  });

  it('--json says the same to programs', async () => {
    const { service, directories, tenants, mappings } = JSON.parse(await shown({ json: true }));

    expect(service).toMatchObject({ listen: '127.0.0.1:0', publicUrl: 'https://scim.example.org' });
    expect(directories).toMatchObject({ corp: { bindPassword: { env: 'LDAP_PASSWORD' }, timeout: '5s' } });
    expect(tenants).toMatchObject({ contoso: { path: '/scim/v2', mapping: `${folder?.path}/mapping.yaml` } });
    const { resources, settings } = mappings[`${folder?.path}/mapping.yaml`];
    expect(settings).toMatchObject({ unknown: 'reject', schemas: ['urn:example:scim:schemas:extension:acme:2.0:User'] });
    expect(resources.map(({ resourceType }: { resourceType: string }) => resourceType)).toEqual(['User', 'Group', 'Group']);
    expect(resources[0].attributes[0]).toEqual({
      scim: 'userName',
      ldap: 'uid',
      direction: '<->',
      kind: 'text',
      mutability: 'readWrite',
      details: { transform: 'stripSuffix "@example.org"', required: true },
    });
    expect(resources[0].generated[0]).toMatchObject({ ldap: 'cn', templates: ['{displayName}', '{userName}'] });
  });

  it('--schemas shows what clients see, and only that', async () => {
    const text = await shown({ schemas: true });

    expect(text).toContain('tenant contoso: https://scim.example.org/scim/v2/Schemas');
    expect(row(text, 'userName')).toEqual(['userName', 'string', 'readWrite', 'default', 'server', 'required']);
    expect(row(text, 'badge')).toEqual(['badge', 'string', 'immutable', 'default', 'none']);
    expect(row(text, 'emails.type')?.at(-1)).toBe('one of: work');
    expect(text).not.toContain('nickName');
    const { contoso } = JSON.parse(await shown({ schemas: true, json: true }));
    expect(contoso.Resources.map(({ id }: { id: string }) => id)).toEqual([
      'urn:ietf:params:scim:schemas:core:2.0:User',
      'urn:example:scim:schemas:extension:acme:2.0:User',
      'urn:ietf:params:scim:schemas:core:2.0:Group',
    ]);
    expect(contoso.Resources[0].meta.location).toMatch(/^https:\/\/scim\.example\.org\/scim\/v2\/Schemas\/urn:/);
  });

  it('shows a mapping file once for all its tenants, and each file', async () => {
    const shared = await shown({}, tenantText('fabrikam', 'mapping.yaml'));
    expect(shared.match(/^mapping .*$/gm)).toEqual([expect.stringMatching(/mapping\.yaml of contoso, fabrikam$/)]);
    expect(row(shared, 'path')).toEqual(['path', '/scim/v2']);
    expect(shared).toContain('/fabrikam/scim/v2');

    folder?.write('other.yaml', readFileSync('config/mappings/openldap.yaml', 'utf8'));
    folder?.write('bridge.yaml', bridgeText('ldaps://ldap.example.org') + tenantText('fabrikam', 'other.yaml'));
    const { stdout } = await captureOutput(() => show(folder?.file ?? ''));
    expect(stdout.match(/^mapping .*$/gm)).toEqual([
      expect.stringMatching(/mapping\.yaml of contoso$/),
      expect.stringMatching(/other\.yaml of fabrikam$/),
    ]);
  });

  it('needs no secret, and of hashes shows only the beginning', async () => {
    const text = await shown({}, tenantText('fabrikam', 'mapping.yaml'));

    expect(text).toContain('sha256:01234567…');
    expect(text).not.toContain(HASH);
    expect(text).toContain('{ env: LDAP_PASSWORD }');
  });

  it('shows all ways to sign in, and no secret of any', async () => {
    const auth = `
      tokens: [{ name: next, secret: { file: next-token }, notBefore: 2027-01-01, allow: [read] }]
      entra: { tenantId: 11111111-2222-3333-4444-555555555555 }
      oauth: { tokenLifetime: 1h, clients: [{ name: app, clientId: fabrikam, secrets: ['sha256:${HASH}', { file: client-secret }] }] }
`;
    const text = await shown(
      {},
      `  fabrikam:\n    directory: corp\n    mapping: mapping.yaml\n    allowFrom: [10.0.0.0/8]\n    auth:${auth}`,
    );

    expect(text).toContain('expected: { file: next-token }');
    expect(text).toContain('notBefore: 2027-01-01T00:00:00.000Z');
    expect(text).toMatch(/tokenLifetime +3600s/);
    expect(text).toContain('secrets: [sha256:01234567…, { file: client-secret }]');
    expect(row(text, 'allowFrom')).toEqual(['allowFrom', '10.0.0.0/8']);
    expect(text).not.toContain(HASH);
  });

  it('says 78 and what is wrong of a wrong configuration', async () => {
    folder = makeConfigurationFolder(bridgeText('ldaps://ldap.example.org').replace('directory: corp', 'directory: crop'));
    const { code, stdout, stderr } = await runMain(['show', '--config', folder.file]);

    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toContain('did you mean "corp"?');
  });
});
