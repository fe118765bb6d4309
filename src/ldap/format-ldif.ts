import { attributeTypeOf } from './attribute-description.ts';
import type { Change, Modification } from './change.ts';
import type { Attribute, Entry, LdapValue, LinePath } from './entry.ts';
import type { LdapFilter } from './filter.ts';
import { formatLdapFilter } from './format-ldap-filter.ts';
import { formatHexPairs } from './octets.ts';

/** Attribute types, in lower case, whose values are masked unless the caller names others. */
export const PASSWORD_ATTRIBUTES: ReadonlySet<string> = new Set(['userpassword', 'unicodepwd']);

export interface LdifFormat {
  /** Attribute types, in lower case, whose values are printed as `********`. Absent: `PASSWORD_ATTRIBUTES`. */
  readonly secretAttributes?: ReadonlySet<string>;
  /** The longest line, in columns (at least 2); RFC 2849 suggests 76. Comments stay whole. Absent: nothing is folded. */
  readonly foldAt?: number;
  /** What stands as a comment before the values that come from a line of a mapping file. Absent: nothing. */
  readonly commentOf?: (source: LinePath) => string;
}

/**
 * The changes in their order as LDIF change records (RFC 2849), for people and for `ldapmodify`. Empty for no changes.
 * What LDIF can't say stands before its record as a comment: the assertion and the permissive modify control (a `control:`
 * line would be base64 of BER). A password change (RFC 3062) is only a comment, for the password is never printed.
 */
export function formatChanges(changes: readonly Change[], format: LdifFormat = {}): string {
  return changes.map((change) => formatRecord(changeLines(change, format), format)).join('\n');
}

/** The entry as an LDIF content record (RFC 2849). Attribute names are in lower case, as an `Entry` holds them. */
export function formatEntry(entry: Entry, format: LdifFormat = {}): string {
  const attributes = Array.from(entry.attributes, ([name, values]) => ({ name, values }));
  return formatRecord([line('dn', entry.dn), ...attributes.flatMap((attribute) => attributeLines(attribute, format))], format);
}

// Records

function changeLines(change: Change, format: LdifFormat): readonly string[] {
  const dn = line('dn', change.dn);
  switch (change.kind) {
    case 'add':
      return [dn, 'changetype: add', ...change.attributes.flatMap((attribute) => attributeLines(attribute, format))];
    case 'modify':
      return [
        ...assertionComment(change.assertion),
        ...(change.permissive === true ? ['# adding a value that is there succeeds (permissive modify)'] : []),
        dn,
        'changetype: modify',
        ...change.modifications.flatMap((modification) => modificationLines(modification, format)),
      ];
    case 'rename':
      return [
        ...assertionComment(change.assertion),
        ...sourceComment(change, format),
        dn,
        'changetype: modrdn',
        line('newrdn', change.newRdn),
        `deleteoldrdn: ${change.keepsOldRdn === true ? 0 : 1}`,
        ...(change.newSuperior === undefined ? [] : [line('newsuperior', change.newSuperior)]),
      ];
    case 'delete':
      return [...assertionComment(change.assertion), dn, 'changetype: delete'];
    case 'password':
      return [...sourceComment(change, format), `# password modify (RFC 3062) for ${onOneLine(change.dn)}`];
    default:
      return change satisfies never;
  }
}

function assertionComment(assertion: LdapFilter | undefined): readonly string[] {
  return assertion === undefined ? [] : [`# only while ${formatLdapFilter(assertion)}`];
}

/** A DN may hold a raw line break, which would end a comment; its hex pair means the same (RFC 4514 §2.4). */
function onOneLine(dn: string): string {
  return dn.replace(/\p{Cc}/gu, (control) => formatHexPairs(Buffer.from(control)));
}

function sourceComment({ source }: { readonly source?: LinePath }, { commentOf }: LdifFormat): readonly string[] {
  return source === undefined || commentOf === undefined ? [] : [`# ${onOneLine(commentOf(source))}`];
}

function modificationLines(modification: Modification, format: LdifFormat): readonly string[] {
  const { operation, attribute, values } = modification;
  return [...sourceComment(modification, format), line(operation, attribute), ...attributeLines({ name: attribute, values }, format), '-'];
}

function attributeLines(attribute: Attribute, format: LdifFormat): readonly string[] {
  const { name, values } = attribute;
  const isSecret = (format.secretAttributes ?? PASSWORD_ATTRIBUTES).has(attributeTypeOf(name));
  return [...sourceComment(attribute, format), ...values.map((value) => line(name, isSecret ? '********' : value))];
}

// Lines

/**
 * Text that can be printed as it is. Stricter than SAFE-STRING: no control characters at all, so that nothing a client sent
 * can steer a terminal, and no blank at the end (RFC 2849 note 8).
 */
const PRINTABLE = /^(?![ :<])[ -~]*(?<! )$/;

function line(name: string, value: LdapValue): string {
  if (value === '') return `${name}:`;
  if (typeof value === 'string' && PRINTABLE.test(value)) return `${name}: ${value}`;
  return `${name}:: ${Buffer.from(value).toString('base64')}`;
}

function formatRecord(lines: readonly string[], { foldAt }: LdifFormat): string {
  return lines.map((text) => `${foldAt === undefined || text.startsWith('#') ? text : fold(text, foldAt)}\n`).join('');
}

function fold(text: string, foldAt: number): string {
  const width = Math.max(foldAt, 2);
  const lines = [text.slice(0, width)];
  for (let start = width; start < text.length; start += width - 1) lines.push(` ${text.slice(start, start + width - 1)}`);
  return lines.join('\n');
}
