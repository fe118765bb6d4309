import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readBridgeFile } from '../../src/config/read-bridge-file.ts';

const ALL = { allow: ['read', 'create', 'update', 'delete'], resources: ['Users', 'Groups'] };

test('a bridge file with everything in it', () => {
  const reading = readBridgeFile(`${import.meta.dirname}/good/bridge.yaml`);
  expect(reading.ok && reading.bridge).toEqual({
    format: 1,
    journal: { retention: 1_209_600_000, required: true },
    listen: { host: '::', port: 8443 },
    insecure: true,
    trustProxy: [],
    publicUrl: 'https://scim.example.org/bridge',
    admin: { listen: { host: 'localhost', port: 9464 }, tokens: [], values: 'names', insecure: false },
    log: 'debug',
    audit: { file: resolve(import.meta.dirname, 'good/audit.log'), values: 'names', required: true },
    directories: new Map<string, unknown>([
      [
        'corp',
        {
          urls: ['ldap://ldap1.example.org', 'ldaps://ldap2.example.org:1636', 'ldapi://%2Frun%2Fslapd%2Fldapi'],
          bindDn: 'cn=bridge,dc=example,dc=org',
          bindPassword: { kind: 'file', name: 'ldap-bind' },
          replicas: [],
          startTls: false,
          ca: resolve(import.meta.dirname, 'good/ca.pem'),
          tls: { verify: false },
          insecure: true,
          timeout: 500,
          connections: 32,
          writeFailover: 'never',
          coalesceMembers: true,
        },
      ],
      [
        'lab',
        {
          urls: ['ldap://127.0.0.1:3389'],
          bindDn: 'cn=bridge,dc=example,dc=org',
          bindPassword: { kind: 'env', name: 'LAB_PASSWORD' },
          replicas: [],
          startTls: false,
          tls: { verify: true },
          insecure: false,
          timeout: 10_000,
          connections: 4,
          coalesceMembers: true,
          writeFailover: 30_000,
        },
      ],
      [
        'named-by-certificate',
        {
          urls: ['ldaps://ldap.example.org', 'ldapi://%2Frun%2Fslapd%2Fldapi'],
          replicas: ['ldaps://replica.example.org'],
          sasl: 'EXTERNAL',
          startTls: false,
          tls: { verify: true, certificate: resolve(import.meta.dirname, 'good/client.pem'), key: { kind: 'file', name: 'client-key' } },
          insecure: false,
          timeout: 10_000,
          connections: 4,
          writeFailover: 120_000,
          coalesceMembers: true,
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
          mode: 'live',
          auth: {
            tokens: [
              { name: 'entra-2026', rights: ALL, expected: { kind: 'hash', sha256: `abcdef${'0'.repeat(56)}ff` } },
              {
                name: 'entra-2027',
                expected: { kind: 'secret', secret: { kind: 'file', name: 'contoso-token-next' } },
                rights: ALL,
                notBefore: Date.UTC(2027, 0, 1),
                expires: Date.UTC(2027, 11, 31, 17),
              },
            ],
            certificates: [],
          },
          limits: { bodyBytes: 2048, listValues: 50_000, bulkOperations: 10, requestsInFlight: 200 },
          paging: { defaultPageSize: 10, maxPageSize: 1000, cursorTimeout: 90_000, sortLimit: 0 },
        },
      ],
      [
        'fabrikam',
        {
          path: '/fabrikam/scim/v2',
          directory: 'lab',
          mapping: resolve(import.meta.dirname, 'good/mapping.yaml'),
          mode: 'canary',
          canary: { users: 'userName sw "pilot"' },
          auth: {
            tokens: [{ name: 'okta', expected: { kind: 'secret', secret: { kind: 'env', name: 'OKTA_TOKEN' } }, rights: ALL }],
            certificates: [],
          },
          limits: { bodyBytes: 1_048_576, listValues: 50_000, bulkOperations: 1000, requestsInFlight: 200 },
          paging: { defaultPageSize: 100, maxPageSize: 1000, cursorTimeout: 3_600_000, sortLimit: 20_000 },
        },
      ],
    ]),
  });
});

test('every way to prove who one is, and what somebody may do', () => {
  const reading = readBridgeFile(`${import.meta.dirname}/good/auth.yaml`);
  if (!reading.ok) throw new Error(JSON.stringify(reading.diagnostics));
  expect(reading.bridge.trustProxy).toEqual([
    { address: '10.0.0.1', prefix: 32 },
    { address: '2001:db8::', prefix: 32 },
  ]);
  const { auth, limits, allowFrom } = reading.bridge.tenants.get('contoso') ?? {};
  expect(allowFrom).toEqual([
    { address: '192.0.2.0', prefix: 24 },
    { address: '127.0.0.1', prefix: 32 },
  ]);
  expect(limits).toMatchObject({ requestsPerSecond: 50, requestsInFlight: 10, listValues: 100 });
  expect(auth).toEqual({
    tokens: [
      {
        name: 'hr',
        expected: { kind: 'secret', secret: { kind: 'env', name: 'HR' } },
        rights: { allow: ['read', 'update'], resources: ['Users'], base: 'ou=hr,dc=example,dc=org' },
      },
    ],
    entra: {
      name: 'entra',
      tenantId: '0b9c2d4e-1111-4222-8333-444455556666',
      audience: ['8adf8e6e-67b2-4cf2-a259-e3dc5476c621'],
      appId: '00000014-0000-0000-c000-000000000000',
      issuers: [
        'https://sts.windows.net/0b9c2d4e-1111-4222-8333-444455556666/',
        'https://login.microsoftonline.com/0b9c2d4e-1111-4222-8333-444455556666/v2.0',
      ],
      openidConfiguration: 'https://login.microsoftonline.com/0b9c2d4e-1111-4222-8333-444455556666/.well-known/openid-configuration',
      rights: ALL,
    },
    oauth: {
      tokenLifetime: 7_200_000,
      clients: [
        {
          name: 'app',
          clientId: 'contoso',
          secrets: [
            { kind: 'hash', sha256: `aa${'0'.repeat(62)}` },
            { kind: 'secret', secret: { kind: 'file', name: 'next' } },
          ],
          rights: ALL,
        },
        {
          name: 'wif',
          clientId: 'contoso-wif',
          federated: {
            issuer: 'https://issuer.example.org',
            subject: 's',
            audience: ['api://bridge'],
            jwksUri: 'https://issuer.example.org/keys',
          },
          rights: ALL,
        },
      ],
    },
    certificates: [{ name: 'proxy', sha256: `bb${'0'.repeat(62)}`, rights: { allow: ['read'], resources: ['Users', 'Groups'] } }],
  });
});

test.each([
  ['usGovernment', 'https://sts.windows.net', 'https://login.microsoftonline.us'],
  ['china', 'https://sts.chinacloudapi.cn', 'https://login.partner.microsoftonline.cn'],
])('where the tokens of another cloud come from: %s', (cloud, issuer, login) => {
  const tenantId = '0b9c2d4e-1111-4222-8333-444455556666';
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-config-'));
  try {
    const text = readFileSync(`${import.meta.dirname}/good/auth.yaml`, 'utf8');
    writeFileSync(join(folder, 'bridge.yaml'), text.replace(/(entra: \{ .*) \}/, `$1, cloud: ${cloud} }`));
    const reading = readBridgeFile(join(folder, 'bridge.yaml'));
    expect(reading.ok && reading.bridge.tenants.get('contoso')?.auth.entra).toMatchObject({
      issuers: [`${issuer}/${tenantId}/`, `${login}/${tenantId}/v2.0`],
      openidConfiguration: `${login}/${tenantId}/.well-known/openid-configuration`,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the shipped bridge file is good as it stands', () => {
  const reading = readBridgeFile(`${import.meta.dirname}/../../config/bridge.yaml`);
  expect(reading.ok ? [] : reading.diagnostics).toEqual([]);
  expect(reading.ok && reading.bridge.tenants.get('contoso')).toMatchObject({ path: '/scim/v2', directory: 'corp' });
});
