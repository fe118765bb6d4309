import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A request as it went over the wire: its operation, and the controls that went with it, in the order sent. */
export interface LdapRequest {
  readonly operation: string;
  readonly controls: readonly string[];
  /** Of the operation and its controls: without the message's envelope, whose length depends on how many messages there were. */
  readonly octets: number;
  /** Of all that the server answered so far, counted alike. */
  answeredOctets: number;
}

/** Sees every request of every connection to a server, in the order in which they were sent. */
export interface LdapTraffic {
  readonly port: number;
  /** Where connections lead from now on: a port of this machine. */
  forwardTo(serverPort: number): void;
  /** The requests since this was called the last time; without binds and what keeps a connection. */
  take(): readonly LdapRequest[];
  close(): Promise<void>;
}

/** Tags of the requests that cost something (RFC 4511 §4.2 and on). */
const OPERATIONS: ReadonlyMap<number, string> = new Map([
  [0x63, 'search'],
  [0x66, 'modify'],
  [0x68, 'add'],
  [0x4a, 'delete'],
  [0x6c, 'rename'],
  [0x77, 'password'],
]);
const CONTROLS = 0xa0;

const CONTROL_NAMES: ReadonlyMap<string, string> = new Map([
  ['1.3.6.1.1.12', 'assertion'],
  ['1.3.6.1.1.13.2', 'post-read'],
  ['1.2.840.113556.1.4.1413', 'permissive'],
  ['1.2.840.113556.1.4.319', 'paged'],
  ['1.2.840.113556.1.4.473', 'sorted'],
]);

/** Listens between a client and an LDAP server on this machine. Nothing is changed. */
export async function watchLdapTraffic(): Promise<LdapTraffic> {
  let serverPort = 0;
  let requests: LdapRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    const waiting = new Map<string, LdapRequest>();
    const readSent = messageReader(([id, operation, controls]) => {
      const request = readRequest(operation, controls);
      if (request === undefined) return;
      requests.push(request);
      waiting.set(idText(id), request);
    });
    const readAnswered = messageReader(([id, operation, controls]) => {
      const request = waiting.get(idText(id));
      if (request !== undefined) request.answeredOctets += octetsOf(operation) + octetsOf(controls);
    });
    client.on('data', (chunk: Buffer) => {
      readSent(chunk);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      readAnswered(chunk);
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    forwardTo(port) {
      serverPort = port;
    },
    take() {
      const taken = requests;
      requests = [];
      return taken;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Cuts a stream into messages: LDAPMessage ::= SEQUENCE { messageID, protocolOp, controls [0] OPTIONAL } (RFC 4511 §4.1.1). */
function messageReader(take: (parts: readonly Element[]) => void): (chunk: Buffer) => void {
  let received: Buffer = Buffer.alloc(0);
  return (chunk) => {
    received = Buffer.concat([received, chunk]);
    for (let message = firstElement(received); message !== undefined; message = firstElement(received)) {
      take(elements(message.content));
      received = received.subarray(message.end);
    }
  };
}

function readRequest(operation: Element | undefined, controls: Element | undefined): LdapRequest | undefined {
  const name = operation === undefined ? undefined : OPERATIONS.get(operation.tag);
  if (name === undefined) return undefined;
  const sent = controls?.tag === CONTROLS ? elements(controls.content) : [];
  const oids = sent.map((control) => elements(control.content)[0]?.content.toString() ?? '');
  const octets = octetsOf(operation) + octetsOf(controls);
  return { operation: name, controls: oids.map((oid) => CONTROL_NAMES.get(oid) ?? oid), octets, answeredOctets: 0 };
}

function idText(id: Element | undefined): string {
  return id?.content.toString('hex') ?? '';
}

function octetsOf(element: Element | undefined): number {
  return element?.end ?? 0;
}

/** One element of BER (X.690 §8.1), with the offset behind it: its length, header and all. */
interface Element {
  readonly tag: number;
  readonly content: Buffer;
  readonly end: number;
}

function elements(content: Buffer): readonly Element[] {
  const found: Element[] = [];
  for (let rest = content, element = firstElement(rest); element !== undefined; element = firstElement(rest)) {
    found.push(element);
    rest = rest.subarray(element.end);
  }
  return found;
}

/** The element that a text begins with; undefined while it isn't there in full. */
function firstElement(bytes: Buffer): Element | undefined {
  const [tag, length] = bytes;
  if (tag === undefined || length === undefined) return undefined;
  const lengthBytes = length < 0x80 ? 0 : length & 0x7f;
  if (bytes.length < 2 + lengthBytes) return undefined;
  const start = 2 + lengthBytes;
  const end = start + (lengthBytes === 0 ? length : bytes.readUIntBE(2, lengthBytes));
  return bytes.length < end ? undefined : { tag, content: bytes.subarray(start, end), end };
}
