import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readBridgeFile } from '../../src/config/read-bridge-file.ts';

test('a bridge file with everything in it', () => {
  const reading = readBridgeFile(`${import.meta.dirname}/good/bridge.yaml`);
  expect(reading.ok && reading.bridge).toEqual({
    format: 1,
    listen: { host: '::', port: 8443 },
    insecure: true,
    publicUrl: 'https://scim.example.org/bridge',
    admin: { host: 'localhost', port: 9464 },
    log: 'debug',
    audit: { file: resolve(import.meta.dirname, 'good/audit.log'), values: 'names', required: true },
    directories: new Map<string, unknown>([
      [
        'corp',
        {
          urls: ['ldap://ldap1.example.org', 'ldaps://ldap2.example.org:1636', 'ldapi://%2Frun%2Fslapd%2Fldapi'],
          bindDn: 'cn=bridge,dc=example,dc=org',
          bindPassword: { kind: 'file', name: 'ldap-bind' },
          startTls: false,
          ca: resolve(import.meta.dirname, 'good/ca.pem'),
          tls: { verify: false },
          insecure: true,
          timeout: 500,
          connections: 32,
          writeFailover: 'never',
        },
      ],
      [
        'lab',
        {
          urls: ['ldap://127.0.0.1:3389'],
          bindDn: 'cn=bridge,dc=example,dc=org',
          bindPassword: { kind: 'env', name: 'LAB_PASSWORD' },
          startTls: false,
          tls: { verify: true },
          insecure: false,
          timeout: 10_000,
          connections: 4,
          writeFailover: 30_000,
        },
      ],
      [
        'named-by-certificate',
        {
          urls: ['ldaps://ldap.example.org', 'ldapi://%2Frun%2Fslapd%2Fldapi'],
          sasl: 'EXTERNAL',
          startTls: false,
          tls: { verify: true, certificate: resolve(import.meta.dirname, 'good/client.pem'), key: { kind: 'file', name: 'client-key' } },
          insecure: false,
          timeout: 10_000,
          connections: 4,
          writeFailover: 120_000,
        },
      ],
    ]),
    tenants: new Map<string, unknown>([
      [
        'contoso',
        {
          path: '/scim/v2',
          directory: 'corp',
          mapping: resolve(import.meta.dirname, 'good/mapping.yaml'),
          auth: {
            tokens: [
              { name: 'entra-2026', expected: { kind: 'hash', sha256: `abcdef${'0'.repeat(56)}ff` } },
              {
                name: 'entra-2027',
                expected: { kind: 'secret', secret: { kind: 'file', name: 'contoso-token-next' } },
                notBefore: Date.UTC(2027, 0, 1),
                expires: Date.UTC(2027, 11, 31, 17),
              },
            ],
          },
          limits: { bodyBytes: 2048, bulkOperations: 10 },
          paging: { defaultPageSize: 10, maxPageSize: 1000, cursorTimeout: 90_000, sortLimit: 0 },
        },
      ],
      [
        'fabrikam',
        {
          path: '/fabrikam/scim/v2',
          directory: 'lab',
          mapping: resolve(import.meta.dirname, 'good/mapping.yaml'),
          auth: { tokens: [{ name: 'okta', expected: { kind: 'secret', secret: { kind: 'env', name: 'OKTA_TOKEN' } } }] },
          limits: { bodyBytes: 1_048_576, bulkOperations: 1000 },
          paging: { defaultPageSize: 100, maxPageSize: 1000, cursorTimeout: 3_600_000, sortLimit: 20_000 },
        },
      ],
    ]),
  });
});

test('the shipped bridge file is good as it stands', () => {
  const reading = readBridgeFile(`${import.meta.dirname}/../../config/bridge.yaml`);
  expect(reading.ok ? [] : reading.diagnostics).toEqual([]);
  expect(reading.ok && reading.bridge.tenants.get('contoso')).toMatchObject({ path: '/scim/v2', directory: 'corp' });
});
