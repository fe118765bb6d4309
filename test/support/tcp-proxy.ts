import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** What the proxy does to the connections that are open and to those to come, until told otherwise. */
export type Fault =
  | { readonly kind: 'none' }
  /** Every chunk is late, in both directions. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Nothing gets through until another fault is set; then all of it does, in order. */
  | { readonly kind: 'hold' }
  /** After so many more bytes from the server the connection is reset, in the middle of a message. The next one works. */
  | { readonly kind: 'cutAfter'; readonly bytes: number }
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
  close(): Promise<void>;
}

export async function startTcpProxy(target: { readonly port: number; readonly host?: string }): Promise<TcpProxy> {
  let fault: Fault = { kind: 'none' };
  let bytesLeft = 0;
  let connections = 0;
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];

  const forward = (from: Socket, to: Socket, isAnswer: boolean) => {
    from.on('data', (chunk: Buffer) => {
      switch (fault.kind) {
        case 'none':
        case 'refuse':
          break;
        case 'blackHole':
          return;
        case 'hold':
          held.push(() => to.write(chunk));
          return;
        case 'delay':
          setTimeout(() => to.write(chunk), fault.milliseconds);
          return;
        case 'cutAfter': {
          if (!isAnswer) break;
          const part = chunk.subarray(0, bytesLeft);
          bytesLeft -= part.length;
          if (part.length === chunk.length) break;
          from.removeAllListeners('data'); // nothing may follow the part
          fault = { kind: 'none' };
          to.write(part, () => {
            to.resetAndDestroy();
            from.destroy();
          });
          return;
        }
      }
      to.write(chunk);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      if (fault.kind !== 'blackHole') to.destroy();
    });
  };

  const server = createServer((client) => {
    connections += 1;
    if (fault.kind === 'refuse') {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: target.port, host: target.host ?? '127.0.0.1' });
    sockets.add(client).add(upstream);
    forward(client, upstream, false);
    forward(upstream, client, true);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const resetAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      fault = next;
      bytesLeft = next.kind === 'cutAfter' ? next.bytes : 0;
      if (next.kind !== 'hold') for (const send of held.splice(0)) send();
    },
    resetAll,
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
