import { formatDn, leafRdn, parseDn } from './dn.ts';
import type { Attribute, LdapValue, LinePath } from './entry.ts';
import type { LdapFilter } from './filter.ts';

/** One line of a modify request (RFC 4511 §4.6). `delete` and `replace` without values remove the attribute. */
export interface Modification {
  readonly operation: 'add' | 'delete' | 'replace';
  readonly attribute: string;
  readonly values: readonly LdapValue[];
  readonly source?: LinePath;
}

/**
 * One write operation, as data: it can be sent, printed as LDIF, counted and compared.
 *
 * `assertion` is carried out by the directory together with the write (RFC 4528): when it doesn't hold, nothing is written.
 */
export type Change =
  | { readonly kind: 'add'; readonly dn: string; readonly attributes: readonly Attribute[] }
  | ModifyChange
  | {
      readonly kind: 'rename';
      readonly dn: string;
      /** RFC 4514 text of the new RDN; the old RDN value leaves the entry. */
      readonly newRdn: string;
      /** But for an undo, where the entry had the value before it was named by it. */
      readonly keepsOldRdn?: true;
      /** Absent: the entry stays below its parent. */
      readonly newSuperior?: string;
      readonly assertion?: LdapFilter;
      readonly source?: LinePath;
    }
  | { readonly kind: 'delete'; readonly dn: string; readonly assertion?: LdapFilter }
  /** Password modify extended operation (RFC 3062). The password is never printed. */
  | { readonly kind: 'password'; readonly dn: string; readonly newPassword: string; readonly source?: LinePath };

export interface ModifyChange {
  readonly kind: 'modify';
  readonly dn: string;
  readonly modifications: readonly Modification[];
  readonly assertion?: LdapFilter;
  /** SCIM id of the resource when the change only adds and deletes values of a list: it may be sent together with others of its kind. */
  readonly listOf?: string;
  /** Adding a value that is there already succeeds (control 1.2.840.113556.1.4.1413). */
  readonly permissive?: boolean;
}

/** The attributes that a change writes, as it names them; of a rename none, though its RDN is one. */
export function attributesIn(change: Change): readonly string[] {
  if (change.kind === 'add') return change.attributes.map(({ name }) => name);
  return change.kind === 'modify' ? change.modifications.map(({ attribute }) => attribute) : [];
}

/**
 * The entry's name after a rename.
 *
 * @throws DnSyntaxError
 */
export function renamedDn({ dn, newRdn, newSuperior }: Pick<Extract<Change, { kind: 'rename' }>, 'dn' | 'newRdn' | 'newSuperior'>): string {
  const [, ...parent] = parseDn(dn);
  return formatDn([leafRdn(newRdn) ?? [], ...(newSuperior === undefined ? parent : parseDn(newSuperior))]);
}

/** Adding an attribute's values, as a modification; without its line of the mapping file. */
export function asAddition({ name, values }: Attribute): Modification {
  return { operation: 'add', attribute: name, values };
}
