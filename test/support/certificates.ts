import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Everything in PEM form. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Whether `makeCertificates` can work here. */
export function hasOpenSsl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * A certificate authority of one day's life, and a server certificate of its.
 *
 * @param subjectAltName as openssl writes it: `IP:127.0.0.1`, `DNS:ldap.example.org`
 */
export function makeCertificates(subjectAltName: string): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-certificates-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'rsa:2048', '-nodes', '-sha256'];
  try {
    openssl('req', '-x509', ...newKey, '-days', '1', '-subj', '/CN=Test CA', '-keyout', file('ca.key'), '-out', file('ca.pem'));
    openssl(
      'req',
      '-new',
      ...newKey,
      '-subj',
      '/CN=slapd',
      '-addext',
      `subjectAltName=${subjectAltName}`,
      '-keyout',
      file('key.pem'),
      '-out',
      file('request.pem'),
    );
    const issuer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      file('request.pem'),
      ...issuer,
      '-days',
      '1',
      '-copy_extensions',
      'copy',
      '-out',
      file('certificate.pem'),
    );
    const read = (name: string) => readFileSync(file(name), 'utf8');
    return { ca: read('ca.pem'), certificate: read('certificate.pem'), key: read('key.pem') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
