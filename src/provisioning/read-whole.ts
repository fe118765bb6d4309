import { attributeKey } from '../ldap/attribute-description.ts';
import { type Entry, textsOf } from '../ldap/entry.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { isStateLens, isWritten, type Plan, plansOf, type ResourcePlan } from '../mapping/plan.ts';
import { isEntry } from '../mapping/write-plan.ts';
import { maskedAttributes } from './audited-change.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * The attributes that bring an entry back when they are written again: what its classes allow, and what lines of the file write; nothing
 * secret, and nothing that the directory alone writes.
 *
 * @param classes of the entry
 */
export function restorableAttributes(
  plan: Plan,
  resource: ResourcePlan,
  classes: readonly string[],
  schema: LdapSchema,
): readonly string[] {
  const secrets = maskedAttributes(plansOf(plan));
  const { set = [], clear = [] } = resource.lenses.find(isStateLens)?.whenInactive ?? {};
  const written = [
    ...resource.lenses.filter(isWritten).flatMap(({ ldap }) => ldap ?? []),
    ...set.map(({ name }) => name),
    ...clear,
    ...resource.generated.map(({ ldap }) => ldap),
    resource.rdn,
  ];
  const allowed = classes.flatMap((name) => {
    const known = schema.objectClass(name);
    return known === undefined ? [] : [...known.must, ...known.may];
  });
  const all = classes.some((name) => name.toLowerCase() === 'extensibleobject') ? userAttributes(schema) : [];
  const names = new Map(['objectClass', ...written, ...allowed, ...all].map((name) => [attributeKey(name), name]));
  return [...names].filter(([key]) => !secrets.has(key) && isWritable(schema, key)).map(([, name]) => name);
}

function userAttributes({ attributeTypes }: LdapSchema): readonly string[] {
  return attributeTypes.filter(({ isOperational }) => !isOperational).flatMap(({ names: [name] }) => name ?? []);
}

function isWritable(schema: LdapSchema, name: string): boolean {
  return schema.attributeType(name)?.noUserModification === false;
}

/**
 * An entry with all that brings it back, and nothing else, under the schema's names.
 *
 * LDAP: nothing where its classes are those of the file; otherwise one search for what its own allow beside.
 *
 * @param entry as it was read, with the `restorableAttributes` of the file's classes and its id
 */
export async function readWhole(context: OperationContext, plan: ResourcePlan, entry: Entry): Promise<Entry> {
  const { schema } = await context.directory.facts();
  const known = new Set(restorableAttributes(context.plan, plan, plan.objectClasses, schema).map(attributeKey));
  const all = restorableAttributes(context.plan, plan, textsOf(entry, 'objectClass'), schema);
  const attributes = all.filter((name) => !known.has(attributeKey(name)));
  const [more] =
    attributes.length === 0
      ? []
      : await context.directory.search({ base: entry.dn, scope: 'base', filter: isEntry(plan, entry), attributes });
  const restorable = new Set([...known, ...all.map(attributeKey)]);
  const values = [...entry.attributes, ...(more?.attributes ?? [])].filter(([name]) => restorable.has(name));
  return { dn: entry.dn, attributes: new Map(values) };
}
