import { octetKey } from './diff.ts';
import { dnKey } from './dn.ts';
import type { LdapValue } from './entry.ts';
import { equalityKey } from './equality-key.ts';
import type { LdapSchema } from './schema.ts';

/** A key that two values of an attribute share when the directory takes them for one, as far as we can tell without asking it. */
export function valueKey(schema: LdapSchema, attribute: string, value: LdapValue): string {
  if (typeof value !== 'string') return octetKey(value);
  const type = schema.attributeType(attribute);
  if (type?.equality !== 'distinguishedNameMatch') return equalityKey(type, value);
  try {
    return dnKey(value);
  } catch {
    return equalityKey(type, value);
  }
}

/** Whether an attribute that holds some values holds just these others. */
export function holdsSame(schema: LdapSchema, attribute: string, some: readonly LdapValue[], others: readonly LdapValue[]): boolean {
  const keys = new Set(some.map((value) => valueKey(schema, attribute, value)));
  return (
    keys.size === new Set(others.map((value) => valueKey(schema, attribute, value))).size &&
    others.every((value) => keys.has(valueKey(schema, attribute, value)))
  );
}

/** The same to the letter, in any order. */
export function holdsSameOctets(some: readonly LdapValue[], others: readonly LdapValue[]): boolean {
  const keys = new Set(some.map(octetKey));
  return keys.size === new Set(others.map(octetKey)).size && others.every((value) => keys.has(octetKey(value)));
}

/** What an attribute holds after modifications of it (RFC 4511 §4.6) that the directory has carried out. */
export function valuesAfter(
  schema: LdapSchema,
  attribute: string,
  before: readonly LdapValue[],
  modifications: readonly { readonly operation: 'add' | 'delete' | 'replace'; readonly values: readonly LdapValue[] }[],
): readonly LdapValue[] {
  const keyOf = (value: LdapValue): string => valueKey(schema, attribute, value);
  return modifications.reduce<readonly LdapValue[]>((values, { operation, values: own }) => {
    const keys = new Set(own.map(keyOf));
    if (operation === 'replace' || (operation === 'delete' && own.length === 0)) return own;
    const others = values.filter((value) => !keys.has(keyOf(value)));
    return operation === 'add' ? [...others, ...own] : others;
  }, before);
}
