import type { AddRequest, BindRequest, DeleteRequest, ExtendedRequest, ModifyDNRequest, ModifyRequest, SearchRequest } from 'ldapts';
import { ProtocolOperation } from 'ldapts';
import { MessageWriter } from './message-writer.ts';

/** The requests that are answered (RFC 4511 §4.2 to §4.12), as ldapts' message classes. Make a new one for every attempt. */
export type LdapRequest = AddRequest | BindRequest | DeleteRequest | ExtendedRequest | ModifyDNRequest | ModifyRequest | SearchRequest;

/** One for all messages: a message is written in one go. */
const writer = new MessageWriter();

/**
 * The bytes of a request, an LDAPMessage (RFC 4511 §4.1.1).
 *
 * @throws RangeError when the message has more than 16 MiB: slapd wouldn't read it
 */
export function encodeRequest(request: LdapRequest): Buffer {
  writer.clear();
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
