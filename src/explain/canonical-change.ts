import { attributeKey } from '../ldap/attribute-description.ts';
import type { Change, Modification } from '../ldap/change.ts';
import { formatDn, parseDn } from '../ldap/dn.ts';
import type { Attribute, LdapValue } from '../ldap/entry.ts';

/**
 * A change in a spelling that two changes share when a directory does the same for both: DNs with one kind of escapes, attributes in
 * lower case and in alphabetical order, values in order where their order doesn't count. What is done to one attribute stays in its
 * order; the assertion and the control for permissive modify, which LDIF can't say, are left out.
 */
export function canonicalChange(change: Change): Change {
  const dn = formatDn(parseDn(change.dn));
  switch (change.kind) {
    case 'add':
      return { kind: 'add', dn, attributes: change.attributes.map(canonicalAttribute).toSorted(byName) };
    case 'modify':
      return { kind: 'modify', dn, modifications: change.modifications.map(canonicalModification).toSorted(byAttribute) };
    case 'rename': {
      const { newRdn, newSuperior } = change;
      const moved = newSuperior === undefined ? {} : { newSuperior: formatDn(parseDn(newSuperior)) };
      return { kind: 'rename', dn, newRdn: formatDn(parseDn(newRdn)), ...moved };
    }
    case 'delete':
      return { kind: 'delete', dn };
    case 'password':
      return { kind: 'password', dn, newPassword: '' };
    default:
      return change satisfies never;
  }
}

function canonicalAttribute({ name, values }: Attribute): Attribute {
  return { name: attributeKey(name), values: sorted(values) };
}

/** Of a replaced attribute the first value is the one that is shown: their order counts. */
function canonicalModification({ operation, attribute, values }: Modification): Modification {
  return { operation, attribute: attributeKey(attribute), values: operation === 'replace' ? values : sorted(values) };
}

function sorted(values: readonly LdapValue[]): readonly LdapValue[] {
  return values.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function byName(a: Attribute, b: Attribute): number {
  return compare(a.name, b.name);
}

function byAttribute(a: Modification, b: Modification): number {
  return compare(a.attribute, b.attribute);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
