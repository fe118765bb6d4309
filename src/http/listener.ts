import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { rawErrorResponse } from './error-response.ts';

/** Longer than clients and load balancers keep a connection idle, so that they and not we close it (entra-scim-client §2.1). */
const KEEP_ALIVE_MS = 75_000;
/** Entra gives up after 60 s; whoever takes longer to send a request isn't one of ours. */
const REQUEST_TIMEOUT_MS = 60_000;
/** How often connections that became idle are cut while stopping. */
const SWEEP_MS = 100;

/** Where to listen; port 0: any that is free. */
export interface ListenerAddress {
  readonly host: string;
  readonly port: number;
}

/** An open HTTP port. */
export interface Listener {
  /** As `http://host:port`, with the port that was free where 0 was asked for. */
  readonly url: string;
  /** Stops accepting and waits until what is in flight has been answered. */
  close(): Promise<void>;
}

/** Where a listener says what it turned away. */
export interface ListenerLog {
  info(fields: object, message: string): void;
}

/** Answers a request, also its own failures; settles when nothing more is done for it. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Opens a port for an application. @throws Error of the system, when the address can't be had */
export async function openListener(handle: RequestHandler, { host, port }: ListenerAddress, log: ListenerLog): Promise<Listener> {
  const unanswered = new Set<ServerResponse>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (!server.listening) response.setHeader('Connection', 'close');
    unanswered.add(response);
    response.once('close', () => unanswered.delete(response));
    void handle(request, response);
  };
  // Node itself would refuse a request without Host, and one with an unknown Expect, by an answer without a body: the application does it.
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_TIMEOUT_MS, requireHostHeader: false }, answer);
  server.on('checkExpectation', answer);
  server.on('clientError', (error, socket: Socket) => answerClientError(error, socket, log));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, close: () => close(server, unanswered) };
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

/** `close()` alone waits for idle keep-alive connections: answers say `Connection: close` from now on, and idle ones are cut. */
async function close(server: Server, unanswered: ReadonlySet<ServerResponse>): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  for (const response of unanswered) if (!response.headersSent) response.setHeader('Connection', 'close');
  server.closeIdleConnections();
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await closed;
  clearInterval(sweep);
}
