import type { Change } from '../ldap/change.ts';
import type { Entry, LdapValue } from '../ldap/entry.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import type { LdapSchema } from '../ldap/schema.ts';

export interface SearchRequest {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'subtree';
  readonly filter: LdapFilter;
  /** Attributes to return, by name; operational ones too. Empty: none (sent as `1.1`). */
  readonly attributes: readonly string[];
  /** Of the attributes that these speak of, return only the values that match one (RFC 3876); only where `supportsMatchedValues`. */
  readonly matchedValues?: readonly LdapFilter[];
  /** Aborted when nobody waits for the answer any longer: the search is abandoned (RFC 4511 §4.11) and rejects as `unavailable`. */
  readonly signal?: AbortSignal;
  /**
   * A replica may answer, when it holds everything that was written through us; what others have written may be missing from an answer
   * that finds something. Not for what a write is decided on.
   */
  readonly mayLag?: boolean;
  /** What `filter` says, in other words: such searches may be put together. */
  readonly lookup?: Lookup;
}

/** Entries that match a filter and have one of some values of an attribute, which is among those that are returned. */
export interface Lookup {
  /** The same object for all look-ups that have it in common. */
  readonly within: LdapFilter;
  readonly attribute: string;
  readonly values: readonly LdapValue[];
}

/**
 * What entries are sorted by: the least value of an attribute. Those without one come last, with `reverse` first; among equal ones the
 * next key decides.
 */
export interface SortKey {
  readonly attribute: string;
  /** Name of the ordering rule; absent: the attribute's own, which must have one then. */
  readonly orderingRule?: string;
  readonly reverse: boolean;
}

/** Servers with ways of their own; all others are taken at the RFCs' word. `activeDirectory` is Samba's domain controller too. */
export type DirectoryServer = 'openldap' | '389ds' | 'activeDirectory' | 'other';

/** What the directory says of itself: its root DSE and its subschema (RFC 4512 §4.2, §5.1). */
export interface DirectoryFacts {
  readonly server: DirectoryServer;
  /** The attribute of every entry that holds its DN (RFC 5020), for filters. */
  readonly dnAttribute: 'entryDN' | 'distinguishedName';
  readonly schema: LdapSchema;
  readonly supportsAssertion: boolean;
  readonly supportsPostRead: boolean;
  /** Returning just those values of an attribute that match (RFC 3876). */
  readonly supportsMatchedValues: boolean;
  /** Adding present values succeeds when asked for; found by trying, for OpenLDAP accepts it without announcing it. */
  readonly supportsPermissiveModify: boolean;
  /** Server-side sorting (RFC 2891). Servers sort for a few at a time only, and answer others with busy (51). */
  readonly supportsSorting: boolean;
  /** Who we are to the server, where that isn't what we told it (SASL EXTERNAL) and it says so. */
  readonly ownDn?: string;
}

/**
 * An LDAP directory as the rooms before it see it: entries and changes in, entries out.
 * Every method rejects with a `DirectoryError`, and with nothing else; none ever shortens an answer in silence.
 */
export interface Directory {
  /** Known once a connection has been made; waits for one. */
  facts(): Promise<DirectoryFacts>;

  /** All entries that match, in the server's order. For answers that are known to be small. */
  search(request: SearchRequest): Promise<readonly Entry[]>;

  /** The first `limit` entries, and whether there are more. One LDAP operation. */
  searchFirst(request: SearchRequest, limit: number): Promise<{ readonly entries: readonly Entry[]; readonly more: boolean }>;

  /**
   * All entries that match, in this order (RFC 2891), where the directory `supportsSorting`. One LDAP operation: it needs a size
   * limit that allows for all of them. For long answers of few attributes.
   *
   * @throws DirectoryError `refused` when it can't sort by these, busy (51) while it sorts for others
   */
  searchSorted(request: SearchRequest, keys: readonly SortKey[]): Promise<readonly Entry[]>;

  /** All entries that match, a page at a time (RFC 2696), for answers of any size. */
  searchPages(request: SearchRequest): AsyncIterable<readonly Entry[]>;

  /**
   * Carries out one change.
   *
   * @param returning attributes of the entry after the write, read in the same operation where the server can (RFC 4527)
   * @returns the entry after the write; undefined when nothing was asked for or the server can't say, then search for it.
   *          A password change never returns one.
   */
  write(change: Change, returning?: readonly string[]): Promise<Entry | undefined>;
}
