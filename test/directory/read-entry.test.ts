import fc from 'fast-check';
import { Attribute, BerReader, BerWriter, SearchEntry } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { readEntry, readEntryMessage } from '../../src/directory/read-entry.ts';
import { makeEntry } from '../../src/ldap/entry.ts';
import { octetsOf, valueFromOctets } from '../../src/ldap/octets.ts';

interface Given {
  readonly name: string;
  readonly values: readonly Buffer[];
}

/** A SearchResultEntry (RFC 4511 §4.5.2), in a message of its own or bare as in a control. */
function write(dn: string, attributes: readonly Given[], messageId?: number): Buffer {
  const writer = new BerWriter({ size: 200_000 });
  if (messageId !== undefined) {
    writer.startSequence();
    writer.writeInt(messageId);
  }
  writer.startSequence(0x64);
  writer.writeString(dn);
  writer.startSequence();
  for (const { name, values } of attributes) new Attribute({ type: name, values: [...values] }).write(writer);
  writer.endSequence();
  writer.endSequence();
  if (messageId !== undefined) writer.endSequence();
  return writer.buffer;
}

const octets = fc.oneof(
  fc.string({ maxLength: 100 }).map((text) => Buffer.from(text)),
  fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const attributes = fc.array(
  fc.record({ name: fc.stringMatching(/^[A-Za-z]{1,80}(;binary)?$/), values: fc.array(octets, { maxLength: 4 }) }),
);

describe('readEntryMessage', () => {
  it('reads the entry that was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), attributes, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (dn, given, messageId) => {
        const expected = makeEntry(
          dn,
          given.map(({ name, values }) => ({ name, values: values.map(valueFromOctets) })),
        );
        expect(readEntryMessage(write(dn, given, messageId))).toEqual({ messageId, entry: expected });
        expect(readEntry(write(dn, given))).toEqual(expected);
      }),
    );
  });

  it('keeps a leading byte order mark, values that are no text, and the order of values', () => {
    const values = ['\uFEFFmarked', 'z', 'a'].map((text) => Buffer.from(text));
    const { attributes: found } = readEntry(write('cn=x', [{ name: 'Description', values: [...values, Buffer.from([0xc3, 0x28])] }]));
    expect(found.get('description')).toEqual(['\uFEFFmarked', 'z', 'a', Buffer.from([0xc3, 0x28])]);
  });

  it('does not keep the message alive for the sake of a value', () => {
    const photo = Buffer.alloc(100_000, 0xff);
    const message = write('cn=x', [{ name: 'jpegPhoto', values: [photo] }]);
    const [value = ''] = readEntry(message).attributes.get('jpegphoto') ?? [];
    expect(octetsOf(value).equals(photo)).toBe(true);
    expect(octetsOf(value).buffer).not.toBe(message.buffer);
  });

  it('leaves other messages to ldapts, and what it reads it reads as ldapts does', () => {
    const done = Buffer.from('300c02010265070a010004000400', 'hex');
    expect(readEntryMessage(done)).toBeUndefined();

    const message = write('cn=x', [{ name: 'cn', values: [Buffer.from('x'), Buffer.from('ü')] }], 5);
    const reader = new BerReader(message);
    reader.readSequence();
    reader.readInt();
    reader.readSequence();
    const theirs = new SearchEntry({ messageId: 5 });
    theirs.parse(reader, []);
    const { entry } = readEntryMessage(message) ?? {};
    expect(theirs.attributes.map(({ type, values }) => [type, values])).toEqual([...(entry?.attributes ?? [])]);
  });

  it('refuses bytes that are cut off or no entry, wherever they end', () => {
    const whole = write('cn=x', [{ name: 'cn', values: [Buffer.from('x'), Buffer.alloc(300, 'y')] }], 5);
    for (let length = 5; length < whole.length; length += 1) expect(() => readEntryMessage(whole.subarray(0, length))).toThrow(RangeError);
    expect(() => readEntry(Buffer.from('3003020105', 'hex'))).toThrow(/not an LDAP entry/);
  });
});
