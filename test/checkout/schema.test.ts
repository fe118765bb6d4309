import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SHIPPED = 'config/schema';
const SYSTEM = ['/etc/ldap/schema', '/etc/openldap/schema'].find((folder) => existsSync(folder));

describe.skipIf(SYSTEM === undefined)('config/schema', () => {
  let folder: string;
  /** cn=config folders. */
  let fromSchema: string;
  let fromLdif: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'schema-'));
    fromSchema = loadSchema();
    fromLdif = loadLdif();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('scim.schema defines its five names', () => {
    expect(namesIn(definitions(fromSchema, 'scim'))).toEqual(['scimExternalId', 'scimActive', 'scimOtherMail', 'scimObject', 'scimGroup']);
  });

  test('scim-full.schema defines what else full-rfc7643.yaml needs', () => {
    expect(namesIn(definitions(fromSchema, 'scim-full'))).toEqual([
      'scimNickName',
      'scimMiddleName',
      'scimLocale',
      'scimTimezone',
      'scimCostCenter',
      'scimDivision',
      'scimEmail',
      'scimPhoneNumber',
      'scimIm',
      'scimPhoto',
      'scimAddress',
      'scimEntitlement',
      'scimRole',
      'scimX509Certificate',
      'scimFullUser',
    ]);
  });

  test.each(['scim', 'scim-full', 'rfc2307bis'])('%s.ldif defines the same as its .schema file', (name) => {
    expect(definitions(fromLdif, name)).toEqual(definitions(fromSchema, name));
  });

  test('no OID is used twice', () => {
    const oids = ['scim', 'scim-full'].flatMap((name) => definitions(fromSchema, name).map((line) => line.split(' ')[1]));
    expect(oids).toEqual([...new Set(oids)]);
  });

  /** The slapd.conf form, converted by slapd itself; gives the cn=config folder. */
  function loadSchema(): string {
    const shipped = ['scim.schema', 'scim-full.schema', 'rfc2307bis.schema'].map((file) => join(process.cwd(), SHIPPED, file));
    const includes = [`${SYSTEM}/core.schema`, `${SYSTEM}/cosine.schema`, ...shipped];
    const slapdConf = join(folder, 'slapd.conf');
    writeFileSync(slapdConf, `${includes.map((file) => `include ${file}`).join('\n')}\n`);
    const config = join(folder, 'from-schema');
    mkdirSync(config);
    run('slaptest', '-Q', '-f', slapdConf, '-F', config);
    return config;
  }

  /** The cn=config form, loaded into an empty configuration; gives the cn=config folder. */
  function loadLdif(): string {
    const parts = [
      'dn: cn=config\nobjectClass: olcGlobal\ncn: config\n',
      'dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n',
      readFileSync(`${SYSTEM}/core.ldif`, 'utf8'),
      readFileSync(`${SYSTEM}/cosine.ldif`, 'utf8'),
      readFileSync(join(SHIPPED, 'scim.ldif'), 'utf8'),
      readFileSync(join(SHIPPED, 'scim-full.ldif'), 'utf8'),
      readFileSync(join(SHIPPED, 'rfc2307bis.ldif'), 'utf8'),
    ];
    const ldif = join(folder, 'config.ldif');
    writeFileSync(ldif, parts.join('\n'));
    const config = join(folder, 'from-ldif');
    mkdirSync(config);
    run('slapadd', '-n', '0', '-F', config, '-l', ldif);
    return config;
  }
});

/** OpenLDAP's tools are beside slapd, in a folder that is not in everybody's PATH. */
function run(tool: string, ...args: readonly string[]): string {
  const env = { ...process.env, PATH: [process.env['PATH'], '/usr/sbin', '/usr/local/sbin'].join(delimiter) };
  return execFileSync(tool, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What one of our files defines (OID macro, attribute types, object classes), as slapd prints it, without the order numbers. */
function definitions(config: string, name: string): readonly string[] {
  const ldif = run('slapcat', '-n', '0', '-o', 'ldif-wrap=no', '-F', config, '-a', `(|(cn=${name})(cn=*}${name}))`);
  return [...ldif.matchAll(/^olc(?:AttributeTypes|ObjectClasses|ObjectIdentifier): \{\d+\}(.*)$/gm)].map((line) => line[1] ?? '');
}

function namesIn(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => /NAME '(\w+)'/.exec(line)?.[1] ?? []);
}
