import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadService } from '../../src/cli/load-service.ts';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import { openListener } from '../../src/http/listener.ts';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';
import { bridgeFile } from '../support/bridge-file.ts';
import { type Certificates, hasOpenSsl, makeCertificates } from '../support/certificates.ts';

if (!hasOpenSsl()) process.stderr.write('TLS of the listener is not tested: there is no openssl to make certificates with\n');

interface TlsAnswer {
  readonly status: number;
  readonly protocol: string | null;
  readonly suite: string;
  readonly fingerprint: string;
}

/** Sends a GET over TLS. */
function get(url: string, options: RequestOptions): Promise<TlsAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/Users?count=0`, options, (response) => {
      const socket = response.socket as TLSSocket;
      const { fingerprint256: fingerprint } = socket.getPeerCertificate();
      response.resume().once('end', () => {
        resolve({ status: response.statusCode ?? 0, protocol: socket.getProtocol(), suite: socket.getCipher().standardName, fingerprint });
      });
    });
    sent.once('error', reject).end();
  });
}

describe.skipIf(!hasOpenSsl())('the listener with TLS', () => {
  const authorization = `Bearer ${TOKEN}`;
  let folder: string;
  let server: Certificates;
  let client: Certificates;
  let bridge: Bridge;

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  const tlsLine = (certificates: Certificates, more = ''): string => {
    const certificate = file('certificate.pem', certificates.certificate);
    return `audit: { file: /dev/null }\ntls: { certificate: ${certificate}, key: { file: ${file('key.pem', certificates.key)} }${more} }`;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tls-'));
    server = makeCertificates('IP:127.0.0.1');
    client = makeCertificates('DNS:client.example.org');
    bridge = await startBridge({ service: tlsLine(server) });
  });
  afterAll(async () => {
    await bridge.stop();
    rmSync(folder, { recursive: true });
  });

  const options = (more: RequestOptions = {}): RequestOptions => ({ ca: server.ca, headers: { authorization }, agent: false, ...more });

  it.each(['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384'])(
    'speaks TLS 1.2 with %s, which Entra ID knows',
    async (ciphers) => {
      expect(await get(bridge.url, options({ maxVersion: 'TLSv1.2', ciphers }))).toMatchObject({ status: 200, protocol: 'TLSv1.2' });
    },
  );

  it('speaks TLS 1.3', async () => {
    expect(await get(bridge.url, options({ minVersion: 'TLSv1.3' }))).toMatchObject({ status: 200, protocol: 'TLSv1.3' });
  });

  it.each([
    ['an older version', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['a suite without forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA256:AES256-GCM-SHA384' }],
  ] as const)('does not speak %s', async (_what, more) => {
    await expect(get(bridge.url, options(more))).rejects.toThrow(/./);
  });

  it('leaves plain HTTP unanswered, and goes on', async () => {
    await expect(fetch(bridge.url.replace('https', 'http'))).rejects.toThrow(/./);
    expect((await get(bridge.url, options())).status).toBe(200);
  });

  it('shows a renewed certificate to new connections, and drops none that is open', async () => {
    const renewed = makeCertificates('IP:127.0.0.1');
    const log = { info: () => undefined };
    const listener = await openListener(
      async (_request, response) => void response.end('answered'),
      { host: '127.0.0.1', port: 0 },
      log,
      server,
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: [server.ca, renewed.ca] });
    try {
      const before = await get(listener.url, { agent });
      listener.renewCertificate(renewed);
      expect((await get(listener.url, { agent })).fingerprint).toBe(before.fingerprint);
      const { fingerprint } = await get(listener.url, { ca: renewed.ca, agent: false });
      expect(fingerprint).toBe(new X509Certificate(renewed.certificate).fingerprint256);
      expect(fingerprint).not.toBe(before.fingerprint);
    } finally {
      agent.destroy();
      await listener.close();
    }
  });

  it('asks for client certificates where an authority for them is named; one may be all that a client needs', async () => {
    const ca = file('client-ca.pem', client.ca);
    const der = new X509Certificate(client.certificate).raw;
    const fingerprint = createHash('sha256').update(der).digest('hex').toUpperCase().match(/../g)?.join(':');
    const mutual = await startBridge({
      service: tlsLine(server, `, clientCa: ${ca}`),
      auth: `      certificates: [{ name: gateway, fingerprint: '${fingerprint}', allow: [read] }]`,
    });
    const shown = { cert: client.certificate, key: client.key };
    try {
      await expect(get(mutual.url, options())).rejects.toThrow(/./);
      await expect(get(mutual.url, options({ cert: server.certificate, key: server.key }))).rejects.toThrow(/./);
      expect((await get(mutual.url, options({ ...shown, headers: {} }))).status).toBe(200);
      expect((await get(mutual.url, options(shown))).status).toBe(200);
      expect((await get(mutual.url, options({ ...shown, headers: { authorization: 'Bearer wrong' } }))).status).toBe(401);
      const credentials = mutual.log.map((line) => JSON.parse(line).credential).filter((name) => name !== undefined);
      expect(credentials).toEqual(['gateway', 'tests']);
    } finally {
      await mutual.stop();
    }
  });

  it.each([
    ['a key of another certificate', () => client.key, 'the key is not that of the certificate'],
    ['something that is no key', () => 'no key', 'certificate and key cannot be used'],
  ])('does not begin with %s', (_what, key, message) => {
    const text = bridgeFile('ldap://127.0.0.1:1', { service: tlsLine({ ...server, key: key() }) });
    writeFileSync(join(folder, 'bridge.yaml'), text);
    const loaded = loadService(join(folder, 'bridge.yaml'), { LDAP_PASSWORD: 'x', SCIM_TOKEN: 'x' });
    expect(formatDiagnostics(loaded.diagnostics)).toContain(message);
  });
});
