import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { rawErrorResponse } from './error-response.ts';

/** Longer than clients and load balancers keep a connection idle, so that they and not we close it (entra-scim-client §2.1). */
const KEEP_ALIVE_MS = 75_000;
/** Entra gives up after 60 s; whoever takes longer to send a request isn't one of ours. */
const REQUEST_TIMEOUT_MS = 60_000;
/** A header block is a few packets: who takes longer holds the connection open for its own sake. */
const HEADERS_TIMEOUT_MS = 15_000;
/** How often connections are looked at that take too long. */
const CHECK_MS = 5000;
/** How often connections that became idle are cut while stopping. */
const SWEEP_MS = 100;

/** Where a listener is found that is bound to all addresses. */
const REACHED_AT: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/** Where to listen; port 0: any that is free. `fd`: a TCP socket that somebody else has opened. */
export type ListenerAddress = { readonly host: string; readonly port: number } | { readonly fd: number };

/** In PEM form. */
export interface TlsOptions {
  /** The server's certificate, and those of authorities between it and one that clients know. */
  readonly certificate: string;
  readonly key: string;
  /** Clients must show a certificate of this authority; undefined: they show none. */
  readonly clientCa?: string;
}

/** Of TLS 1.2 those that Entra ID asks for first (entra-scim-client §2.1): forward secrecy and authenticated encryption. */
const TLS_1_3_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const TLS_1_2_SUITES = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];

/** An open HTTP port. */
export interface Listener {
  /** As `http://host:port` or `https://host:port`, with the port that was free where 0 was asked for. */
  readonly url: string;
  /** The IP address that it is bound to; undefined: it was given a socket that isn't TCP. */
  readonly host: string | undefined;
  /** Shows another certificate to whoever connects from now on; connections that are open stay. Not for a port without TLS. */
  renewCertificate(tls: TlsOptions): void;
  /** Whether a connection from this machine is accepted within `timeoutMs`; a listener that is closed need not. */
  accepts(timeoutMs: number): Promise<boolean>;
  /** Stops accepting and waits until what is in flight has been answered. */
  close(): Promise<void>;
}

/** Where a listener says what it turned away. */
export interface ListenerLog {
  info(fields: object, message: string): void;
}

/** Answers a request, also its own failures; settles when nothing more is done for it. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Opens a port for an application.
 *
 * @param tls undefined: plain HTTP
 * @throws Error of the system, when the address can't be had
 */
export async function openListener(handle: RequestHandler, where: ListenerAddress, log: ListenerLog, tls?: TlsOptions): Promise<Listener> {
  const unanswered = new Set<ServerResponse>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (!server.listening) response.setHeader('Connection', 'close');
    unanswered.add(response);
    response.once('close', () => unanswered.delete(response));
    void handle(request, response);
  };
  // Node itself would refuse a request without Host, and one with an unknown Expect, by an answer without a body: the application does it.
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_MS,
    requireHostHeader: false,
  };
  const secure = tls === undefined ? undefined : createTlsServer({ ...options, ...secureContext(tls), ...clientCertificates(tls) }, answer);
  const server: Server = secure ?? createServer(options, answer);
  server.on('checkExpectation', answer);
  server.on('clientError', (error, socket: Socket) => answerClientError(error, socket, log));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = server.address();
  const address = typeof bound === 'string' || bound === null ? undefined : bound;
  return {
    url: `${secure === undefined ? 'http' : 'https'}://${address === undefined ? '' : hostAndPort(address)}`,
    host: address?.address,
    accepts: (timeoutMs) => accepts(server, timeoutMs),
    renewCertificate: (renewed) => secure?.setSecureContext(secureContext(renewed)),
    close: () => close(server, unanswered),
  };
}

function hostAndPort({ family, address, port }: AddressInfo): string {
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** The system itself completes connections for a process that hangs; only what reaches the server counts, whoever it is from. */
async function accepts(server: Server, timeoutMs: number): Promise<boolean> {
  if (!server.listening) return true;
  const { address, port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection', { signal: AbortSignal.timeout(timeoutMs) });
  const connection = connect({ port, host: REACHED_AT.get(address) ?? address });
  connection.on('error', () => {});
  try {
    await accepted;
    return true;
  } catch {
    return !server.listening;
  } finally {
    connection.destroy();
  }
}

function secureContext({ certificate, key, clientCa }: TlsOptions): SecureContextOptions {
  const ca = clientCa === undefined ? {} : { ca: clientCa };
  return { cert: certificate, key, ...ca, minVersion: 'TLSv1.2', ciphers: [...TLS_1_3_SUITES, ...TLS_1_2_SUITES].join(':') };
}

/** What can't be changed later. */
function clientCertificates({ clientCa }: TlsOptions): { readonly requestCert: boolean; readonly rejectUnauthorized: boolean } {
  return { requestCert: clientCa !== undefined, rejectUnauthorized: clientCa !== undefined };
}

/** What Node's parser refuses is answered in SCIM form too, where there is somebody left to answer. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket, log: ListenerLog): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  log.info({ requestId, code: error.code }, 'a request could not be read');
  socket.end(rawErrorResponse(error.code, requestId));
}

/**
 * `close()` alone waits for idle keep-alive connections: answers say `Connection: close` from now on, and idle ones are cut. One that a
 * client opened and never used is no idle one to Node: when nothing is left to be answered, all are cut.
 */
async function close(server: Server, unanswered: ReadonlySet<ServerResponse>): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  for (const response of unanswered) if (!response.headersSent) response.setHeader('Connection', 'close');
  const cut = () => (unanswered.size === 0 ? server.closeAllConnections() : server.closeIdleConnections());
  cut();
  const sweep = setInterval(cut, SWEEP_MS);
  await closed;
  clearInterval(sweep);
}
