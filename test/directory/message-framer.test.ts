import { describe, expect, it } from 'vitest';
import { MessageFramer } from '../../src/directory/message-framer.ts';

function message(length: number): Buffer {
  const content = Buffer.alloc(length, 0x05);
  if (length < 0x80) return Buffer.concat([Buffer.from([0x30, length]), content]);
  const header = Buffer.from([0x30, 0x84, 0, 0, 0, 0]);
  header.writeUInt32BE(length, 2);
  return Buffer.concat([header, content]);
}

const MESSAGES = [message(0), message(1), message(127), message(128), message(70_000), message(3)];
const BYTES = Buffer.concat(MESSAGES);

describe('MessageFramer', () => {
  it.each([1, 2, 3, 7, 1000, 65_536, BYTES.length])('finds the same messages in pieces of %d bytes', (size) => {
    const framer = new MessageFramer();
    const found: Buffer[] = [];
    for (let start = 0; start < BYTES.length; start += size) found.push(...framer.push(BYTES.subarray(start, start + size)));

    expect(found).toEqual(MESSAGES);
    expect(framer.isEmpty).toBe(true);
  });

  it('knows when bytes are left over', () => {
    const framer = new MessageFramer();

    expect(framer.push(Buffer.from([0x30, 0x01]))).toEqual([]);
    expect(framer.isEmpty).toBe(false);
  });

  it.each([
    ['another tag', [0x16, 0x03]],
    ['another tag alone', [0x48]],
    ['a length without end', [0x30, 0x80]],
    ['a length of nine bytes', [0x30, 0x89]],
    ['more than a gigabyte', [0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]],
  ])('refuses %s', (_name, bytes) => {
    expect(() => new MessageFramer().push(Buffer.from(bytes))).toThrow(/LDAP message/);
  });
});
