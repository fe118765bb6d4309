import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/**
 * What the proxy does to the connections that are open and to those to come, until told otherwise. Those that happen once are over
 * then: the next connection works.
 */
export type Fault =
  | { readonly kind: 'none' }
  /** Every chunk is late, in both directions. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Nothing gets through until another fault is set; then all of it does, in order. */
  | { readonly kind: 'hold' }
  /** Once: after so many more bytes from the server the connection is reset, in the middle of a message. */
  | { readonly kind: 'cutAfter'; readonly bytes: number }
  /** Once: the next LDAP write never reaches the server; the connection is reset. */
  | { readonly kind: 'loseWrite' }
  /** Once: the next LDAP write reaches the server, its answer never comes back; the connection is reset. */
  | { readonly kind: 'loseAnswerToWrite' }
  /** The server's answers to LDAP writes never come back; the connection stays, and everything else passes. */
  | { readonly kind: 'swallowAnswersToWrites' }
  /** Once: the server's next answer is followed by its FIN; what we send still gets through. */
  | { readonly kind: 'halfClose' }
  /** The server's answers are garbled. */
  | { readonly kind: 'corrupt' }
  /** Connections open and stay open; nothing gets through, in neither direction. */
  | { readonly kind: 'blackHole' }
  /** New connections are reset at once; open ones live on. */
  | { readonly kind: 'refuse' };

/** A TCP proxy that breaks the network on demand. */
export interface TcpProxy {
  readonly port: number;
  set(fault: Fault): void;
  /** Resets every open connection. */
  resetAll(): void;
  /** How many connections were made so far. */
  readonly connections: number;
  /** How many pieces are held back. */
  readonly held: number;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { readonly port: number; readonly host?: string }): Promise<TcpProxy> {
  let fault: Fault = { kind: 'none' };
  let bytesLeft = 0;
  let connections = 0;
  const pairs = new Set<Pair>();
  const held: (() => void)[] = [];

  const toServer = (pair: Pair, chunk: Buffer): void => {
    const isWrite = isLdapWrite(chunk);
    if (isWrite) pair.hasSentWrite = true;
    switch (fault.kind) {
      case 'blackHole':
        return;
      case 'hold':
        held.push(() => pair.upstream.write(chunk));
        return;
      case 'delay':
        setTimeout(() => pair.upstream.write(chunk), fault.milliseconds);
        return;
      case 'loseWrite':
        if (!isWrite) break;
        fault = { kind: 'none' };
        pair.reset();
        return;
      default:
    }
    pair.upstream.write(chunk);
  };

  const toClient = (pair: Pair, chunk: Buffer): void => {
    switch (fault.kind) {
      case 'blackHole':
        return;
      case 'hold':
        held.push(() => pair.client.write(chunk));
        return;
      case 'delay':
        setTimeout(() => pair.client.write(chunk), fault.milliseconds);
        return;
      case 'cutAfter': {
        const part = chunk.subarray(0, bytesLeft);
        bytesLeft -= part.length;
        if (part.length === chunk.length) break;
        fault = { kind: 'none' };
        pair.client.write(part, () => pair.reset());
        pair.isCut = true; // nothing may follow the part
        return;
      }
      case 'loseAnswerToWrite':
        if (!pair.hasSentWrite) break;
        fault = { kind: 'none' };
        pair.reset();
        return;
      case 'swallowAnswersToWrites':
        if (isWriteAnswer(chunk)) return;
        break;
      case 'halfClose':
        fault = { kind: 'none' };
        pair.isCut = true;
        pair.client.end(chunk);
        return;
      case 'corrupt':
        pair.client.write(chunk.map((byte, index) => (index % 3 === 1 ? byte ^ 0x55 : byte)));
        return;
      default:
    }
    pair.client.write(chunk);
  };

  const server = createServer((client) => {
    connections += 1;
    if (fault.kind === 'refuse') {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, connect({ port: target.port, host: target.host ?? '127.0.0.1' }));
    pairs.add(pair);
    client.on('data', (chunk: Buffer) => pair.isCut || toServer(pair, chunk));
    pair.upstream.on('data', (chunk: Buffer) => pair.isCut || toClient(pair, chunk));
    for (const [socket, other] of [
      [client, pair.upstream],
      [pair.upstream, client],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        pairs.delete(pair);
        if (fault.kind !== 'blackHole') other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const resetAll = () => {
    for (const pair of pairs) pair.reset();
    pairs.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      fault = next;
      bytesLeft = next.kind === 'cutAfter' ? next.bytes : 0;
      for (const pair of pairs) pair.hasSentWrite = false;
      if (next.kind !== 'hold') for (const send of held.splice(0)) send();
    },
    resetAll,
    get held() {
      return held.length;
    },
    get connections() {
      return connections;
    },
    async close() {
      resetAll();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One connection through the proxy. */
class Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** Nothing passes any longer. */
  isCut = false;
  hasSentWrite = false;

  constructor(client: Socket, upstream: Socket) {
    this.client = client;
    this.upstream = upstream;
  }

  reset(): void {
    this.isCut = true;
    this.client.resetAndDestroy();
    this.upstream.resetAndDestroy();
  }
}

/** Modify, add, delete, modifyDN, extended: protocol operations of RFC 4511 §4.2. */
const WRITES: ReadonlySet<number> = new Set([0x66, 0x68, 0x4a, 0x6c, 0x77]);
/** Their responses. */
const WRITE_ANSWERS: ReadonlySet<number> = new Set([0x67, 0x69, 0x6b, 0x6d, 0x78]);

/** Whether a chunk begins with an LDAP message of such a kind: those of the tests are small, and sent in one piece. */
function isLdapWrite(chunk: Buffer): boolean {
  return WRITES.has(operationTag(chunk));
}

function isWriteAnswer(chunk: Buffer): boolean {
  return WRITE_ANSWERS.has(operationTag(chunk));
}

/** The tag behind SEQUENCE, its length, and the message id. */
function operationTag(chunk: Buffer): number {
  const first = chunk[1] ?? 0;
  const idAt = 2 + (first < 0x80 ? 0 : first - 0x80);
  return chunk[idAt + 2 + (chunk[idAt + 1] ?? 0)] ?? 0;
}
