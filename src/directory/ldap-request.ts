import type { AddRequest, BindRequest, DeleteRequest, ExtendedRequest, ModifyDNRequest, ModifyRequest, SearchRequest } from 'ldapts';
import { BerWriter, ProtocolOperation } from 'ldapts';

/** The requests that are answered (RFC 4511 §4.2 to §4.12), as ldapts' message classes. Make a new one for every attempt. */
export type LdapRequest = AddRequest | BindRequest | DeleteRequest | ExtendedRequest | ModifyDNRequest | ModifyRequest | SearchRequest;

/** Up to here ldapts' writer needs no second thought: content of fewer than 65,536 bytes is never moved to make room for its length. */
const SAFE_LENGTH = 0xffff;

/**
 * The bytes of a request, an LDAPMessage (RFC 4511 §4.1.1).
 *
 * ldapts' writer moves long content one byte to the right without asking for room, so a message that just fills its buffer
 * would lose bytes. Long messages are therefore written a second time, into a buffer that is large enough from the start.
 *
 * @throws Error when the message has more than 16 MiB: ldapts can't write it and slapd wouldn't read it
 */
export function encodeRequest(request: LdapRequest): Buffer {
  const encoded = write(request, new BerWriter());
  return encoded.length <= SAFE_LENGTH ? encoded : write(request, new BerWriter({ size: encoded.length + 1024 }));
}

function write(request: LdapRequest, writer: BerWriter): Buffer {
  writer.startSequence();
  writer.writeInt(request.messageId);
  writer.startSequence(request.protocolOperation);
  request.writeMessage(writer);
  writer.endSequence();
  if (request.controls !== undefined && request.controls.length > 0) {
    writer.startSequence(ProtocolOperation.LDAP_CONTROLS);
    for (const control of request.controls) control.write(writer);
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}
