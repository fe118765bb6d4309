import { attributeTypeOf } from './attribute-description.ts';
import type { Change } from './change.ts';
import type { Attribute } from './entry.ts';

/**
 * A change as it may be kept on disk: what is to be written, without the condition, without the lines of the mapping file, and without the
 * values of secret attributes, which are left out altogether.
 *
 * @param secrets attribute types in lower case
 */
export function keepableChange(change: Change, secrets: ReadonlySet<string>): Change {
  switch (change.kind) {
    case 'add':
      return { kind: 'add', dn: change.dn, attributes: keepableAttributes(change.attributes, secrets) };
    case 'modify': {
      const { dn, permissive } = change;
      const modifications = change.modifications
        .filter(({ attribute }) => !secrets.has(attributeTypeOf(attribute)))
        .map(({ operation, attribute, values }) => ({ operation, attribute, values }));
      return { kind: 'modify', dn, modifications, ...(permissive === true ? { permissive } : {}) };
    }
    case 'password':
      return { kind: 'password', dn: change.dn, newPassword: '' };
    case 'rename': {
      const { assertion: _, source: __, ...rest } = change;
      return rest;
    }
    case 'delete':
      return { kind: 'delete', dn: change.dn };
    default:
      return change satisfies never;
  }
}

function keepableAttributes(attributes: readonly Attribute[], secrets: ReadonlySet<string>): readonly Attribute[] {
  return attributes.filter(({ name }) => !secrets.has(attributeTypeOf(name))).map(({ name, values }) => ({ name, values }));
}
