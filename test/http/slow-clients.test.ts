import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';

let bridge: Bridge;
beforeAll(async () => {
  bridge = await startBridge();
});
afterAll(() => bridge.stop());

/** Fifty clients who begin like that, and then send a byte from time to time. What each of them is told before it is cut off. */
function drip(beginning: string): Promise<readonly string[]> {
  const { hostname, port } = new URL(bridge.url);
  const slow = Array.from({ length: 50 }, () => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.write(beginning);
    const drops = setInterval(() => socket.write('x'), 500);
    return new Promise<string>((resolve) => {
      socket.once('error', () => socket.destroy());
      socket.once('close', () => {
        clearInterval(drops);
        resolve(text);
      });
    });
  });
  return Promise.all(slow);
}

const UNENDED_BODY = [
  'POST /scim/v2/Users HTTP/1.1',
  'Host: x',
  `Authorization: Bearer ${TOKEN}`,
  'Content-Type: application/scim+json',
  'Content-Length: 100000',
  '',
  '{"userName":"',
].join('\r\n');

describe.concurrent('a client that keeps a connection for itself is sent away, and keeps nobody from being served meanwhile', () => {
  it.each([
    ['never ends its headers', 'GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['never ends its body', UNENDED_BODY],
  ])(
    'because it %s',
    async (_what, beginning) => {
      const slow = drip(beginning);
      expect((await bridge.send('GET', '/Users?count=0')).status).toBe(200);
      for (const answer of await slow) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect((await bridge.send('GET', '/Users?count=0')).status).toBe(200);
    },
    120_000,
  );
});
