import type { Control } from 'ldapts';
import { AddRequest, Attribute, DeleteRequest, ExtendedRequest, ModifyDNRequest, Change as ModifyItem, ModifyRequest } from 'ldapts';
import type { Change } from '../ldap/change.ts';
import type { LdapValue } from '../ldap/entry.ts';
import { Assertion, PostRead, permissiveModify } from './controls.ts';
import type { DirectoryFacts } from './directory.ts';
import type { LdapRequest } from './ldap-request.ts';
import { MessageWriter } from './message-writer.ts';
import { writeControls } from './write-controls.ts';

const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1';
const USER_IDENTITY = 0x80;
const NEW_PASSWORD = 0x82;

/** A write on its way; `postRead` holds the entry once a successful answer came. */
export interface WriteRequest {
  readonly request: LdapRequest;
  readonly postRead: PostRead | undefined;
}

/**
 * The LDAP request of a change, with the controls that this directory knows.
 *
 * @param returning attributes to read after the write; empty: none
 */
export function makeWriteRequest(change: Change, returning: readonly string[], facts: DirectoryFacts): WriteRequest {
  const { assertion, postRead: read, permissive } = writeControls(change, returning, facts);
  const postRead = read === undefined ? undefined : new PostRead(read);
  const controls: Control[] = [];
  if (postRead !== undefined) controls.push(postRead);
  if (assertion !== undefined) controls.push(new Assertion(assertion));
  if (permissive) controls.push(permissiveModify());
  return { request: makeRequest(change, controls), postRead };
}

function makeRequest(change: Change, controls: Control[]): LdapRequest {
  const { dn } = change;
  const message = { messageId: 0, controls, dn };
  switch (change.kind) {
    case 'add':
      return new AddRequest({ ...message, attributes: change.attributes.map(({ name, values }) => toLdaptsAttribute(name, values)) });
    case 'modify':
      return new ModifyRequest({
        ...message,
        changes: change.modifications.map(
          ({ operation, attribute, values }) => new ModifyItem({ operation, modification: toLdaptsAttribute(attribute, values) }),
        ),
      });
    case 'rename': {
      const { newRdn, newSuperior, keepsOldRdn } = change;
      return new ModifyDNRequest({
        ...message,
        newRdn,
        deleteOldRdn: keepsOldRdn !== true,
        ...(newSuperior === undefined ? {} : { newSuperior }),
      });
    }
    case 'delete':
      return new DeleteRequest(message);
    case 'password':
      return new ExtendedRequest({ messageId: 0, controls, oid: PASSWORD_MODIFY, value: passwordModifyValue(dn, change.newPassword) });
  }
}

function toLdaptsAttribute(type: string, values: readonly LdapValue[]): Attribute {
  return new Attribute({ type, values: values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value)) });
}

/** PasswdModifyRequestValue (RFC 3062 §2). The password is always ours: ldapts would damage one that the server made. */
function passwordModifyValue(dn: string, newPassword: string): Buffer {
  const value = new MessageWriter();
  value.startSequence();
  value.writeString(dn, USER_IDENTITY);
  value.writeString(newPassword, NEW_PASSWORD);
  value.endSequence();
  return value.buffer;
}
