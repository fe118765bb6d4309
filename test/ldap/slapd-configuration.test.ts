import { expect, test } from 'vitest';
import { makeEntry } from '../../src/ldap/entry.ts';
import { parseLdif } from '../../src/ldap/parse-ldif.ts';
import { databaseOf, readSlapdConfiguration } from '../../src/ldap/slapd-configuration.ts';

const configuration = readSlapdConfiguration(
  parseLdif(`dn: cn=config
objectClass: olcGlobal
olcSizeLimit: 1000

dn: olcDatabase={-1}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {-1}frontend
olcSortVals: member uniqueMember

dn: olcDatabase={1}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcSuffix: dc=example,dc=org
olcDbIndex: objectClass eq
olcDbIndex: cn,uid;lang-de eq,sub
olcDbIndex: mail
olcAccess: {0}to * by * read
olcLimits: {0}dn.exact="cn=bridge,dc=example,dc=org" size=unlimited

dn: olcOverlay={0}memberof,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
olcOverlay: {0}memberof

dn: olcDatabase={2}mdb,cn=config
objectClass: olcDatabaseConfig
olcSuffix: ou=branch,dc=example,dc=org
olcSizeLimit: unlimited
`).flatMap((record) => (record.kind === 'entry' ? [makeEntry(record.dn, record.attributes)] : [])),
);

test('the database with the nearest suffix holds an entry', () => {
  const dnOf = (dn: string) => databaseOf(dn, configuration)?.dn;
  expect(dnOf('uid=ada,DC=example,dc=org')).toBe('olcDatabase={1}mdb,cn=config');
  expect(dnOf('uid=ada,ou=branch,dc=example,dc=org')).toBe('olcDatabase={2}mdb,cn=config');
  expect(dnOf('dc=elsewhere')).toBeUndefined();
});

test('says what is indexed, limited, allowed and laid over', () => {
  const [first, second] = configuration.databases;
  expect(first).toMatchObject({
    indexes: new Map([
      ['objectclass', new Set(['eq'])],
      ['cn', new Set(['eq', 'sub'])],
      ['uid;lang-de', new Set(['eq', 'sub'])],
      ['mail', new Set()],
    ]),
    access: ['to * by * read'],
    limits: ['dn.exact="cn=bridge,dc=example,dc=org" size=unlimited'],
    sizeLimit: '1000',
    overlays: [{ name: 'memberof' }],
  });
  expect(second).toMatchObject({ sizeLimit: 'unlimited', overlays: [] });
  expect(configuration.sortedAttributes).toEqual(new Set(['member', 'uniquemember']));
});
