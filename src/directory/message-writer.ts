import { BerWriter } from 'ldapts';

/** Up to here one byte says how long something is (X.690 §8.1.3.4). */
const SHORT_FORM = 0x7f;
const LONG_FORM = 0x80;
/** slapd takes no longer message (`sockbuf_max_incoming_auth`), and neither do the others. */
const LONGEST_MESSAGE = 0xff_ff_ff;
/** Texts up to here are written without a call into V8's own code, which costs more than they do. */
const SHORT_TEXT = 64;
const FIRST_SIZE = 2048;

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const BOOLEAN = 0x01;
const ENUMERATED = 0x0a;

/**
 * What ldapts' messages, filters and controls write themselves into, in place of its own `BerWriter`: that one takes a new zeroed
 * kilobyte for each message and control, and loses bytes of a message that just fills its buffer.
 *
 * BER with lengths of the fewest bytes (RFC 4511 §5.1). The bytes are those of ldapts' writer.
 */
export class MessageWriter extends BerWriter {
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_SIZE);
  #end = 0;
  /** Where the content of each sequence begins that is still open. */
  readonly #open: number[] = [];

  constructor() {
    super({ size: 0 });
  }

  /** A copy of what has been written. */
  override get buffer(): Buffer {
    if (this.#open.length > 0) throw new RangeError('a sequence has no end');
    return Buffer.from(this.#bytes.subarray(0, this.#end));
  }

  /** Forgets what has been written, also after a failure in the middle. */
  clear(): void {
    this.#end = 0;
    this.#open.length = 0;
    if (this.#bytes.length > MOST_KEPT) this.#bytes = Buffer.allocUnsafe(FIRST_SIZE);
  }

  override writeByte(value: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#end++] = value;
  }

  override writeInt(value: number, tag: number = INTEGER): void {
    this.#makeRoom(6);
    let count = 1;
    while (count < 4 && value >> (8 * count - 1) !== 0 && value >> (8 * count - 1) !== -1) count += 1;
    this.#bytes[this.#end++] = tag;
    this.#bytes[this.#end++] = count;
    for (let shift = 8 * (count - 1); shift >= 0; shift -= 8) this.#bytes[this.#end++] = value >> shift;
  }

  override writeEnumeration(value: number, tag: number = ENUMERATED): void {
    this.writeInt(value, tag);
  }

  override writeBoolean(value: boolean, tag: number = BOOLEAN): void {
    this.#makeRoom(3);
    this.#bytes[this.#end++] = tag;
    this.#bytes[this.#end++] = 1;
    this.#bytes[this.#end++] = value ? 0xff : 0;
  }

  override writeNull(): void {
    this.writeByte(0x05);
    this.writeByte(0);
  }

  override writeString(value: string, tag: number = OCTET_STRING): void {
    if (value.length <= SHORT_TEXT && this.#writeAscii(value, tag)) return;
    const length = Buffer.byteLength(value);
    this.writeByte(tag);
    this.writeLength(length);
    this.#makeRoom(length);
    this.#end += this.#bytes.write(value, this.#end);
  }

  override writeBuffer(value: Buffer, tag: number): void {
    this.writeByte(tag);
    this.writeLength(value.length);
    this.#makeRoom(value.length);
    this.#end += value.copy(this.#bytes, this.#end);
  }

  override writeStringArray(values: string[]): void {
    for (const value of values) this.writeString(value);
  }

  override writeLength(length: number): void {
    this.#makeRoom(1 + lengthBytes(length));
    this.#putLength(this.#end, length);
    this.#end += 1 + lengthBytes(length);
  }

  override startSequence(tag: number = SEQUENCE): void {
    this.#makeRoom(2);
    this.#bytes[this.#end] = tag;
    this.#end += 2;
    this.#open.push(this.#end);
  }

  /** Most content is short: its length has one byte, and where it needs more the content makes room. */
  override endSequence(): void {
    const start = this.#open.pop();
    if (start === undefined) throw new RangeError('there is no sequence to end');
    const length = this.#end - start;
    const more = lengthBytes(length);
    if (more > 0) {
      this.#makeRoom(more);
      this.#bytes.copyWithin(start + more, start, this.#end);
      this.#end += more;
    }
    this.#putLength(start - 1, length);
  }

  /** @returns false, with nothing written, for a text that is not ASCII */
  #writeAscii(text: string, tag: number): boolean {
    const { length } = text;
    this.#makeRoom(2 + length);
    const bytes = this.#bytes;
    const start = this.#end + 2;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[start + index] = code;
    }
    bytes[start - 2] = tag;
    bytes[start - 1] = length;
    this.#end = start + length;
    return true;
  }

  #putLength(at: number, length: number): void {
    const more = lengthBytes(length);
    if (more === 0) this.#bytes[at] = length;
    else {
      this.#bytes[at] = LONG_FORM | more;
      this.#bytes.writeUIntBE(length, at + 1, more);
    }
  }

  #makeRoom(length: number): void {
    const needed = this.#end + length;
    if (needed <= this.#bytes.length) return;
    if (needed > LONGEST_MESSAGE) throw new RangeError('the message is too long for a directory');
    const bytes = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(bytes, 0, 0, this.#end);
    this.#bytes = bytes;
  }
}

/** A writer that is used again holds on to no more than this. */
const MOST_KEPT = 0xff_ff;

/** How many bytes follow the first one of a length. */
function lengthBytes(length: number): number {
  if (length <= SHORT_FORM) return 0;
  if (length <= 0xff) return 1;
  if (length <= 0xff_ff) return 2;
  return 3;
}
