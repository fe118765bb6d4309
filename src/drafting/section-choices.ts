import { type Entry, valuesOf } from '../ldap/entry.ts';
import type { LdapObjectClass, LdapSchema } from '../ldap/schema.ts';
import type { DraftLine } from './draft.ts';
import { fillOf, mostFrequent } from './entry-statistics.ts';
import type { DirectorySample } from './sample.ts';

/** Whether entries of some classes may be given an attribute by us. */
export function isAllowed(name: string, objectClass: readonly string[], schema: LdapSchema): boolean {
  const type = schema.attributeType(name);
  return type !== undefined && !type.noUserModification && schema.allows(objectClass, name);
}

/**
 * The classes that most entries have, from the most general to the most special, and a filter for the most special one that nearly all
 * share. The bridge's own class joins them where the schema has it.
 */
export function chooseClasses(
  entries: readonly Entry[],
  usual: readonly string[],
  schema: LdapSchema,
): { readonly objectClass: readonly string[]; readonly filter: string } {
  const listOf = (entry: Entry) => valuesOf(entry, 'objectClass').filter((value) => typeof value === 'string');
  const found =
    mostFrequent(entries.map(listOf), (list) =>
      list
        .map((name) => name.toLowerCase())
        .toSorted()
        .join(' '),
    )?.value ?? usual;
  const known = found.flatMap((name) => schema.objectClass(name) ?? []);
  const isSuperior = (a: LdapObjectClass, b: LdapObjectClass) => b.superiors.has(a.oid.toLowerCase());
  const structural = known.filter(({ kind }) => kind !== 'auxiliary').toSorted((a, b) => a.superiors.size - b.superiors.size);
  const auxiliary = known.filter(({ kind }) => kind === 'auxiliary');
  const ours = schema.objectClass('scimObject');
  const all = new Set([...structural, ...auxiliary, ...(ours === undefined ? [] : [ours])]);
  const top = schema.objectClass('top');
  const objectClass = [...(top === undefined || all.has(top) ? [] : [top]), ...all].map(({ names: [name = ''] }) => name);
  const leaf = structural.findLast((each) => !structural.some((other) => isSuperior(each, other)));
  return { objectClass, filter: `(objectClass=${leaf?.names[0] ?? 'person'})` };
}

/** YAML text of `id`: what the server gives, that never changes. */
export function chooseId(entries: readonly Entry[], { server, schema }: DirectorySample, doubts: string[]): string {
  if (server === 'activeDirectory') return '{ ldap: objectGUID, encoding: guid }';
  const shown = ['entryUUID', 'nsUniqueId'].find((name) => fillOf(entries, name).filled === entries.length && entries.length > 0);
  const id = shown ?? ['entryUUID', 'nsUniqueId'].find((name) => schema.attributeType(name) !== undefined);
  if (id === undefined) doubts.push('No attribute that the server gives to each entry was found: id must never change.');
  return id ?? 'entryUUID';
}

/** YAML text of `meta`, where the defaults (createTimestamp, modifyTimestamp, entryCSN) aren't there. */
export function chooseMeta(entries: readonly Entry[], { server, schema }: DirectorySample): string | undefined {
  if (server === 'activeDirectory') return '{ created: whenCreated, lastModified: whenChanged, version: uSNChanged }';
  if (schema.attributeType('entryCSN') !== undefined && server !== '389ds') return undefined;
  const version = fillOf(entries, 'entryUSN').filled > 0 ? 'entryUSN' : 'modifyTimestamp';
  return `{ version: ${version} }`;
}

/** externalId has an attribute of its own, or none: never one that may hold other data. */
export function externalIdLine(
  objectClass: readonly string[],
  schema: LdapSchema,
): { readonly line: DraftLine } | { readonly line: undefined; readonly doubt: string } {
  if (isAllowed('scimExternalId', objectClass, schema)) {
    return { line: { key: 'externalId', ldap: 'scimExternalId', value: 'scimExternalId', comment: 'an attribute of its own' } };
  }
  return {
    line: undefined,
    doubt: 'externalId is not kept: the schema has no attribute for it. config/schema/scim.ldif brings one.',
  };
}
