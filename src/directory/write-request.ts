import type { Control } from 'ldapts';
import {
  AddRequest,
  Attribute,
  BerWriter,
  DeleteRequest,
  ExtendedRequest,
  ModifyDNRequest,
  Change as ModifyItem,
  ModifyRequest,
} from 'ldapts';
import type { Change } from '../ldap/change.ts';
import type { LdapValue } from '../ldap/entry.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import { Assertion, PostRead, permissiveModify } from './controls.ts';
import type { DirectoryFacts } from './directory.ts';
import type { LdapRequest } from './ldap-request.ts';

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
  const postRead = makePostRead(change, returning, facts);
  const controls: Control[] = [];
  if (postRead !== undefined) controls.push(postRead);
  const assertion = assertionOf(change);
  if (assertion !== undefined && facts.supportsAssertion) controls.push(new Assertion(onTargetOnly(assertion, change.dn)));
  if (change.kind === 'modify' && change.permissive === true && facts.supportsPermissiveModify) controls.push(permissiveModify());
  return { request: makeRequest(change, controls), postRead };
}

/** What must hold for a change to be carried out; undefined for changes that can't be guarded. */
export function assertionOf(change: Change): LdapFilter | undefined {
  return change.kind === 'add' || change.kind === 'password' ? undefined : change.assertion;
}

/**
 * The assertion in the words "if this is the target, then …", so that it holds for every other entry.
 *
 * slapd (seen with 2.5.13) hands the controls of a write on to what its overlays do because of it, on other entries. Asserted as it
 * stands, the filter fails there: slapo-unique's search for doubles ends the write with 122, and slapo-memberof leaves memberOf as
 * it was, without a word. A server that has no entryDN takes that part for undefined and decides by the filter alone.
 */
function onTargetOnly(filter: LdapFilter, dn: string): LdapFilter {
  const isTarget: LdapFilter = { kind: 'equality', attribute: 'entryDN', value: dn };
  return { kind: 'or', filters: [filter, { kind: 'not', filter: isTarget }] };
}

function makePostRead(change: Change, returning: readonly string[], facts: DirectoryFacts): PostRead | undefined {
  const leavesNothing = change.kind === 'delete' || change.kind === 'password';
  if (leavesNothing || returning.length === 0 || !facts.supportsPostRead) return undefined;
  // A search passes over attributes that the schema lacks, such as memberOf without its overlay; post-read fails the whole write with 17.
  const known = returning.filter((name) => facts.schema.attributeType(name) !== undefined);
  return known.length === 0 ? undefined : new PostRead(known);
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
      const { newRdn, newSuperior } = change;
      return new ModifyDNRequest({ ...message, newRdn, deleteOldRdn: true, ...(newSuperior === undefined ? {} : { newSuperior }) });
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
  const value = new BerWriter();
  value.startSequence();
  value.writeString(dn, USER_IDENTITY);
  value.writeString(newPassword, NEW_PASSWORD);
  value.endSequence();
  return value.buffer;
}
