import { attributeKey } from '../ldap/attribute-description.ts';
import type { Entry, LdapValue } from '../ldap/entry.ts';
import { valueFromOctets } from '../ldap/octets.ts';

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const SEARCH_RESULT_ENTRY = 0x64;
const LONG_FORM = 0x80;
/** Texts up to here are looked at byte by byte, which costs less than a call into V8's own code. */
const SHORT_TEXT = 64;

/** What a message with an entry says. */
export interface EntryMessage {
  readonly messageId: number;
  readonly entry: Entry;
}

/**
 * The one entry that a message of a search's answer brings (RFC 4511 §4.5.2), read without ldapts: its message classes make a text and
 * a buffer of each value, of which we need one, and take a leading byte order mark off the text.
 *
 * Attributes without values are left out; options (`;lang-de`, `;binary`) stay part of the name.
 *
 * @param message an LDAPMessage in full
 * @returns undefined for a message of another kind
 * @throws RangeError when the bytes are no entry
 */
export function readEntryMessage(message: Buffer): EntryMessage | undefined {
  const reader = new TlvReader(message);
  reader.enter(SEQUENCE);
  const id = reader.take(INTEGER);
  if (message[id.end] !== SEARCH_RESULT_ENTRY) return undefined;
  return { messageId: message.readUIntBE(id.start, id.end - id.start), entry: readEntryAt(reader) };
}

/** The entry in the value of a control of a read (RFC 4527 §3.1). @throws RangeError when the bytes are none */
export function readEntry(searchResultEntry: Buffer): Entry {
  return readEntryAt(new TlvReader(searchResultEntry));
}

function readEntryAt(reader: TlvReader): Entry {
  reader.enter(SEARCH_RESULT_ENTRY);
  const dn = reader.takeText();
  const last = reader.enter(SEQUENCE);
  const attributes = new Map<string, LdapValue[]>();
  while (reader.offset < last) {
    reader.enter(SEQUENCE);
    const key = attributeKey(reader.takeText());
    const end = reader.enter(SET);
    if (reader.offset === end) continue;
    const values = attributes.get(key) ?? [];
    while (reader.offset < end) values.push(reader.takeValue());
    attributes.set(key, values);
  }
  return { dn, attributes };
}

/** Goes through tags, lengths and values (X.690 §8.1). What is said to be longer than the bytes are is refused. */
class TlvReader {
  offset = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Goes to the beginning of something's content. @returns where it ends */
  enter(tag: number): number {
    const bytes = this.#bytes;
    if (bytes[this.offset] !== tag)
      throw new RangeError(`not an LDAP entry: 0x${bytes[this.offset]?.toString(16)} for 0x${tag.toString(16)}`);
    let length = bytes[this.offset + 1] ?? 0;
    this.offset += 2;
    if (length >= LONG_FORM) {
      const digits = length - LONG_FORM;
      length = bytes.readUIntBE(this.offset, digits);
      this.offset += digits;
    }
    const end = this.offset + length;
    if (end > bytes.length) throw new RangeError('not an LDAP entry: it goes on beyond its message');
    return end;
  }

  /** Goes past something. @returns where its content is */
  take(tag: number): { readonly start: number; readonly end: number } {
    const end = this.enter(tag);
    const start = this.offset;
    this.offset = end;
    return { start, end };
  }

  takeText(): string {
    const end = this.enter(OCTET_STRING);
    const start = this.offset;
    this.offset = end;
    return this.#bytes.toString(this.#isShortAscii(start, end) ? 'latin1' : 'utf8', start, end);
  }

  takeValue(): LdapValue {
    const end = this.enter(OCTET_STRING);
    const start = this.offset;
    this.offset = end;
    if (this.#isShortAscii(start, end)) return this.#bytes.toString('latin1', start, end);
    const value = valueFromOctets(this.#bytes.subarray(start, end));
    return typeof value === 'string' ? value : Buffer.from(value); // a copy, for a part would keep the whole message alive
  }

  #isShortAscii(start: number, end: number): boolean {
    if (end - start > SHORT_TEXT) return false;
    const bytes = this.#bytes;
    for (let index = start; index < end; index += 1) if ((bytes[index] ?? 0) >= LONG_FORM) return false;
    return true;
  }
}
