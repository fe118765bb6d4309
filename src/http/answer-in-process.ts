import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request as makeRequest } from 'node:http';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Koa from 'koa';

/** A request as a client sends it. */
export interface ClientRequest {
  readonly method: string;
  /** Path and query; what HTTP doesn't allow in them is percent-encoded here. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: none. */
  readonly body?: string;
}

export interface ClientAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Empty: none. */
  readonly body: string;
}

/** Sends a request to an application through Node's HTTP client and server, but without a port, a socket or a file: they share a stream. */
export async function answerInProcess(app: Koa, { method, target, headers, body }: ClientRequest): Promise<ClientAnswer> {
  const [clientSide, serverSide] = duplexPair();
  const handle = app.callback();
  const server = createServer((incoming, response) => void handle(incoming, response));
  server.emit('connection', serverSide);
  const request = makeRequest({ createConnection: () => clientSide, method, path: encodeTarget(target), headers });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const answer = { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
  clientSide.destroy();
  serverSide.destroy();
  return answer;
}

/** Whoever types a filter types its blanks and quotes. A percent sign is taken for what has been encoded already. */
function encodeTarget(target: string): string {
  return target.replace(/[^!-~]+|["<>\\^`{|}]/gu, encodeURIComponent);
}
