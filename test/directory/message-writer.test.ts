import fc from 'fast-check';
import {
  AddRequest,
  Attribute,
  BerWriter,
  Change,
  Control,
  ExtendedRequest,
  ModifyRequest,
  PagedResultsControl,
  SearchRequest,
} from 'ldapts';
import { describe, expect, it } from 'vitest';
import { EncodedFilter } from '../../src/directory/filter-encoding.ts';
import { encodeRequest, type LdapRequest } from '../../src/directory/ldap-request.ts';
import { MessageWriter } from '../../src/directory/message-writer.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';

const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ minLength: 60, maxLength: 300 }));
const octets = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const messageId = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const attribute = fc.record({ type: text, values: fc.array(octets, { maxLength: 5 }) }).map((options) => new Attribute(options));
const controls = fc.array(
  fc.oneof(
    text.map((type) => new Control(type, { critical: true })),
    octets.map((cookie) => new PagedResultsControl({ critical: true, value: { size: 500, cookie } })),
  ),
  { maxLength: 2 },
);
const equality = fc.record({ kind: fc.constant('equality' as const), attribute: text, value: fc.oneof(text, octets) });
const filter: fc.Arbitrary<LdapFilter> = fc.oneof(
  equality,
  fc.record({ kind: fc.constant('and' as const), filters: fc.array(equality, { maxLength: 4 }) }),
);
const request: fc.Arbitrary<LdapRequest> = fc.oneof(
  fc
    .record({ messageId, controls, baseDN: text, attributes: fc.array(text), sizeLimit: fc.nat(), timeLimit: fc.nat(), filter })
    .map((options) => new SearchRequest({ ...options, filter: new EncodedFilter(options.filter) })),
  fc.record({ messageId, controls, dn: text, attributes: fc.array(attribute) }).map((options) => new AddRequest(options)),
  fc
    .record({ messageId, controls, dn: text, modifications: fc.array(attribute, { maxLength: 4 }) })
    .map(({ modifications, ...options }) => {
      const changes = modifications.map((modification) => new Change({ operation: 'replace', modification }));
      return new ModifyRequest({ ...options, changes });
    }),
  fc.record({ messageId, controls, value: octets }).map((options) => new ExtendedRequest({ ...options, oid: '1.3.6.1.4.1.4203.1.11.1' })),
);

describe('MessageWriter', () => {
  it('writes the bytes that ldapts writes itself', () => {
    fc.assert(
      fc.property(request, (each) => {
        expect(encodeRequest(each).equals(each.write())).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('writes integers and lengths of every size as ldapts does', () => {
    for (const value of [0, 1, -1, 127, 128, -128, -129, 255, 256, 32_767, 32_768, 65_535, 65_536, 8_388_607, 8_388_608, 2 ** 31 - 1]) {
      const [ours, theirs] = [new MessageWriter(), new BerWriter()];
      for (const writer of [ours, theirs]) {
        writer.writeInt(value);
        writer.writeBoolean(value > 0);
        writer.writeNull();
        writer.writeOID('1.2.840.113556.1.4.1413');
      }
      expect(ours.buffer.toString('hex')).toBe(theirs.buffer.toString('hex'));
    }
    for (const length of [0, 63, 64, 65, 127, 128, 255, 256, 65_535, 65_536, 1_000_000]) {
      const [ours, theirs] = [new MessageWriter(), new BerWriter({ size: 2_000_000 })];
      for (const writer of [ours, theirs]) {
        writer.startSequence();
        writer.writeString('x'.repeat(length));
        writer.endSequence();
      }
      expect(ours.buffer.equals(theirs.buffer)).toBe(true);
    }
  });

  it('can be used again, also after a failure in the middle of a message', () => {
    const writer = new MessageWriter();
    writer.startSequence();
    writer.writeString('a name');
    expect(() => writer.buffer).toThrow(/no end/);
    writer.clear();
    writer.writeString('b');
    const first = writer.buffer;
    writer.clear();
    writer.writeString('c');
    expect([first, writer.buffer].map((bytes) => bytes.toString('hex'))).toEqual(['040162', '040163']);
    expect(() => writer.endSequence()).toThrow(/no sequence/);
  });
});
