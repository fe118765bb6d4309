import { DirectoryError } from '../directory/directory-error.ts';
import type { Modification, ModifyChange } from '../ldap/change.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { allOf, anyOf, type LdapFilter, negate } from '../ldap/filter.ts';
import { RESULT } from '../ldap/result-code.ts';
import type { LensContext } from '../mapping/lens.ts';
import type { ReferenceLens } from '../mapping/lenses/reference.ts';
import type { ListDelta } from '../scim/list-delta.ts';
import { inChunks } from './in-chunks.ts';
import type { OperationContext } from './operation-context.ts';

/** Each round learns one thing about the stored list; more than this means that others change it as fast as we look. */
const MAX_ROUNDS = 8;

/** Values to put into a list of references and to take out of it. */
export interface MemberChange {
  readonly lens: ReferenceLens;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/**
 * The values behind a delta of ids. Every id to add has to name somebody; one to remove that names nobody is not in the list either.
 *
 * @param dn of the entry whose list it is
 * @throws ScimError invalidValue for an id to add that names nobody, or the entry itself
 */
export function resolveDelta(lens: ReferenceLens, delta: ListDelta, context: LensContext, dn: string): MemberChange {
  const add = [...delta.add].flatMap((id) => {
    const value = lens.resolve(id, context);
    if (value !== undefined) lens.refuseItself(value, id, { dn });
    return value ?? [];
  });
  return { lens, add, remove: [...delta.remove].flatMap((id) => lens.valueOf(id, context) ?? []) };
}

/**
 * Changes single values of a list that may be of any length, together with other modifications of the entry, in one LDAP modify.
 * The list is neither read nor rewritten, so parallel changes lose nobody. Adding who is there and removing who isn't succeeds.
 *
 * The usual case is one operation. It assumes that there is no placeholder, that all to remove are there, and that somebody
 * stays; what the server refuses says which assumption was wrong, and the next round does without it (ldap.md §6).
 *
 * @param change the rest of the modify, with the guard on the entry as its assertion
 * @returns the entry after the write, where the server says it; undefined when nothing had to be written
 */
export async function modifyMembers(
  context: OperationContext,
  change: ModifyChange,
  members: MemberChange,
  returning: readonly string[],
): Promise<Entry | undefined> {
  const { lens } = members;
  const { supportsPermissiveModify } = await context.directory.facts();
  // The journal has to know which of the values weren't there before.
  const permissive = supportsPermissiveModify && context.journal === undefined;
  let { add, remove } = members;
  let placeholder: 'absent' | 'remove' | 'add' = 'absent';
  for (let round = 1; ; round += 1) {
    const modifications = [...change.modifications, ...memberModifications(lens, add, remove, placeholder)];
    if (modifications.length === 0) return undefined;
    try {
      const assertion = allOf(...guards(change, lens, add, placeholder));
      return await context.directory.write(
        { ...change, modifications, assertion, ...(permissive && add.length > 0 ? { permissive } : {}) },
        returning,
      );
    } catch (error) {
      if (!(error instanceof DirectoryError) || error.code === undefined || round === MAX_ROUNDS) throw error;
      if (
        error.code === RESULT.assertionFailed &&
        placeholder === 'absent' &&
        lens.whenEmpty !== undefined &&
        (await holds(context, change.dn, lens, lens.whenEmpty))
      ) {
        placeholder = 'remove';
      } else if (error.code === RESULT.noSuchAttribute && (remove.length > 0 || placeholder === 'remove')) {
        remove = await present(context, change.dn, lens, remove);
        placeholder = 'absent';
      } else if (error.code === RESULT.attributeOrValueExists && (add.length > 0 || placeholder === 'add')) {
        const there = new Set(await present(context, change.dn, lens, add));
        add = add.filter((dn) => !there.has(dn));
        placeholder = 'absent';
      } else if (
        error.code === RESULT.objectClassViolation &&
        placeholder === 'absent' &&
        add.length === 0 &&
        remove.length > 0 &&
        lens.whenEmpty !== undefined
      ) {
        placeholder = 'add';
      } else {
        throw error;
      }
    }
  }
}

function memberModifications(
  lens: ReferenceLens,
  add: readonly string[],
  remove: readonly string[],
  placeholder: 'absent' | 'remove' | 'add',
): readonly Modification[] {
  const whenEmpty = lens.whenEmpty === undefined ? [] : [lens.whenEmpty];
  const added = placeholder === 'add' ? whenEmpty : add;
  const removed = placeholder === 'remove' ? [...remove, ...whenEmpty] : remove;
  const modifications: Modification[] = [];
  // The new ones first: there is no moment without a member.
  if (added.length > 0) modifications.push({ operation: 'add', attribute: lens.ldap, values: added, source: lens.source });
  if (removed.length > 0) modifications.push({ operation: 'delete', attribute: lens.ldap, values: removed, source: lens.source });
  return modifications;
}

function guards(change: ModifyChange, lens: ReferenceLens, add: readonly string[], placeholder: string): readonly LdapFilter[] {
  const guard = change.assertion === undefined ? [] : [change.assertion];
  if (add.length === 0 || placeholder !== 'absent' || lens.whenEmpty === undefined) return guard;
  return [...guard, negate({ kind: 'equality', attribute: lens.ldap, value: lens.whenEmpty })];
}

async function holds(context: OperationContext, dn: string, lens: ReferenceLens, value: string): Promise<boolean> {
  const filter: LdapFilter = { kind: 'equality', attribute: lens.ldap, value };
  return (await context.directory.search({ base: dn, scope: 'base', filter, attributes: [] })).length > 0;
}

/** Values that are asked for in one search. */
const VALUES_PER_SEARCH = 100;

/**
 * Those of some values that are in the list, without reading it: many at a time where the server returns just the values that match
 * (RFC 3876), otherwise one by one.
 */
async function present(context: OperationContext, dn: string, lens: ReferenceLens, values: readonly string[]): Promise<readonly string[]> {
  const { supportsMatchedValues } = await context.directory.facts();
  if (!supportsMatchedValues || values.length === 1) {
    return inChunks(values, 1, async ([value = '']) => ((await holds(context, dn, lens, value)) ? [value] : []));
  }
  return inChunks(values, VALUES_PER_SEARCH, async (some) => {
    const matchedValues = some.map((value): LdapFilter => ({ kind: 'equality', attribute: lens.ldap, value }));
    const search = { base: dn, scope: 'base', filter: anyOf(...matchedValues), attributes: [lens.ldap], matchedValues } as const;
    const [entry] = await context.directory.search(search);
    const there = new Set((entry === undefined ? [] : valuesOf(entry, lens.ldap)).map((value) => lens.keyOf(String(value))));
    return some.filter((value) => there.has(lens.keyOf(value)));
  });
}
