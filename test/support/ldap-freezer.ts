import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { MessageFramer } from '../../src/directory/message-framer.ts';

/** LDAP requests that write, by the tag of their protocolOp (RFC 4511 §4.2 ff.); an extended request is taken for a password. */
const WRITES: ReadonlyMap<number, string> = new Map([
  [0x66, 'modify'],
  [0x68, 'add'],
  [0x4a, 'delete'],
  [0x6c, 'rename'],
  [0x77, 'password'],
]);

/**
 * A proxy in front of a directory that stands still at a chosen write: `before` it reaches the directory, or `after` the directory has
 * done it and before its answer is heard. From then on nothing passes on that connection.
 */
export interface LdapFreezer {
  readonly port: number;
  /** The writes that reached the directory, in their order. */
  readonly writes: readonly string[];
  /** @param ordinal of the write, from 1, counted from now on */
  freeze(when: 'before' | 'after', ordinal: number): void;
  /** Resolves when it stands still: with `after`, once the directory has answered. */
  frozen(): Promise<void>;
  /** New connections run through. */
  thaw(): void;
  close(): Promise<void>;
}

export async function startLdapFreezer(targetPort: number): Promise<LdapFreezer> {
  const writes: string[] = [];
  const sockets = new Set<Socket>();
  let point: { readonly when: 'before' | 'after'; readonly at: number } | undefined;
  let stop = Promise.withResolvers<void>();

  const server = createServer((client) => {
    const upstream = connect({ port: targetPort, host: '127.0.0.1' });
    const framer = new MessageFramer();
    let state: 'open' | 'awaitsAnswer' | 'frozen' = 'open';
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.on('data', (chunk: Buffer) => {
      for (const message of framer.push(chunk)) {
        if (state !== 'open') return;
        const kind = WRITES.get(operationTag(message));
        const isHere = kind !== undefined && point?.at === writes.length + 1;
        if (isHere && point?.when === 'before') {
          state = 'frozen';
          stop.resolve();
          return;
        }
        if (kind !== undefined) writes.push(kind);
        if (isHere) state = 'awaitsAnswer';
        upstream.write(message);
      }
    });
    upstream.on('data', (chunk: Buffer) => {
      if (state === 'open') client.write(chunk);
      if (state === 'awaitsAnswer') {
        state = 'frozen';
        stop.resolve();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    writes,
    freeze(when, ordinal) {
      point = { when, at: writes.length + ordinal };
      stop = Promise.withResolvers<void>();
    },
    frozen: () => stop.promise,
    thaw() {
      point = undefined;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** LDAPMessage ::= SEQUENCE { messageID INTEGER, protocolOp CHOICE … }: the octet behind the message id. */
function operationTag(message: Buffer): number {
  const headerLength = (message[1] ?? 0) < 0x80 ? 2 : 2 + ((message[1] ?? 0) & 0x7f);
  const idLength = message[headerLength + 1] ?? 0;
  return message[headerLength + 2 + idLength] ?? 0;
}
