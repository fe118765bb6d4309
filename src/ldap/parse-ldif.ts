import { ATTRIBUTE_DESCRIPTION } from './attribute-description.ts';
import type { Change, Modification } from './change.ts';
import type { Attribute, LdapValue } from './entry.ts';
import { valueFromOctets } from './octets.ts';
import { TextScanner } from './text-scanner.ts';

/** A content record. Several lines of one attribute are one `Attribute`, in the order and the spelling of the first. */
export interface LdifEntry {
  readonly kind: 'entry';
  readonly dn: string;
  readonly attributes: readonly Attribute[];
}

/** What one LDIF record says. A password change has no LDIF. */
export type LdifRecord = LdifEntry | Exclude<Change, { readonly kind: 'password' }>;

/** The text is not LDIF, or LDIF that a `Change` can't say. `line` counts from 1. */
export class LdifSyntaxError extends Error {
  override readonly name = 'LdifSyntaxError';
  readonly reason: string;
  readonly line: number;

  constructor(reason: string, line: number) {
    super(`${reason} (line ${line})`);
    this.reason = reason;
    this.line = line;
  }
}

/**
 * Reads LDIF (RFC 2849): content and change records, also mixed, with comments, folded lines, base64 and `version: 1`.
 * More lenient than the RFC in what people type: UTF-8 as it is, no `version`, no `-` after the last part of a modify record,
 * an entry without attributes. DNs are taken as they stand.
 *
 * @throws LdifSyntaxError also for what would change a record's meaning if it were skipped: `control:` lines, values by URL (`:<`),
 *         `deleteoldrdn: 0`, other change types and versions
 */
export function parseLdif(text: string): readonly LdifRecord[] {
  const blocks = splitIntoBlocks(text).map((lines, index) => (index === 0 ? withoutVersion(lines) : lines));
  return blocks.filter((lines) => lines.length > 0).map(readRecord);
}

// Lines

/** A logical line: unfolded, decoded, no comment. The line `-` has that name and an empty value. */
interface Line {
  /** Of its first physical line, from 1. */
  readonly number: number;
  readonly name: string;
  readonly value: LdapValue;
}

const BLANKS = / */y;
const SEPARATOR = /:[:<]?/y;

/** The lines of each record; blank lines stand between records. */
function splitIntoBlocks(text: string): readonly (readonly Line[])[] {
  const blocks: (readonly Line[])[] = [];
  let block: { number: number; text: string }[] = [];
  const endBlock = (): void => {
    const lines = block.filter((line) => !line.text.startsWith('#')).map((line) => readLine(line.text, line.number));
    if (lines.length > 0) blocks.push(lines);
    block = [];
  };
  for (const [index, physicalLine] of text.split(/\r?\n/).entries()) {
    const folded = physicalLine.startsWith(' ') ? block.at(-1) : undefined;
    if (physicalLine === '') endBlock();
    else if (folded !== undefined) folded.text += physicalLine.slice(1);
    else block.push({ number: index + 1, text: physicalLine });
  }
  endBlock();
  return blocks;
}

function withoutVersion(lines: readonly Line[]): readonly Line[] {
  const [first, ...others] = lines;
  if (first?.name !== 'version') return lines;
  if (first.value !== '1') throw new LdifSyntaxError('only LDIF version 1 is known', first.number);
  return others;
}

function readLine(text: string, number: number): Line {
  if (text === '-') return { number, name: '-', value: '' };
  const scanner = new TextScanner(text);
  const name = scanner.take(ATTRIBUTE_DESCRIPTION);
  const separator = scanner.take(SEPARATOR);
  if (name === undefined || separator === undefined) throw new LdifSyntaxError('expected a name, a colon and a value', number);
  if (separator === ':<') throw new LdifSyntaxError('values are not read from URLs', number);
  scanner.take(BLANKS);
  const value = scanner.takeRest();
  return { number, name, value: separator === '::' ? decodeBase64(value, number) : value };
}

function decodeBase64(base64: string, number: number): LdapValue {
  const octets = Buffer.from(base64, 'base64');
  if (octets.toString('base64') !== base64) throw new LdifSyntaxError('not base64', number);
  return valueFromOctets(octets);
}

// Records

/** Names that begin or rule a record; among the attributes they mean that a blank line is missing or the order is wrong. */
const RESERVED_NAMES = new Set(['-', 'dn', 'changetype', 'control']);

function readRecord(lines: readonly Line[]): LdifRecord {
  const [first, second] = lines;
  if (first === undefined || keyOf(first) !== 'dn') throw new LdifSyntaxError('a record begins with "dn:"', first?.number ?? 1);
  const dn = textOf(first);
  if (second === undefined || keyOf(second) !== 'changetype') return { kind: 'entry', dn, attributes: readAttributes(lines.slice(1)) };
  return readChange(dn, second, lines.slice(2));
}

function readChange(dn: string, changeType: Line, lines: readonly Line[]): LdifRecord {
  switch (textOf(changeType).toLowerCase()) {
    case 'add':
      return { kind: 'add', dn, attributes: readAttributes(lines) };
    case 'modify':
      return { kind: 'modify', dn, modifications: readModifications(lines) };
    case 'modrdn':
    case 'moddn':
      return { kind: 'rename', dn, ...readNewName(lines, changeType.number) };
    case 'delete':
      expectNoMore(lines[0]);
      return { kind: 'delete', dn };
    default:
      throw new LdifSyntaxError('the change type is add, modify, modrdn or delete', changeType.number);
  }
}

function readAttributes(lines: readonly Line[]): readonly Attribute[] {
  const attributes = new Map<string, { readonly name: string; readonly values: LdapValue[] }>();
  for (const line of lines) {
    const key = keyOf(line);
    if (RESERVED_NAMES.has(key)) throw new LdifSyntaxError(`"${line.name}" has no place among the attributes`, line.number);
    const known = attributes.get(key);
    if (known === undefined) attributes.set(key, { name: line.name, values: [line.value] });
    else known.values.push(line.value);
  }
  return [...attributes.values()];
}

function readModifications(lines: readonly Line[]): readonly Modification[] {
  const modifications: Modification[] = [];
  let open: { readonly operation: Modification['operation']; readonly attribute: string; readonly values: LdapValue[] } | undefined;
  for (const line of lines) {
    if (open === undefined) {
      open = { operation: operationOf(line), attribute: attributeOf(line), values: [] };
      modifications.push(open);
    } else if (line.name === '-') {
      open = undefined;
    } else if (keyOf(line) === open.attribute.toLowerCase()) {
      open.values.push(line.value);
    } else {
      throw new LdifSyntaxError(`expected a value of "${open.attribute}" or "-"`, line.number);
    }
  }
  return modifications;
}

function operationOf(line: Line): Modification['operation'] {
  const operation = keyOf(line);
  if (operation === 'add' || operation === 'delete' || operation === 'replace') return operation;
  throw new LdifSyntaxError('expected "add:", "delete:" or "replace:"', line.number);
}

function attributeOf(line: Line): string {
  const scanner = new TextScanner(textOf(line));
  const attribute = scanner.take(ATTRIBUTE_DESCRIPTION);
  if (attribute === undefined || !scanner.atEnd) throw new LdifSyntaxError(`"${line.name}:" must name an attribute`, line.number);
  return attribute;
}

function readNewName(lines: readonly Line[], number: number): { readonly newRdn: string; readonly newSuperior?: string } {
  const [newRdn, deleteOldRdn, newSuperior, ...more] = lines;
  if (newRdn === undefined || keyOf(newRdn) !== 'newrdn') throw new LdifSyntaxError('expected "newrdn:"', newRdn?.number ?? number);
  if (deleteOldRdn === undefined || keyOf(deleteOldRdn) !== 'deleteoldrdn' || deleteOldRdn.value !== '1') {
    throw new LdifSyntaxError('expected "deleteoldrdn: 1"', deleteOldRdn?.number ?? newRdn.number);
  }
  if (newSuperior === undefined) return { newRdn: textOf(newRdn) };
  if (keyOf(newSuperior) !== 'newsuperior') throw new LdifSyntaxError('expected "newsuperior:"', newSuperior.number);
  expectNoMore(more[0]);
  return { newRdn: textOf(newRdn), newSuperior: textOf(newSuperior) };
}

function expectNoMore(line: Line | undefined): void {
  if (line !== undefined) throw new LdifSyntaxError('expected the end of the record', line.number);
}

function keyOf(line: Line): string {
  return line.name.toLowerCase();
}

function textOf(line: Line): string {
  if (typeof line.value !== 'string') throw new LdifSyntaxError(`"${line.name}" must be UTF-8`, line.number);
  return line.value;
}
