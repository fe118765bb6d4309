import { AddRequest, Attribute, BerReader, Control } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { encodeRequest } from '../../src/directory/ldap-request.ts';
import { MessageFramer } from '../../src/directory/message-framer.ts';

const VALUE_LENGTH = 100;

function addRequest(contentLength: number): AddRequest {
  const values = Array.from({ length: Math.floor(contentLength / (VALUE_LENGTH + 2)) }, () => Buffer.alloc(VALUE_LENGTH, 'x'));
  const rest = contentLength - values.length * (VALUE_LENGTH + 2);
  values.push(Buffer.alloc(rest, 'y'));
  return new AddRequest({
    messageId: 7,
    dn: 'cn=x',
    attributes: [new Attribute({ type: 'member', values })],
    controls: [new Control('1.2.3.4', { critical: true })],
  });
}

/** Reads the message back and says whether every byte of it is where it belongs. */
function isWhole(bytes: Buffer, request: AddRequest): boolean {
  const framer = new MessageFramer();
  const [message] = framer.push(bytes);
  if (message === undefined || !framer.isEmpty) return false;
  const reader = new BerReader(message);
  reader.readSequence();
  if (reader.readInt() !== request.messageId) return false;
  reader.readSequence();
  const found = new AddRequest({ messageId: 7, dn: '' });
  found.parse(reader, []);
  const [attribute] = found.attributes;
  const [sent] = request.attributes;
  return Buffer.concat(attribute?.parsedBuffers ?? []).equals(Buffer.concat((sent?.values ?? []) as Buffer[])) && bytes.includes('1.2.3.4');
}

describe('encodeRequest', () => {
  it.each([100, 1024, 8192, 65_536, 524_288, 4_194_304])('writes whole messages of %d bytes, and a few more or less', (about) => {
    const broken: number[] = [];
    for (let length = Math.max(0, about - 52); length < about - 32; length += 1) {
      const request = addRequest(length);
      if (!isWhole(encodeRequest(request), request)) broken.push(length);
    }

    expect(broken).toEqual([]);
  });

  it('refuses what does not fit into a message', () => {
    expect(() => encodeRequest(addRequest(2 ** 24))).toThrow(/too long/i);
  });
});
