import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key in PEM form. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** What an authority has issued, in PEM form. */
export interface Certificates extends Certificate {
  readonly ca: string;
  /** For a client, with the subject `CN=bridge`. */
  readonly client: Certificate;
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
 * A certificate authority of one day's life, with a server certificate and a client certificate of its.
 *
 * @param subjectAltName of the server, as openssl writes it: `IP:127.0.0.1`, `DNS:ldap.example.org`
 */
export function makeCertificates(subjectAltName: string): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-certificates-'));
  const file = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(file(name), 'utf8');
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'rsa:2048', '-nodes', '-sha256'];
  const issue = (name: string, ...extensions: string[]): Certificate => {
    const [key, request, certificate] = [`${name}.key`, `${name}.request`, `${name}.pem`];
    openssl('req', '-new', ...newKey, '-subj', `/CN=${name}`, ...extensions, '-keyout', file(key), '-out', file(request));
    const issuer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
    openssl('x509', '-req', '-in', file(request), ...issuer, '-days', '1', '-copy_extensions', 'copy', '-out', file(certificate));
    return { certificate: read(certificate), key: read(key) };
  };
  try {
    openssl('req', '-x509', ...newKey, '-days', '1', '-subj', '/CN=Test CA', '-keyout', file('ca.key'), '-out', file('ca.pem'));
    const server = issue('slapd', '-addext', `subjectAltName=${subjectAltName}`);
    return { ...server, client: issue('bridge'), ca: read('ca.pem') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
