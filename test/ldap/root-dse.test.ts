import { expect, test } from 'vitest';
import { makeEntry } from '../../src/ldap/entry.ts';
import { readRootDse } from '../../src/ldap/root-dse.ts';

const entry = (attributes: Readonly<Record<string, readonly string[]>>) =>
  makeEntry(
    '',
    Object.entries(attributes).map(([name, values]) => ({ name, values })),
  );

test.each([
  [
    'two parts',
    { vendorName: ['389 Project'], vendorVersion: ['389-Directory/2.3.1 B2023.020.1111'] },
    '389 Project 389-Directory/2.3.1 B2023.020.1111',
  ],
  ['a name alone', { vendorName: ['Samba Team (https://www.samba.org)'] }, 'Samba Team (https://www.samba.org)'],
  ['a version that names the vendor', { vendorName: ['OpenDJ'], vendorVersion: ['OpenDJ 4.5'] }, 'OpenDJ 4.5'],
  ['nothing', {}, ''],
])('the product, of %s', (_what, attributes, product) => {
  expect(readRootDse(entry(attributes)).product).toBe(product);
});

test('holds what the server announces', () => {
  const dse = readRootDse(entry({ namingContexts: ['dc=a', 'dc=b'], supportedControl: ['1.1'], supportedExtension: ['1.2'] }));
  expect(dse).toMatchObject({
    namingContexts: ['dc=a', 'dc=b'],
    controls: new Set(['1.1']),
    extensions: new Set(['1.2']),
  });
});

test("of Active Directory's naming contexts the default one counts", () => {
  const dse = readRootDse(entry({ namingContexts: ['dc=example', 'cn=Configuration,dc=example'], defaultNamingContext: ['dc=example'] }));
  expect(dse.namingContexts).toEqual(['dc=example']);
});
