import type { BerWriter } from 'ldapts';
import { Ber, Filter, SearchFilter } from 'ldapts';
import type { LdapValue } from '../ldap/entry.ts';
import type { LdapFilter } from '../ldap/filter.ts';

/** slapd refuses deeper filters too (`maxfilterdepth`). */
const DEEPEST_FILTER = 1000;

const SUBSTRING_INITIAL = 0x80;
const SUBSTRING_ANY = 0x81;
const SUBSTRING_FINAL = 0x82;
const MATCHING_RULE = 0x81;
const MATCHING_TYPE = 0x82;
const MATCHING_VALUE = 0x83;
const MATCHING_DN_ATTRIBUTES = 0x84;

/**
 * Our filter as one that ldapts' requests and controls write (RFC 4511 §4.5.1.7). Values go to the wire as they are, text and
 * bytes alike; nothing is printed and parsed again in between.
 */
export class EncodedFilter extends Filter {
  override readonly type;
  readonly #filter: LdapFilter;

  constructor(filter: LdapFilter) {
    super();
    this.type = tagOf(filter);
    this.#filter = filter;
  }

  override write(writer: BerWriter): void {
    writeFilter(writer, this.#filter, 1);
  }

  override toString(): string {
    return `[${this.#filter.kind} filter]`;
  }
}

function writeFilter(writer: BerWriter, filter: LdapFilter, depth: number): void {
  if (depth > DEEPEST_FILTER) throw new RangeError('the filter is nested too deeply');
  if (filter.kind === 'present') {
    writer.writeString(filter.attribute, SearchFilter.present);
    return;
  }
  writer.startSequence(tagOf(filter));
  switch (filter.kind) {
    case 'and':
    case 'or':
      for (const part of filter.filters) writeFilter(writer, part, depth + 1);
      break;
    case 'not':
      writeFilter(writer, filter.filter, depth + 1);
      break;
    case 'equality':
    case 'greaterOrEqual':
    case 'lessOrEqual':
    case 'approximate':
      writer.writeString(filter.attribute);
      writeValue(writer, filter.value, Ber.OctetString);
      break;
    case 'substring':
      writer.writeString(filter.attribute);
      writer.startSequence();
      if (filter.initial !== undefined) writer.writeString(filter.initial, SUBSTRING_INITIAL);
      for (const part of filter.any) writer.writeString(part, SUBSTRING_ANY);
      if (filter.final !== undefined) writer.writeString(filter.final, SUBSTRING_FINAL);
      writer.endSequence();
      break;
    case 'extensible':
      if (filter.matchingRule !== undefined) writer.writeString(filter.matchingRule, MATCHING_RULE);
      if (filter.attribute !== undefined) writer.writeString(filter.attribute, MATCHING_TYPE);
      writeValue(writer, filter.value, MATCHING_VALUE);
      if (filter.dnAttributes) writer.writeBoolean(true, MATCHING_DN_ATTRIBUTES);
      break;
  }
  writer.endSequence();
}

function tagOf(filter: LdapFilter) {
  switch (filter.kind) {
    case 'and':
      return SearchFilter.and;
    case 'or':
      return SearchFilter.or;
    case 'not':
      return SearchFilter.not;
    case 'equality':
      return SearchFilter.equalityMatch;
    case 'greaterOrEqual':
      return SearchFilter.greaterOrEqual;
    case 'lessOrEqual':
      return SearchFilter.lessOrEqual;
    case 'approximate':
      return SearchFilter.approxMatch;
    case 'present':
      return SearchFilter.present;
    case 'substring':
      return SearchFilter.substrings;
    case 'extensible':
      return SearchFilter.extensibleMatch;
  }
}

function writeValue(writer: BerWriter, value: LdapValue, tag: number): void {
  if (typeof value === 'string') writer.writeString(value, tag);
  else writer.writeBuffer(value, tag);
}
