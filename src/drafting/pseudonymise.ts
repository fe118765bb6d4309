import { attributeKey } from '../ldap/attribute-description.ts';
import { formatDn, isWithin, parseDn } from '../ldap/dn.ts';
import type { Attribute, Entry, LdapValue } from '../ldap/entry.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { holdsDns } from '../ldap/syntaxes.ts';
import type { ResourcePlan } from '../mapping/plan.ts';

/** Times, booleans and identifiers say nothing of a person, and mean something. */
const KEPT_SYNTAXES: ReadonlySet<string> = new Set(['7', '24', '38'].map((last) => `1.3.6.1.4.1.1466.115.121.1.${last}`));

/**
 * An entry of the same shape with nothing of the person left: each letter and digit of a value is masked. References, octets and what
 * the file doesn't map are left out.
 *
 * @param base of the section: the name stays below it
 */
export function pseudonymise(
  plan: ResourcePlan,
  entry: Entry,
  schema: LdapSchema,
  base: string,
): { readonly dn: string; readonly attributes: readonly Attribute[] } {
  const named = new Map(
    plan.lenses.flatMap(({ ldap, kind }) => (ldap === undefined || kind === 'password' ? [] : [[attributeKey(ldap), ldap] as const])),
  );
  named.set(attributeKey(plan.rdn), plan.rdn);
  const attributes: Attribute[] = [{ name: 'objectClass', values: entry.attributes.get('objectclass') ?? [] }];
  for (const [key, name] of named) {
    const type = schema.attributeType(name);
    const values = entry.attributes.get(key) ?? [];
    if ((type !== undefined && holdsDns(type)) || values.length === 0 || key === 'objectclass') continue;
    const texts = values.filter((value) => typeof value === 'string');
    const kept = KEPT_SYNTAXES.has(type?.syntax ?? '');
    const masked = kept ? texts : distinct(texts.map(mask));
    if (masked.length > 0) attributes.push({ name, values: masked });
  }
  return { dn: dnFor(entry, base, attributes), attributes };
}

function mask(text: string): string {
  return text
    .replaceAll(/\p{Lu}/gu, 'X')
    .replaceAll(/\p{L}/gu, (letter) => (letter === 'X' ? 'X' : 'x'))
    .replaceAll(/\p{Nd}/gu, '1')
    .replaceAll(/[^\x20-\x7e]/g, 'x');
}

/** Two values that look alike now are told apart by a number. */
function distinct(values: readonly string[]): readonly string[] {
  return values.map((value, index) => (values.indexOf(value) === index ? value : `${value}${index + 1}`));
}

/** The name of the entry, masked as its values are; structure between it and the base is dropped. */
function dnFor({ dn }: Entry, base: string, attributes: readonly Attribute[]): string {
  const [rdn = []] = parseDn(dn);
  const masked = rdn.map(({ type, value }) => {
    const own: LdapValue | undefined = attributes.find(({ name }) => attributeKey(name) === attributeKey(type))?.values[0];
    return { type, value: own ?? (typeof value === 'string' ? mask(value) : value) };
  });
  return formatDn([masked, ...parseDn(isWithin(dn, base) ? base : dn.slice(dn.indexOf(',') + 1))]);
}
