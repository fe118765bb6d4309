import { describe, expect, test } from 'vitest';
import { formatAddress, isLoopback, parseAddress } from '../../src/config/address.ts';
import {
  parseCursorTimeout,
  parseDate,
  parseLdapUrl,
  parseName,
  parsePublicUrl,
  parseTenantPath,
  parseTimeout,
} from '../../src/config/bridge-values.ts';
import { didYouMean } from '../../src/config/did-you-mean.ts';
import { Mistake } from '../../src/config/mistake.ts';

describe('addresses', () => {
  test.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['scim.example.org:65535', { host: 'scim.example.org', port: 65535 }],
  ])('%s', (written, address) => {
    expect(parseAddress(written)).toEqual(address);
    expect(formatAddress(address)).toBe(written);
  });

  test.each(['8080', ':8080', '127.0.0.1', '::1:8080', '[::1]', '[127.0.0.1]:1', '1.2.3:1', '-a:1', 'a:65536', 'a:1 ', 'systemd'])(
    'not %s',
    (written) => {
      expect(parseAddress(written)).toBeInstanceOf(Mistake);
    },
  );

  test('loopback', () => {
    expect(['127.0.0.1', '127.8.0.1', '::1', 'localhost'].filter(isLoopback)).toHaveLength(4);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.example.org', 'localhost.example.org'].filter(isLoopback)).toEqual([]);
  });
});

const accepted: readonly [(written: string) => unknown, string, unknown][] = [
  [parseTimeout, '50s', 50_000],
  [parseTimeout, '1ms', 1],
  [parseCursorTimeout, '1s', 1000],
  [parseCursorTimeout, '3000ms', 3000],
  [parseCursorTimeout, '24h', 86_400_000],
  [parseDate, '2028-02-29', Date.UTC(2028, 1, 29)],
  [parseDate, '2027-01-01T00:00Z', Date.UTC(2027, 0, 1)],
  [parseLdapUrl, 'LDAPS://[2001:db8::1]:636/', 'LDAPS://[2001:db8::1]:636/'],
  [parseLdapUrl, 'ldapi:///', 'ldapi:///'],
  [parsePublicUrl, 'HTTPS://SCIM.example.org:443/a//', 'https://scim.example.org/a'],
  [parseTenantPath, '/a.b/c~d', '/a.b/c~d'],
  [parseName, 'contoso-2', 'contoso-2'],
];

test.each(accepted)('%o reads %s', (parse, written, value) => {
  expect(parse(written)).toBe(value);
});

const refused: readonly [(written: string) => unknown, readonly string[]][] = [
  [parseTimeout, ['0s', '51s', '1m', '1h', '10', '1.5s', ' 1s']],
  [parseCursorTimeout, ['0s', '500ms', '1500ms', '1d', '10', '1.5h', '']],
  [parseDate, ['2027-02-29', '2027-13-01', '2027-01-01T00:00', '2027-01-01T25:00Z', '1.1.2027', '']],
  [parseLdapUrl, ['ldap://', 'ldap:///', 'http://a', 'a', 'ldap://u:p@a', 'ldap://a/dc=b', 'ldap://a?x', 'ldapi://run/slapd']],
  [parsePublicUrl, ['scim.example.org', 'https:scim', 'https://u@a', 'https://a?', 'https://a#', 'ftp://a']],
  [parseTenantPath, ['', '/', 'a', '/a/', '//a', '/a//b', '/a/../b', '/.', '/a b', '/%61', '/a?b']],
  [parseName, ['', '.', '-a', 'a b', 'a/b', 'é', 'a'.repeat(64)]],
];

test.each(refused)('%o refuses', (parse, written) => {
  expect(written.filter((one) => !(parse(one) instanceof Mistake))).toEqual([]);
});

test('did you mean', () => {
  const known = ['ldap', 'refersTo', 'whenEmpty', 'rdn', 'required'];
  expect(['ldpa', 'LDAP', 'referTo', 'whenempty', 'rnd', 'requried'].map((word) => didYouMean(word, known))).toEqual([
    'ldap',
    'ldap',
    'refersTo',
    'whenEmpty',
    'rdn',
    'required',
  ]);
  expect(['colour', 'x'.repeat(10_000), ''].map((word) => didYouMean(word, known))).toEqual([undefined, undefined, undefined]);
});
