import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DirectoryOptions } from '../../src/directory/ldapts-directory.ts';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import { hasOpenSsl, makeCertificates } from '../support/certificates.ts';
import { recordingLog } from '../support/directory-log.ts';
import type { OpenLdap } from '../support/openldap.ts';
import { BRIDGE_DN, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const REQUEST = { base: PEOPLE, scope: 'base', filter: { kind: 'present', attribute: 'objectClass' }, attributes: ['ou'] } as const;

/** Connects, asks once, and closes. */
async function ask(
  { bindDn, bindPassword }: OpenLdap,
  { sasl, ...options }: Partial<DirectoryOptions> & Pick<DirectoryOptions, 'urls'> & { readonly sasl?: 'EXTERNAL' },
): Promise<number> {
  const identity = sasl === undefined ? { bindDn, bindPassword } : { sasl };
  const directory = connectDirectory({ ...identity, timeoutMs: 2000, connections: 1, ...options }, recordingLog());
  try {
    return (await directory.search(REQUEST)).length;
  } finally {
    await directory.close();
  }
}

describe('ldapi', () => {
  it('goes through the socket that the URL names', async () => {
    const server = await startOpenLdap();

    expect(await ask(server, { urls: [server.slapd.ldapiUrl] })).toBe(1);
    await server.stop();
  });

  it('with EXTERNAL, the user of this process is who we are', async () => {
    const user = `gidNumber=${process.getgid?.()}[+]uidNumber=${process.getuid?.()},cn=peercred,cn=external,cn=auth`;
    const known = await startOpenLdap({ configure: (text) => `authz-regexp "^${user}$" "${BRIDGE_DN}"\n${text}` });
    expect(await ask(known, { urls: [known.slapd.ldapiUrl], sasl: 'EXTERNAL' })).toBe(1);
    await known.stop();
  });
});

describe.skipIf(!hasOpenSsl())('TLS', () => {
  const right = hasOpenSsl() ? makeCertificates('IP:127.0.0.1') : undefined;
  const otherName = hasOpenSsl() ? makeCertificates('DNS:localhost') : undefined;
  const ca = right?.ca ?? '';
  let ldaps: OpenLdap;
  let ldap: OpenLdap;
  let misnamed: OpenLdap;
  let plain: OpenLdap;
  let proxy: TcpProxy;

  const withCertificate = (certificates: typeof right) => ({
    logsOperations: true,
    files: new Map([
      ['certificate.pem', certificates?.certificate ?? ''],
      ['key.pem', certificates?.key ?? ''],
      ['ca.pem', certificates?.ca ?? ''],
    ]),
    configure: (text: string) =>
      [
        'TLSCertificateFile @DIR@/certificate.pem',
        'TLSCertificateKeyFile @DIR@/key.pem',
        'TLSCACertificateFile @DIR@/ca.pem',
        'TLSVerifyClient try',
        `authz-regexp "^cn=bridge$" "${BRIDGE_DN}"`,
        text,
      ].join('\n'),
  });

  beforeAll(async () => {
    [ldaps, ldap, misnamed, plain] = await Promise.all([
      startOpenLdap({ ...withCertificate(right), ldaps: true }),
      startOpenLdap(withCertificate(right)),
      startOpenLdap(withCertificate(otherName)),
      startOpenLdap({ logsOperations: true }),
    ]);
    proxy = await startTcpProxy({ port: ldap.slapd.port });
  });

  afterAll(async () => {
    await proxy.close();
    await Promise.all([ldaps, ldap, misnamed, plain].map((server) => server.stop()));
  });

  it('works with ldaps and a certificate of the CA', async () => {
    expect(await ask(ldaps, { urls: [ldaps.url], ca })).toBe(1);
  });

  it('works with StartTLS and a certificate of the CA, before the bind', async () => {
    expect(await ask(ldap, { urls: [ldap.url], ca, startTls: true })).toBe(1);
    const log = ldap.slapd.logText();
    expect(log.indexOf('oid=1.3.6.1.4.1.1466.20037')).toBeGreaterThan(0);
    expect(log.indexOf('oid=1.3.6.1.4.1.1466.20037')).toBeLessThan(log.indexOf(`BIND dn="${ldap.bindDn}"`));
  });

  it.each([
    ['ldaps', () => ldaps, false],
    ['StartTLS', () => ldap, true],
  ])('refuses a certificate of another CA: %s', async (_name, server, startTls) => {
    for (const options of [{}, { ca: otherName?.ca ?? '' }]) {
      await expect(ask(server(), { urls: [server().url], startTls, ...options })).rejects.toMatchObject({
        name: 'DirectoryError',
        kind: 'unavailable',
      });
    }
  });

  it('refuses a certificate for another name, with StartTLS too', async () => {
    const options = { urls: [misnamed.url], ca: otherName?.ca ?? '', startTls: true };

    await expect(ask(misnamed, options)).rejects.toThrow(/IP: 127\.0\.0\.1 is not in the cert/);
    expect(await ask(misnamed, { ...options, verifyTls: false })).toBe(1);
  });

  it('never sends a password in clear text when StartTLS fails', async () => {
    await expect(ask(plain, { urls: [plain.url], ca, startTls: true })).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(ask(misnamed, { urls: [misnamed.url], ca, startTls: true })).rejects.toMatchObject({ kind: 'unavailable' });

    expect(plain.slapd.logText()).not.toContain(`BIND dn="${plain.bindDn}"`);
    expect(
      misnamed.slapd
        .logText()
        .match(/ssf=0\b.*\n/g)
        ?.filter((line) => line.includes(` BIND dn="${misnamed.bindDn}"`)) ?? [],
    ).toEqual([]);
  });

  it.each([
    ['ldaps', () => ldaps, false],
    ['StartTLS', () => ldap, true],
  ])('with EXTERNAL over %s, the client certificate is who we are', async (_name, server, startTls) => {
    const options = { urls: [server().url], ca, startTls, sasl: 'EXTERNAL' } as const;
    expect(await ask(server(), { ...options, ...(right === undefined ? {} : { clientCertificate: right.client }) })).toBe(1);
  });

  it('with EXTERNAL and no certificate, or a strange one, nobody is let in', async () => {
    const options = { urls: [ldaps.url], ca, sasl: 'EXTERNAL' } as const;
    await expect(ask(ldaps, options)).rejects.toMatchObject({ name: 'DirectoryError', kind: 'credentials' });
    const strange = otherName === undefined ? {} : { clientCertificate: otherName.client };
    await expect(ask(ldaps, { ...options, ...strange })).rejects.toMatchObject({ name: 'DirectoryError' });
  });

  it('notices when a StartTLS connection is cut', async () => {
    const { bindDn, bindPassword } = ldap;
    const urls = [`ldap://127.0.0.1:${proxy.port}`];
    const directory = connectDirectory({ urls, bindDn, bindPassword, ca, startTls: true, timeoutMs: 2000, connections: 1 }, recordingLog());
    for (let round = 0; round < 3; round += 1) {
      expect(await directory.search(REQUEST)).toHaveLength(1);
      proxy.resetAll();
    }
    await directory.close();
  });

  it('does not wait for ever for a handshake', async () => {
    proxy.set({ kind: 'blackHole' });
    const start = performance.now();
    await expect(ask(ldap, { urls: [`ldap://127.0.0.1:${proxy.port}`], ca, startTls: true, timeoutMs: 300 })).rejects.toMatchObject({
      kind: 'unavailable',
    });

    expect(performance.now() - start).toBeLessThan(20_000);
    proxy.set({ kind: 'none' });
  });
});
