const SEQUENCE = 0x30;
const LONG_FORM = 0x80;
const LONGEST_MESSAGE = 2 ** 30;

/**
 * Cuts the bytes of a connection into LDAP messages (RFC 4511 §5.2: one BER SEQUENCE after the other).
 * The time taken is linear in the bytes, in whatever pieces they arrive.
 */
export class MessageFramer {
  #chunks: Buffer[] = [];
  #size = 0;
  /** With fewer bytes than this no message is complete. */
  #needed = 0;

  /** Whether every byte seen so far belongs to a message that was handed out. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /**
   * @returns the messages that this chunk completes, each in full
   * @throws Error when the bytes are no LDAP messages; nothing that follows can be understood
   */
  push(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return [];

    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#size);
    const messages: Buffer[] = [];
    let start = 0;
    let length = messageLength(bytes, start);
    while (length !== undefined && start + length <= bytes.length) {
      messages.push(bytes.subarray(start, start + length));
      start += length;
      length = messageLength(bytes, start);
    }

    this.#size = bytes.length - start;
    this.#chunks = this.#size === 0 ? [] : [bytes.subarray(start)];
    this.#needed = length ?? this.#size + 1;
    return messages;
  }
}

/** The length of the message that starts here, header included; undefined when its header isn't complete. */
function messageLength(bytes: Buffer, start: number): number | undefined {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag !== undefined && tag !== SEQUENCE) throw new Error(`not an LDAP message: it begins with 0x${tag.toString(16)}`);
  if (first === undefined) return undefined;
  if (first < LONG_FORM) return 2 + first;

  const digits = first - LONG_FORM;
  if (digits === 0 || digits > 4) throw new Error(`not an LDAP message: a length of ${digits} bytes`);
  if (bytes.length < start + 2 + digits) return undefined;
  const length = bytes.readUIntBE(start + 2, digits);
  if (length > LONGEST_MESSAGE) throw new Error(`an LDAP message of ${length} bytes`);
  return 2 + digits + length;
}
