import { describe, expect, it } from 'vitest';
import { parseServerAddress } from '../../src/directory/server-address.ts';

describe('parseServerAddress', () => {
  it.each([
    ['ldap://ldap.example.org', { transport: 'tcp', host: 'ldap.example.org', port: 389 }],
    ['LDAPS://ldap.example.org/', { transport: 'tls', host: 'ldap.example.org', port: 636 }],
    ['ldap://127.0.0.1:1389', { transport: 'tcp', host: '127.0.0.1', port: 1389 }],
    ['ldaps://[::1]:1636', { transport: 'tls', host: '::1', port: 1636 }],
    ['ldapi://%2Frun%2Fslapd%2Fldapi', { transport: 'unix', path: '/run/slapd/ldapi' }],
  ])('reads %s', (url, address) => {
    expect(parseServerAddress(url)).toEqual({ url, ...address });
  });

  it.each([
    'ldap.example.org',
    'http://ldap.example.org',
    'ldap://',
    'ldapi://',
    'ldap://ldap.example.org/dc=example,dc=org',
    'ldap://ldap.example.org/?uid',
    'ldap://anna:secret@ldap.example.org',
    'ldapi://%zz',
  ])('refuses %s', (url) => {
    expect(() => parseServerAddress(url)).toThrow(Error);
  });
});
