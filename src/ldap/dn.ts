import { isUtf8 } from 'node:buffer';
import { NAME_OR_OID } from './attribute-description.ts';
import { caseIgnoreKey } from './case-ignore.ts';
import { formatHexPairs, parseHexPairs } from './octets.ts';
import { TextError } from './text-error.ts';
import { TextScanner } from './text-scanner.ts';

/** An attribute type and value of an RDN. The value is raw text; a Buffer is the BER encoding that was written as `#hex`. */
export interface Ava {
  readonly type: string;
  readonly value: string | Buffer;
}

/** A relative distinguished name: one AVA, or several in no particular order (`cn=Ada+uid=1`). */
export type Rdn = readonly Ava[];

/** A distinguished name, the entry's own RDN first. The empty DN (the root) is `[]`. */
export type Dn = readonly Rdn[];

/** The text is not a DN. */
export class DnSyntaxError extends TextError {
  override readonly name = 'DnSyntaxError';
}

/**
 * Reads the text of a distinguished name (RFC 4514 §3). Escapes may be `\,` or `\2c`; several hex pairs in a row are UTF-8.
 * As RFC 2253 §4 asks for, also read are: blanks around `,` `+` `=`, `;` instead of `,`, values in quotes, and `OID.2.5.4.3`.
 *
 * @returns types as written, values without escapes. A text of nothing but blanks is the empty DN
 * @throws DnSyntaxError also for a value that isn't UTF-8
 */
export function parseDn(text: string): Dn {
  const known = KNOWN_DNS.get(text);
  if (known !== undefined) return known;
  const dn = readSimpleDn(text) ?? readDn(text);
  if (text.length > LONGEST_KNOWN) return dn;
  if (KNOWN_DNS.size >= MOST_KNOWN) KNOWN_DNS.clear();
  KNOWN_DNS.set(text, dn);
  return dn;
}

function readDn(text: string): Dn {
  const scanner = new TextScanner(text);
  scanner.take(BLANKS);
  if (scanner.atEnd) return [];
  const rdns: Rdn[] = [];
  do rdns.push(readRdn(scanner));
  while (scanner.take(RDN_SEPARATOR) !== undefined);
  expectEnd(scanner, 'expected ",", "+" or the end');
  return rdns;
}

/**
 * The text of a DN (RFC 4514 §2). Whatever could be read as syntax becomes hex pairs, `\2c` rather than `\,`:
 * so a separator stands exactly where the text has a `,` or `+`, for readers that look no closer as well.
 */
export function formatDn(dn: Dn): string {
  return dn.map(formatRdn).join(',');
}

/** The text of an RDN; see `formatDn`. */
export function formatRdn(rdn: Rdn): string {
  return rdn.map(formatAva).join('+');
}

/**
 * A key that is equal for two DNs when they name the same entry, as far as can be told without the schema: attribute types
 * without case, values as by `caseIgnoreKey`, AVAs of an RDN in any order. Types are not translated: `cn` isn't `commonName`.
 * A text that is no DN (Active Directory's `<GUID=…>`) has a key of its own: equal to itself only. Never throws.
 */
export function dnKey(dn: Dn | string): string {
  return rdnKeys(dn).join(',');
}

/** Whether the entry is the base or stands anywhere below it. A text that is no DN is within itself and the empty DN. */
export function isWithin(dn: Dn | string, base: Dn | string): boolean {
  const names = rdnKeys(dn);
  const baseNames = rdnKeys(base);
  const depth = names.length - baseNames.length;
  return depth >= 0 && baseNames.every((name, index) => name === names[depth + index]);
}

/**
 * The entry's own RDN; undefined for the empty DN.
 *
 * @throws DnSyntaxError for a text that is no DN
 */
export function leafRdn(dn: Dn | string): Rdn | undefined {
  return (typeof dn === 'string' ? parseDn(dn) : dn)[0];
}

// Keys

/** One request asks about few DNs, and often: bases, and the entry that it is about. Emptied when full. */
const KNOWN_KEYS = new Map<string, readonly string[]>();
const KNOWN_DNS = new Map<string, Dn>();
const MOST_KNOWN = 1000;
const LONGEST_KNOWN = 1000;

function rdnKeys(dn: Dn | string): readonly string[] {
  if (typeof dn !== 'string') return dn.map(rdnKey);
  const known = KNOWN_KEYS.get(dn);
  if (known !== undefined) return known;
  const keys = readKeys(dn);
  if (dn.length > LONGEST_KNOWN) return keys;
  if (KNOWN_KEYS.size >= MOST_KNOWN) KNOWN_KEYS.clear();
  KNOWN_KEYS.set(dn, keys);
  return keys;
}

function readKeys(dn: string): readonly string[] {
  try {
    return parseDn(dn).map(rdnKey);
  } catch (error) {
    // Counts as one RDN that no other can equal: no attribute type starts with "?".
    if (error instanceof DnSyntaxError) return [`?${dn}`];
    throw error;
  }
}

function rdnKey(rdn: Rdn): string {
  return rdn.map(avaKey).toSorted().join('+');
}

function avaKey({ type, value }: Ava): string {
  return formatAva({ type: type.toLowerCase(), value: typeof value === 'string' ? caseIgnoreKey(value) : value });
}

// Text out of data

/** Special characters of RFC 4514 §2.4 and control characters, a leading blank or `#`, a trailing blank. */
const SPECIAL = /[\p{Cc}"+,;<=>\\]|^[ #]| $/gu;

function formatAva({ type, value }: Ava): string {
  if (typeof value !== 'string') return `${type}=#${value.toString('hex')}`;
  return `${type}=${value.replace(SPECIAL, (special) => formatHexPairs(Buffer.from(special)))}`;
}

// Data out of text

/** What nearly all names are made of: one AVA, and nothing that is or could be syntax. */
const SIMPLE_RDN = /^([a-z][a-z0-9-]*)=((?:[^ "#+,;<>\\\0](?:[^"+,;<>\\\0]*[^ "+,;<>\\\0])?)?)$/i;

/** The same as `readDn` for a DN of nothing but these; undefined for any other. */
function readSimpleDn(text: string): Dn | undefined {
  const rdns: Rdn[] = [];
  for (const part of text.split(',')) {
    const [, type, value] = SIMPLE_RDN.exec(part) ?? [];
    if (type === undefined || value === undefined) return undefined;
    rdns.push([{ type, value }]);
  }
  return rdns;
}

const BLANKS = / */y;
const RDN_SEPARATOR = / *[,;] */y;
const AVA_SEPARATOR = / *\+ */y;
const EQUALS = / *= */y;
const OID_PREFIX = /oid\.(?=[0-9])/iy;
const QUOTE = /"/y;
const HEX_STRING = /#(?:[0-9a-f]{2})+/iy;
const HEX_PAIRS = /(?:\\[0-9a-f]{2})+/iy;
const ESCAPED_CHARACTER = /\\[ "#+,;<=>\\]/y;
const BACKSLASH = /\\/y;
// NUL stands in a value only as \00.
const PLAIN = /[^ "+,;<>\\\0]+/y;
const PLAIN_IN_QUOTES = /[^"\\\0]+/y;

function readRdn(scanner: TextScanner): Rdn {
  const avas: Ava[] = [];
  do avas.push(readAva(scanner));
  while (scanner.take(AVA_SEPARATOR) !== undefined);
  return avas;
}

function readAva(scanner: TextScanner): Ava {
  scanner.take(OID_PREFIX);
  const type = scanner.take(NAME_OR_OID);
  if (type === undefined) throw new DnSyntaxError('expected an attribute type', scanner.offset);
  if (scanner.take(EQUALS) === undefined) throw new DnSyntaxError('expected "=" after the attribute type', scanner.offset);
  return { type, value: readValue(scanner) };
}

function readValue(scanner: TextScanner): string | Buffer {
  const hexString = scanner.take(HEX_STRING);
  const value = hexString === undefined ? readText(scanner) : Buffer.from(hexString.slice(1), 'hex');
  scanner.take(BLANKS);
  return value;
}

function readText(scanner: TextScanner): string {
  if (scanner.take(QUOTE) !== undefined) return readQuoted(scanner);
  if (scanner.text[scanner.offset] === '#') throw new DnSyntaxError('expected pairs of hexadecimal digits after "#"', scanner.offset);
  let value = '';
  for (;;) {
    // Blanks belong to the value only when something follows that does.
    const blanks = scanner.take(BLANKS) ?? '';
    const piece = scanner.take(PLAIN) ?? readEscaped(scanner);
    if (piece === undefined) return value;
    value += blanks + piece;
  }
}

function readQuoted(scanner: TextScanner): string {
  let value = '';
  while (scanner.take(QUOTE) === undefined) {
    const piece = scanner.take(PLAIN_IN_QUOTES) ?? readEscaped(scanner);
    if (piece === undefined) throw new DnSyntaxError('expected a closing quote', scanner.offset);
    value += piece;
  }
  return value;
}

function readEscaped(scanner: TextScanner): string | undefined {
  const start = scanner.offset;
  const pairs = scanner.take(HEX_PAIRS);
  if (pairs !== undefined) {
    const octets = parseHexPairs(pairs);
    if (!isUtf8(octets)) throw new DnSyntaxError('the escaped bytes are not UTF-8', start);
    return octets.toString('utf8');
  }
  const character = scanner.take(ESCAPED_CHARACTER);
  if (character === undefined && scanner.take(BACKSLASH) !== undefined) {
    throw new DnSyntaxError('"\\" must be followed by two hexadecimal digits or a special character', start);
  }
  return character?.slice(1);
}

function expectEnd(scanner: TextScanner, expectation: string): void {
  if (!scanner.atEnd) throw new DnSyntaxError(expectation, scanner.offset);
}
