import type { Change } from '../ldap/change.ts';
import { isEverything, type LdapFilter } from '../ldap/filter.ts';
import type { DirectoryFacts } from './directory.ts';

/** The controls that go with a write, as data. All of them are critical. */
export interface WriteControls {
  /** RFC 4528. */
  readonly assertion?: LdapFilter;
  /** Attributes of the entry to read after the write (RFC 4527 §3.2). */
  readonly postRead?: readonly string[];
  /** Adding a value that is there succeeds. */
  readonly permissive: boolean;
}

/**
 * The controls of a change, as far as this directory knows them.
 *
 * @param returning attributes to read after the write; empty: none
 */
export function writeControls(change: Change, returning: readonly string[], facts: DirectoryFacts): WriteControls {
  const assertion = assertionOf(change);
  const postRead = postReadOf(change, returning, facts);
  return {
    ...(assertion !== undefined && facts.supportsAssertion ? { assertion: onTargetOnly(assertion, change.dn) } : {}),
    ...(postRead.length > 0 ? { postRead } : {}),
    permissive: change.kind === 'modify' && change.permissive === true && facts.supportsPermissiveModify,
  };
}

/** What must hold for a change to be carried out; undefined for changes that can't be guarded. */
export function assertionOf(change: Change): LdapFilter | undefined {
  const assertion = change.kind === 'add' || change.kind === 'password' ? undefined : change.assertion;
  return assertion === undefined || isEverything(assertion) ? undefined : assertion;
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

function postReadOf(change: Change, returning: readonly string[], facts: DirectoryFacts): readonly string[] {
  const leavesNothing = change.kind === 'delete' || change.kind === 'password';
  if (leavesNothing || !facts.supportsPostRead) return [];
  // A search passes over attributes that the schema lacks, such as memberOf without its overlay; post-read fails the whole write with 17.
  return returning.filter((name) => facts.schema.attributeType(name) !== undefined);
}
