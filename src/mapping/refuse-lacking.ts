import { attributeKey } from '../ldap/attribute-description.ts';
import { demandedAttributes } from '../ldap/demanded-attributes.ts';
import { type Attribute, type Entry, valuesOf } from '../ldap/entry.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { badRequest } from '../scim/errors.ts';
import { formatAttributePath } from '../scim/format-filter.ts';
import type { WantedAttribute } from './lens.ts';
import { isWritten, type ResourcePlan } from './plan.ts';

/**
 * An entry without what its classes demand (MUST) is refused before anything is written, where the client can cure it: a line stores what
 * it may send, or a template is made of it. What it can't cure is left to the directory, which may fill it in by means of its own, and
 * otherwise says that it is configured wrongly.
 */

/** @throws ScimError invalidValue for a new entry that lacks an attribute */
export function refuseLackingNew(plan: ResourcePlan, attributes: readonly Attribute[], schema: LdapSchema): void {
  const held = new Set(attributes.map(({ name }) => attributeKey(name)));
  for (const name of demandedAttributes(schema, plan.objectClasses).keys()) {
    if (!namesOf(schema, name).some((each) => held.has(each))) refuseLack(plan, name, schema);
  }
}

/**
 * @param classes what the write adds to the entry's classes
 * @throws ScimError invalidValue for an attribute that an entry would lose, or that a class which it gets demands
 */
export function refuseLackingUpdate(
  plan: ResourcePlan,
  entry: Entry,
  wanted: ReadonlyMap<string, WantedAttribute>,
  classes: readonly string[],
  schema: LdapSchema,
): void {
  const own = valuesOf(entry, 'objectClass').filter((value) => typeof value === 'string');
  const cleared = [...wanted.values()].filter(({ name, values }) => values.length === 0 && valuesOf(entry, name).length > 0);
  for (const { name } of cleared) if (schema.demands([...own, ...classes], name)) refuseLack(plan, name, schema);
  for (const name of demandedAttributes(schema, classes).keys()) {
    // What the entry's own classes allow may be there although it isn't read.
    const isHeld = namesOf(schema, name).some((each) => (wanted.get(each)?.values ?? valuesOf(entry, each)).length > 0);
    if (!isHeld && !schema.allows(own, name)) refuseLack(plan, name, schema);
  }
}

function refuseLack(plan: ResourcePlan, name: string, schema: LdapSchema): void {
  const path = pathBehind(plan, new Set(namesOf(schema, name)));
  if (path !== undefined) throw badRequest('invalidValue', `${path}: is required, the directory's schema demands ${name}`);
}

/** What a client has to send so that an attribute gets a value; undefined where nothing that it sends gets there. */
function pathBehind({ lenses, generated }: ResourcePlan, names: ReadonlySet<string>): string | undefined {
  const isThis = (ldap: string | undefined): boolean => ldap !== undefined && names.has(attributeKey(ldap));
  const lens = lenses.find((each) => (each.kind === 'text' || each.kind === 'reference') && isThis(each.ldap) && isWritten(each));
  if (lens !== undefined) return lens.path;
  const line = generated.find(({ ldap }) => isThis(ldap));
  const parts = line?.kind === 'template' ? (line.templates.at(-1)?.parts ?? []) : [];
  const [path] = parts.flatMap((part) => (part.kind === 'scim' ? formatAttributePath(part.path) : []));
  return path;
}

/** All names of an attribute, in lower case. */
function namesOf(schema: LdapSchema, name: string): readonly string[] {
  return (schema.attributeType(name)?.names ?? [name]).map((each) => each.toLowerCase());
}
