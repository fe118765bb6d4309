import { attributeKey } from '../ldap/attribute-description.ts';
import { type Dn, formatDn, formatRdn, parseDn, type Rdn } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { newObject } from '../scim/resource.ts';
import { entryNames } from './entry-names.ts';
import type { LensContext, WantedAttribute } from './lens.ts';
import { withValuesAt } from './place.ts';
import { type Deactivation, type Departure, isStateLens, type ResourcePlan } from './plan.ts';
import { addMissingClasses, planModifications, undoModify, want, wantCleared, wantSideEffects } from './plan-modify.ts';
import { isSameValue } from './plan-rename.ts';
import { idOf } from './read-entry.ts';
import { fillTemplate } from './template.ts';
import { identify, isEntry, isUnchanged, type PlannedChange, type WritePlan } from './write-plan.ts';

/**
 * The operations that delete a resource, and let nobody refer to it any more. An entry that is kept gets its other name first, so that
 * somebody new can have the old one, and is switched off, as far as the file says how: who has been deleted logs in nowhere.
 *
 * @param entry with its `attributesToDelete`
 * @param onlyUnchanged whether the entry has to be as it was read, and not just the same entry
 */
export function planDelete(plan: ResourcePlan, entry: Entry, context: LensContext, onlyUnchanged: boolean): WritePlan {
  const { onDelete } = plan;
  const assertion = onlyUnchanged ? isUnchanged(plan, entry) : isEntry(plan, entry);
  if (onDelete.kind === 'remove') {
    const { dn } = entry;
    return {
      ...entryNames(plan, entry),
      entry: identify(plan, entry),
      changes: [{ change: { kind: 'delete', dn, assertion } }],
      references: 'forget',
    };
  }
  const { rename, renamed } = planNewName(plan, onDelete, entry);
  const modifications = planModifications(renamed, wantedOfDeleted(plan, onDelete, entry, context), context);
  const all = [...addMissingClasses(plan, entry, modifications, context), ...modifications];
  const modify: PlannedChange = { change: { kind: 'modify', dn: renamed.dn, modifications: all }, undo: undoModify(plan, renamed, all) };
  return {
    ...entryNames(plan, renamed),
    entry: identify(plan, entry),
    changes: [{ ...rename, change: { ...rename.change, assertion } }, ...(all.length > 0 ? [modify] : [])],
    references: 'forget',
  };
}

type Rename = PlannedChange & { readonly change: Extract<PlannedChange['change'], { kind: 'rename' }> };

/** Of an entry that is named by several attributes, or by another one, one part of the name is exchanged. */
function planNewName(
  plan: ResourcePlan,
  onDelete: Deactivation | Departure,
  entry: Entry,
): { readonly rename: Rename; readonly renamed: Entry } {
  const [rdn = [], ...parent] = parseDn(entry.dn);
  const id = idOf(plan, entry) ?? '';
  const [value = id] = fillTemplate(onDelete.rdn, newObject([['id', id]]), entry) ?? [];
  const given = rdn.find(({ type }) => attributeKey(type) === attributeKey(plan.rdn)) ?? rdn[0];
  const newRdn: Rdn = rdn.map((ava) => (ava === given ? { ...ava, value } : ava));
  const isMoved = onDelete.kind === 'move';
  const newParent = isMoved ? onDelete.branch.dn : parent;
  const dn = formatDn([newRdn, ...newParent]);
  const attributes = new Map(entry.attributes);
  if (given !== undefined) {
    const others = valuesOf(entry, given.type).filter((each) => !isSameValue(each, given.value));
    attributes.set(attributeKey(given.type), [value, ...others]);
  }
  const below = (superior: Dn) => (isMoved ? { newSuperior: formatDn(superior) } : {});
  return {
    rename: {
      change: { kind: 'rename', dn: entry.dn, newRdn: formatRdn(newRdn), ...below(newParent), source: onDelete.source },
      undo: { kind: 'rename', dn, newRdn: formatRdn(rdn), ...below(parent) },
    },
    renamed: { dn, attributes },
  };
}

function wantedOfDeleted(
  plan: ResourcePlan,
  onDelete: Deactivation | Departure,
  entry: Entry,
  context: LensContext,
): ReadonlyMap<string, WantedAttribute> {
  const wanted = new Map<string, WantedAttribute>();
  const state = plan.lenses.find(isStateLens);
  if (state !== undefined) {
    const off = state.put([false], entry, context);
    if (off !== undefined && state.ldap !== undefined) want(wanted, state.ldap, off, state.source);
    const before = withValuesAt(state.place, newObject(), state.get(entry, context));
    wantSideEffects(plan, wanted, entry, before, withValuesAt(state.place, newObject(), [false]));
  }
  const knownId = newObject([['id', idOf(plan, entry) ?? '']]);
  for (const { ldap, template, source } of onDelete.set)
    want(wanted, ldap, { values: fillTemplate(template, knownId, entry) ?? [], style: 'values' }, source);
  for (const name of onDelete.clear) wantCleared(plan, wanted, name, onDelete.source);
  if (onDelete.kind === 'deactivate') {
    const { ldap, value } = onDelete.mark;
    const present = valuesOf(entry, ldap);
    const isSingle = context.schema.attributeType(ldap)?.singleValue === true;
    want(wanted, ldap, { values: isSingle ? [value] : [...present, value], style: 'values' }, onDelete.source);
  }
  return wanted;
}
