import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What came back for one request. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** A request in full, without what is the same for all requests of a connection. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query, from the root. */
  readonly path: string;
  readonly body?: string;
}

const END_OF_HEADERS = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /^content-length: *(\d+)/im;

/**
 * One connection to an HTTP server that is kept, one request at a time. It does the least that a client can do, so that what is measured
 * is the server: it takes answers with a Content-Length or without a body, which are all that the servers here give.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #headers: string;
  #received: Buffer = Buffer.alloc(0);
  #settle: ((answer: HttpAnswer | Error) => void) | undefined;

  private constructor(socket: Socket, headers: string) {
    this.#socket = socket;
    this.#headers = headers;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#read();
    });
    socket.on('error', (error) => this.#settle?.(error));
    socket.on('close', () => this.#settle?.(new Error('the server closed the connection')));
  }

  /**
   * @param url `http://` or `https://`, host and port; a certificate is not verified
   * @param token of the Authorization header
   */
  static async open(url: string, token: string): Promise<HttpConnection> {
    const { protocol, hostname, port, host } = new URL(url);
    const address = { host: hostname, port: Number(port) };
    const socket = protocol === 'https:' ? connectTls({ ...address, rejectUnauthorized: false }) : connect(address);
    await new Promise<void>((resolve, reject) => {
      socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', resolve).once('error', reject);
    });
    return new HttpConnection(socket, `Host: ${host}\r\nAuthorization: Bearer ${token}\r\n`);
  }

  send({ method, path, body }: HttpRequest): Promise<HttpAnswer> {
    const content = body === undefined ? '' : `Content-Type: application/scim+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    return new Promise((resolve, reject) => {
      this.#settle = (answer) => {
        this.#settle = undefined;
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      this.#socket.write(`${method} ${path} HTTP/1.1\r\n${this.#headers}${content}\r\n${body ?? ''}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(): void {
    const end = this.#received.indexOf(END_OF_HEADERS);
    if (end < 0) return;
    const headers = this.#received.toString('latin1', 0, end);
    const start = end + END_OF_HEADERS.length;
    const length = Number(CONTENT_LENGTH.exec(headers)?.[1] ?? 0);
    if (this.#received.length < start + length) return;
    const body = this.#received.subarray(start, start + length);
    this.#received = this.#received.subarray(start + length);
    this.#settle?.({ status: Number(headers.slice(9, 12)), body });
  }
}
