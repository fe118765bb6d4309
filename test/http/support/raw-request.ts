import { once } from 'node:events';
import { connect } from 'node:net';
import { type Bridge } from '../../support/bridge.ts';

/** An HTTP answer as it stands on the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Writes bytes to the listener and reads until it closes the connection: ask for that with `Connection: close`. */
export async function sendRaw(bridge: Pick<Bridge, 'url'>, bytes: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(bridge.url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
  socket.write(bytes);
  await once(socket, 'close');
  return parseAnswer(Buffer.concat(chunks).toString());
}

/** A request without body as raw HTTP/1.1 with the header lines given. */
export function rawRequest(line: string, ...headers: readonly string[]): string {
  return [`${line} HTTP/1.1`, 'Host: scim.example.org', ...headers, 'Connection: close', '', ''].join('\r\n');
}

function parseAnswer(raw: string): RawAnswer {
  const [head = '', ...body] = raw.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => {
    const [name = '', ...value] = line.split(':');
    return [name.toLowerCase(), value.join(':').trim()] as const;
  });
  return { status: Number(statusLine.split(' ')[1]), headers: new Map(headers), text: body.join('\r\n\r\n') };
}
