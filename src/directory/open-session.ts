import type { Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import { BindRequest, ExtendedRequest } from 'ldapts';
import { RESULT } from '../ldap/result-code.ts';
import { DirectoryError } from './directory-error.ts';
import { LdapSession } from './ldap-session.ts';
import { resultError } from './result-codes.ts';
import type { ServerAddress } from './server-address.ts';

const START_TLS = '1.3.6.1.4.1.1466.20037';
const KEEP_ALIVE_MS = 15_000;

/**
 * Who we are to a server: by name and password, or by what lies below the LDAP session (SASL EXTERNAL, RFC 4422 appendix A): the client
 * certificate, or over ldapi:// the user of this process.
 */
export type BindIdentity =
  | {
      readonly bindDn: string;
      /** Never empty: a bind without a password succeeds anonymously (RFC 4513 §5.1.2). */
      readonly bindPassword: string;
    }
  | { readonly sasl: 'EXTERNAL' };

/** Who we are to a server, and how we make sure who it is. */
export type SessionOptions = BindIdentity & TransportOptions;

export interface TransportOptions {
  /** Upgrade before the bind (RFC 4511 §4.14). When that fails there is no session, never one in clear text. */
  readonly startTls?: boolean;
  /** Certificates in PEM form that are trusted instead of the ones Node.js knows. */
  readonly ca?: string;
  /** Default true. */
  readonly verifyTls?: boolean;
  /** Shown to servers that ask for one; PEM texts of the certificate, with its chain, and of its key. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
}

/**
 * Connects, upgrades to TLS where asked, and binds; all within one time limit.
 *
 * @param signal ends the attempt
 * @throws DirectoryError `credentials` when the server refuses the bind, otherwise `unavailable`
 */
export async function openSession(
  address: ServerAddress,
  options: SessionOptions,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<LdapSession> {
  if ('bindPassword' in options && options.bindPassword === '')
    throw new DirectoryError('credentials', 'the bind password is empty: the bind would be anonymous');

  const expired = AbortSignal.timeout(timeoutMs);
  const ended = AbortSignal.any([signal, expired]);
  let abort = (): void => {};
  const cutBy = (cut: (reason: Error) => void) => {
    ended.removeEventListener('abort', abort);
    abort = () => cut(new Error('ended'));
    if (ended.aborted) abort();
    else ended.addEventListener('abort', abort, { once: true });
  };

  try {
    const socket = await connectTo(address, options, (stream) => cutBy((reason) => stream.destroy(reason)));
    let session = new LdapSession(socket);
    cutBy((reason) => session.destroy(reason));
    if (options.startTls === true && address.transport !== 'tls') {
      const answer = await session.send(new ExtendedRequest({ messageId: 0, oid: START_TLS }), timeoutMs);
      if (answer.code !== RESULT.success) throw resultError('StartTLS', answer, '');
      const clear = session.release();
      const secure = connectTls({ ...tlsOptions(address, options), socket: clear });
      cutBy((reason) => secure.destroy(reason));
      clear.on('error', (reason) => secure.destroy(reason)); // a TLS stream over a socket of ours doesn't notice
      clear.once('close', () => secure.destroy());
      await whenOpen(secure, 'secureConnect');
      session = new LdapSession(secure);
      cutBy((reason) => session.destroy(reason));
    }
    await bind(session, options, timeoutMs);
    return session;
  } catch (cause) {
    abort();
    if (cause instanceof DirectoryError && cause.kind === 'credentials') throw cause;
    const reason = expired.aborted ? `no connection within ${timeoutMs} ms` : cause instanceof Error ? cause.message : String(cause);
    throw new DirectoryError('unavailable', `${address.url}: ${reason}`, { cause });
  } finally {
    ended.removeEventListener('abort', abort);
  }
}

async function connectTo(address: ServerAddress, options: SessionOptions, started: (stream: Socket) => void): Promise<Socket> {
  if (address.transport === 'tls') {
    const { host, port } = address;
    const stream = connectTls({ ...tlsOptions(address, options), host, port });
    started(stream);
    await whenOpen(stream, 'secureConnect');
    return prepared(stream);
  }
  const stream = address.transport === 'unix' ? connect({ path: address.path }) : connect({ host: address.host, port: address.port });
  started(stream);
  await whenOpen(stream, 'connect');
  return prepared(stream);
}

function prepared(stream: Socket): Socket {
  return stream.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
}

/** The certificate is checked against `host`, for IP addresses too; those may not be sent as a server name (RFC 6066 §3). */
function tlsOptions(address: ServerAddress, options: SessionOptions): ConnectionOptions {
  const host = address.transport === 'unix' ? 'localhost' : address.host;
  return {
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.clientCertificate === undefined ? {} : { cert: options.clientCertificate.certificate, key: options.clientCertificate.key }),
    rejectUnauthorized: options.verifyTls !== false,
    minVersion: 'TLSv1.2',
  };
}

function whenOpen(stream: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error('the connection was closed'));
    stream.once('error', reject);
    stream.once('close', onClose);
    stream.once(event, () => {
      stream.off('error', reject);
      stream.off('close', onClose);
      resolve();
    });
  });
}

async function bind(session: LdapSession, options: SessionOptions, timeoutMs: number): Promise<void> {
  const [dn, credentials] =
    'sasl' in options ? ['', { mechanism: options.sasl }] : [options.bindDn, { dn: options.bindDn, password: options.bindPassword }];
  const answer = await session.send(new BindRequest({ messageId: 0, ...credentials }), timeoutMs);
  if (answer.code === RESULT.success) return;
  const { kind, code, serverText, message } = resultError('bind', answer, dn);
  // whatever else a server says to a bind, 34 invalidDNSyntax for one, is about the name and password we gave it
  throw new DirectoryError(kind === 'unavailable' ? kind : 'credentials', message, {
    ...(code === undefined ? {} : { code }),
    serverText,
    dn,
  });
}
