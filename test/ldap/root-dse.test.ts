import { expect, test } from 'vitest';
import { makeEntry } from '../../src/ldap/entry.ts';
import { readRootDse } from '../../src/ldap/root-dse.ts';

const entry = (attributes: Readonly<Record<string, readonly string[]>>) =>
  makeEntry(
    '',
    Object.entries(attributes).map(([name, values]) => ({ name, values })),
  );

test.each([
  ['OpenLDAP', { objectClass: ['top', 'OpenLDAProotDSE'] }, 'openLdap', 'OpenLDAP'],
  [
    '389 DS',
    { vendorName: ['389 Project'], vendorVersion: ['389-Directory/2.3.1 B2023.020.1111'] },
    '389ds',
    '389 Project 389-Directory/2.3.1 B2023.020.1111',
  ],
  [
    'Samba',
    { supportedCapabilities: ['1.2.840.113556.1.4.800'], vendorName: ['Samba Team (https://www.samba.org)'] },
    'activeDirectory',
    'Samba Team (https://www.samba.org)',
  ],
  ['Active Directory', { supportedCapabilities: ['1.2.840.113556.1.4.800'] }, 'activeDirectory', 'Active Directory'],
  ['a version that names the vendor', { vendorName: ['OpenDJ'], vendorVersion: ['OpenDJ 4.5'] }, 'other', 'OpenDJ 4.5'],
  ['nothing', {}, 'other', 'an LDAP server that gives no name'],
])('%s is told by its root DSE', (_what, attributes, kind, product) => {
  expect(readRootDse(entry(attributes))).toMatchObject({ kind, product });
});

test('holds what the server announces', () => {
  const dse = readRootDse(
    entry({ namingContexts: ['dc=a', 'dc=b'], supportedControl: ['1.1'], supportedExtension: ['1.2'], supportedFeatures: ['1.3'] }),
  );
  expect(dse).toMatchObject({
    namingContexts: ['dc=a', 'dc=b'],
    controls: new Set(['1.1']),
    extensions: new Set(['1.2']),
    features: new Set(['1.3']),
  });
});

test("of Active Directory's naming contexts the default one counts", () => {
  const dse = readRootDse(
    entry({
      supportedCapabilities: ['1.2.840.113556.1.4.800'],
      namingContexts: ['dc=example', 'cn=Configuration,dc=example'],
      defaultNamingContext: ['dc=example'],
    }),
  );
  expect(dse.namingContexts).toEqual(['dc=example']);
});
