import { type Change, type ModifyChange, renamedDn } from '../ldap/change.ts';
import { octetKey } from '../ldap/diff.ts';
import { dnKey, leafRdn } from '../ldap/dn.ts';
import type { Attribute, Entry, LdapValue } from '../ldap/entry.ts';
import { valuesOf } from '../ldap/entry.ts';
import { ANY_ENTRY, allOf, type LdapFilter, negate } from '../ldap/filter.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import type { SearchRequest } from './directory.ts';
import { unlessNoSuchObject } from './directory-error.ts';

/**
 * What the directory shows of a write whose answer was lost.
 *
 * - `done`: the entry is as the write leaves it
 * - `notDone`: the entry is as the write found it
 * - `neither`: somebody has changed it since; ours may be below that
 * - `unknown`: nothing that can be read tells it
 */
export type WriteOutcome = 'done' | 'notDone' | 'neither' | 'unknown';

type Search = (request: SearchRequest) => Promise<readonly Entry[]>;
type Find = (dn: string, filter: LdapFilter, attributes?: readonly string[]) => Promise<Entry | undefined>;

type RenameChange = Extract<Change, { kind: 'rename' }>;

/** Nobody may read these, so their absence says nothing. */
const UNREADABLE: ReadonlySet<string> = new Set(['userpassword', 'unicodepwd']);

/**
 * Looks whether a write was carried out, by what it would have left behind. Values are compared by the server, by its own rules.
 *
 * @throws whatever `search` throws
 */
export async function inspectWrite(change: Change, schema: LdapSchema, search: Search): Promise<WriteOutcome> {
  const find: Find = async (dn, filter, attributes = []) => {
    const [entry] = await unlessNoSuchObject(search({ base: dn, scope: 'base', filter, attributes }), []);
    return entry;
  };
  switch (change.kind) {
    case 'add': {
      const proof = allOf(ANY_ENTRY, ...change.attributes.flatMap((attribute) => presenceOf(attribute, schema)));
      if ((await find(change.dn, proof)) !== undefined) return 'done';
      return (await find(change.dn, ANY_ENTRY)) === undefined ? 'notDone' : 'neither';
    }
    case 'modify':
      return inspectModify(change, schema, find);
    case 'rename':
      return inspectRename(change, find);
    case 'delete': {
      if ((await find(change.dn, change.assertion ?? ANY_ENTRY)) !== undefined) return 'notDone';
      return (await find(change.dn, ANY_ENTRY)) === undefined ? 'done' : 'neither';
    }
    case 'password':
      return 'unknown';
    default:
      return change satisfies never;
  }
}

async function inspectModify({ dn, modifications, assertion }: ModifyChange, schema: LdapSchema, find: Find): Promise<WriteOutcome> {
  const readable = modifications.filter(({ attribute }) => !UNREADABLE.has(attribute.toLowerCase()));
  const replaced = readable.filter(({ operation, values }) => operation === 'replace' && values.length > 0);
  const compared = readable.filter((modification) => !replaced.includes(modification));
  const isProvable =
    readable.length > 0 && compared.every(({ attribute, values }) => values.length === 0 || isComparable(attribute, schema));
  if (!isProvable) return 'unknown';

  const proofs = compared.flatMap(({ operation, attribute, values }) => {
    if (values.length === 0) return [negate({ kind: 'present', attribute })];
    const present = presenceOf({ name: attribute, values }, schema);
    return operation === 'add' ? present : present.map(negate);
  });
  const replacedNames = replaced.map(({ attribute }) => attribute);
  const entry = await find(dn, allOf(ANY_ENTRY, ...proofs), replacedNames);
  if (entry !== undefined && replaced.every(({ attribute, values }) => haveSameOctets(valuesOf(entry, attribute), values))) return 'done';
  if (assertion === undefined) return 'unknown';
  return (await find(dn, allOf(ANY_ENTRY, assertion))) === undefined ? 'neither' : 'notDone';
}

async function inspectRename(change: RenameChange, find: Find): Promise<WriteOutcome> {
  const { dn, newRdn, assertion } = change;
  const rdn = leafRdn(newRdn) ?? [];
  const newDn = renamedDn(change);
  const renamed = await find(
    newDn,
    ANY_ENTRY,
    rdn.map(({ type }) => type),
  );
  // only the case may differ: then both names find it, and the value tells
  const isSameName = dnKey(newDn) === dnKey(dn);
  if (!isSameName && (await find(dn, assertion ?? ANY_ENTRY)) !== undefined) return 'notDone';
  if (renamed === undefined) return 'neither';
  if (rdn.every(({ type, value }) => hasOctets(valuesOf(renamed, type), value))) return 'done';
  return isSameName ? 'notDone' : 'neither';
}

/** That these values are there; nothing for attributes whose values nobody can compare. */
function presenceOf({ name, values }: Attribute, schema: LdapSchema): readonly LdapFilter[] {
  return isComparable(name, schema) ? values.map((value): LdapFilter => ({ kind: 'equality', attribute: name, value })) : [];
}

function isComparable(attribute: string, schema: LdapSchema): boolean {
  return schema.attributeType(attribute)?.equality !== undefined && !UNREADABLE.has(attribute.toLowerCase());
}

function haveSameOctets(some: readonly LdapValue[], others: readonly LdapValue[]): boolean {
  return some.length === others.length && others.every((value) => hasOctets(some, value));
}

function hasOctets(values: readonly LdapValue[], value: LdapValue): boolean {
  return values.some((each) => octetKey(each) === octetKey(value));
}
