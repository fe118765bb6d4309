import type { BerReader, BerWriter } from 'ldapts';
import { Ber, Control, PagedResultsControl, ServerSideSortingRequestControl } from 'ldapts';
import type { Entry } from '../ldap/entry.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import type { SortKey } from './directory.ts';
import { EncodedFilter } from './filter-encoding.ts';
import { MessageWriter } from './message-writer.ts';
import { readEntry } from './read-entry.ts';

/** Object identifiers as the root DSE's `supportedControl` lists them. */
export const CONTROL = {
  assertion: '1.3.6.1.1.12',
  postRead: '1.3.6.1.1.13.2',
  matchedValues: '1.2.826.0.1.3344810.2.3',
  permissiveModify: '1.2.840.113556.1.4.1413',
  pagedResults: '1.2.840.113556.1.4.319',
  sorting: '1.2.840.113556.1.4.473',
} as const;

/*
 * All of them are critical: a server that doesn't know one refuses the operation (12) instead of doing something else.
 * An instance belongs to one attempt of one operation: ldapts reads the response into it.
 */

/** The operation is carried out only when the filter matches the target; otherwise result 122 (RFC 4528). */
export class Assertion extends Control {
  readonly #filter: LdapFilter;

  constructor(filter: LdapFilter) {
    super(CONTROL.assertion, { critical: true });
    this.#filter = filter;
  }

  override writeControl(writer: BerWriter): void {
    const value = new MessageWriter();
    new EncodedFilter(this.#filter).write(value);
    writer.writeBuffer(value.buffer, Ber.OctetString);
  }
}

/** The entry as the write leaves it, from within the operation (RFC 4527 §3.2). */
export class PostRead extends Control {
  readonly #attributes: readonly string[];
  /** Set by a successful answer; holds what access control lets us see. */
  entry: Entry | undefined;

  constructor(attributes: readonly string[]) {
    super(CONTROL.postRead, { critical: true });
    this.#attributes = attributes;
  }

  override writeControl(writer: BerWriter): void {
    const value = new MessageWriter();
    value.startSequence();
    for (const attribute of this.#attributes) value.writeString(attribute);
    value.endSequence();
    writer.writeBuffer(value.buffer, Ber.OctetString);
  }

  /** The value is a SearchResultEntry (RFC 4511 §4.5.2). */
  override parseControl(reader: BerReader): void {
    this.entry = readEntry(reader.remainingBuffer);
  }
}

/** Only those values are returned that match one of the filters (RFC 3876 §2). */
export class MatchedValues extends Control {
  readonly #filters: readonly LdapFilter[];

  constructor(filters: readonly LdapFilter[]) {
    super(CONTROL.matchedValues, { critical: true });
    this.#filters = filters;
  }

  override writeControl(writer: BerWriter): void {
    const value = new MessageWriter();
    value.startSequence();
    for (const filter of this.#filters) new EncodedFilter(filter).write(value);
    value.endSequence();
    writer.writeBuffer(value.buffer, Ber.OctetString);
  }
}

/** Adding a value that is there succeeds; on OpenLDAP deleting an absent one still fails (16). */
export function permissiveModify(): Control {
  return new Control(CONTROL.permissiveModify, { critical: true });
}

/** Asks for one page (RFC 2696). @param cookie from the page before; undefined for the first */
export function pagedResults(size: number, cookie: Buffer | undefined): Control {
  const value = cookie === undefined ? { size } : { size, cookie };
  return new PagedResultsControl({ critical: true, value });
}

/**
 * Asks for entries in an order (RFC 2891). Not to be joined with paged results: OpenLDAP 2.5 answers now and then the next page of a
 * sorted search with busy (51), and a search that is left half-read holds its place until the connection ends.
 */
export function sorting(keys: readonly SortKey[]): Control {
  const value = keys.map(({ attribute, orderingRule = '', reverse }) => ({
    attributeType: attribute,
    orderingRule,
    reverseOrder: reverse,
  }));
  return new ServerSideSortingRequestControl({ critical: true, value });
}

/** The cookie of the next page; undefined when this was the last one. */
export function nextPageCookie(controls: readonly Control[]): Buffer | undefined {
  const cookie = controls.find((control) => control instanceof PagedResultsControl)?.value?.cookie;
  return cookie === undefined || cookie.length === 0 ? undefined : cookie;
}
