import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Diagnostic } from './diagnostic.ts';
import { Mistake } from './mistake.ts';
import { readTextFile } from './text-file.ts';
import type { YamlSource } from './yaml-source.ts';

/** Where the listener's certificate is. */
export interface TlsSection<Key> {
  readonly certificate: string;
  readonly key: Key;
  /** Clients show a certificate of this authority. */
  readonly clientCa?: string;
}

/** All of it in PEM form. */
export type ListenerTls = TlsSection<string>;

/** The PEM texts behind paths, or what is wrong with each of them. */
export function readTlsFiles(
  { certificate, clientCa }: Omit<TlsSection<unknown>, 'key'>,
  source: YamlSource,
): { readonly texts: Omit<ListenerTls, 'key'>; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const read = (path: string, key: string): string => {
    const pem = readCertificate(path);
    if (!(pem instanceof Mistake)) return pem;
    diagnostics.push(source.report(['tls', key], 'value', pem.message));
    return '';
  };
  const texts = {
    certificate: read(certificate, 'certificate'),
    ...(clientCa === undefined ? {} : { clientCa: read(clientCa, 'clientCa') }),
  };
  return { texts, diagnostics };
}

/** A file with certificates in PEM form. */
export function readCertificate(path: string): string | Mistake {
  const read = readTextFile(path);
  if (!read.ok) return new Mistake(`${path} cannot be read: ${read.reason}`);
  return read.text.includes('-----BEGIN CERTIFICATE-----') ? read.text : new Mistake(`${path} holds no certificate in PEM form`);
}

/** Why a listener could not begin with these; undefined when it can. Says nothing of what is in the key. */
export function refuseTls({ certificate, key, clientCa }: ListenerTls): Mistake | undefined {
  try {
    if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
      return new Mistake(
        'the key is not that of the certificate',
        'the certificate of the server comes first in its file, those of authorities behind it',
      );
    }
    createSecureContext({ cert: certificate, key, ...(clientCa === undefined ? {} : { ca: clientCa }) });
    return undefined;
  } catch (error) {
    return new Mistake(`certificate and key cannot be used: ${error instanceof Error ? error.message : 'not in PEM form'}`);
  }
}
