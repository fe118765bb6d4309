import { attributeKey } from '../ldap/attribute-description.ts';
import type { Change, Modification } from '../ldap/change.ts';
import { diffValues } from '../ldap/diff.ts';
import { leafRdn } from '../ldap/dn.ts';
import { type Entry, type LinePath, valuesOf } from '../ldap/entry.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { LensContext, WantedAttribute, WantedValues } from './lens.ts';
import { valuesAt } from './place.ts';
import { isPasswordAttribute, isStateLens, listLensOf, type ResourcePlan } from './plan.ts';
import { isSameValue } from './plan-rename.ts';

/** What a modify is made of: what each attribute of an entry is to hold, and the modifications that bring it there. */

export function want(wanted: Map<string, WantedAttribute>, name: string, values: WantedValues, source: LinePath): void {
  wanted.set(attributeKey(name), { name, source, ...values });
}

/** What goes with an account's being switched off: done when that changes, and taken back as far as it can be. */
export function wantSideEffects(
  plan: ResourcePlan,
  wanted: Map<string, WantedAttribute>,
  entry: Entry,
  before: ScimObject | undefined,
  after: ScimObject,
): void {
  const state = plan.lenses.find(isStateLens);
  if (state?.whenInactive === undefined) return;
  const { set, clear } = state.whenInactive;
  const [was = true] = before === undefined ? [] : valuesAt(state.place, before);
  const [is = true] = valuesAt(state.place, after);
  if (was === is) return;
  for (const { name, values, source = state.source } of set) {
    const others = valuesOf(entry, name).filter((value) => !values.some((each) => isSameValue(each, value)));
    want(wanted, name, is === false ? { values, style: 'replace' } : { values: others, style: 'values' }, source);
  }
  if (is === false) for (const name of clear) wantCleared(plan, wanted, name, state.source);
}

/** All values go, also those that are not ours to read. */
export function wantCleared(plan: ResourcePlan, wanted: Map<string, WantedAttribute>, name: string, source: LinePath): void {
  want(wanted, name, { values: [], style: isPasswordAttribute(plan, name) ? 'unread' : 'values' }, source);
}

export function planModifications(
  entry: Entry,
  wanted: ReadonlyMap<string, WantedAttribute>,
  context: LensContext,
): readonly Modification[] {
  const naming = new Set(leafRdn(entry.dn)?.map((ava) => ava.type.toLowerCase()));
  return [...wanted.values()].flatMap(({ name, values, style, source }) => {
    if (style === 'unread') return [{ operation: 'replace', attribute: name, values: [], source }];
    const type = context.schema.attributeType(name);
    const isNaming = naming.has(name.toLowerCase());
    const hasNoEquality = type !== undefined && type.equality === undefined;
    // The RDN says which naming value is shown, so their order doesn't matter, and the server refuses to have the RDN's replaced.
    const way = hasNoEquality || (style === 'replace' && !isNaming) ? 'replace' : 'values';
    return diffValues(name, valuesOf(entry, name), values, way).map((modification) => ({ ...modification, source }));
  });
}

/**
 * Leaves out generated values that an entry made by others can't hold: it lacks the class for them, and the class demands what nothing
 * makes. Nobody asked for them, and what was asked for must not fail for their sake.
 */
export function dropUnsupported(
  plan: ResourcePlan,
  wanted: Map<string, WantedAttribute>,
  entry: Entry,
  { schema }: Pick<LensContext, 'schema'>,
): void {
  const classes = valuesOf(entry, 'objectClass').filter((value) => typeof value === 'string');
  const isHeld = (name: string): boolean => (wanted.get(attributeKey(name))?.values ?? valuesOf(entry, name)).length > 0;
  const isSupported = ({ name, values }: WantedAttribute): boolean => {
    if (values.length === 0 || schema.allows(classes, name)) return true;
    const missing = auxiliaryFor(plan, name, schema);
    return missing !== undefined && [...(schema.objectClass(missing)?.must ?? [])].every(isHeld);
  };
  const generated = [...wanted].filter(([, { source }]) => source[plan.source.length] === 'generated');
  // What one of them stands on may be left out after it.
  for (let left = generated; ; ) {
    const unsupported = left.filter(([, attribute]) => !isSupported(attribute));
    if (unsupported.length === 0) return;
    for (const [key] of unsupported) wanted.delete(key);
    left = left.filter((each) => !unsupported.includes(each));
  }
}

function auxiliaryFor({ objectClasses }: ResourcePlan, attribute: string, schema: LensContext['schema']): string | undefined {
  return objectClasses.find((name) => schema.objectClass(name)?.kind === 'auxiliary' && schema.allows([name], attribute));
}

/** Auxiliary classes of the file that an entry made by others lacks and the written attributes need, added in the same modify. */
export function addMissingClasses(
  plan: ResourcePlan,
  entry: Entry,
  modifications: readonly Modification[],
  { schema }: LensContext,
): readonly Modification[] {
  const classes = valuesOf(entry, 'objectClass').filter((value) => typeof value === 'string');
  const added: string[] = [];
  for (const { operation, attribute, values } of modifications) {
    if (operation === 'delete' || values.length === 0 || schema.allows([...classes, ...added], attribute)) continue;
    const missing = auxiliaryFor(plan, attribute, schema);
    if (missing !== undefined) added.push(missing);
  }
  return added.length === 0 ? [] : [{ operation: 'add', attribute: 'objectClass', values: added, source: [...plan.source, 'objectClass'] }];
}

/** Attributes get back what they held, in its order; of a list of references just the values that were written, for others change it too. */
export function undoModify(plan: ResourcePlan, entry: Entry, modifications: readonly Modification[]): Change {
  const list = attributeKey(listLensOf(plan)?.ldap ?? '');
  const isOfList = ({ attribute }: Modification): boolean => attributeKey(attribute) === list;
  const listed = modifications
    .filter(isOfList)
    .map((each): Modification => ({ ...each, operation: each.operation === 'add' ? 'delete' : 'add' }));
  const names = new Map(modifications.filter((each) => !isOfList(each)).map(({ attribute }) => [attributeKey(attribute), attribute]));
  const whole = [...names.values()].map(
    (attribute): Modification => ({ operation: 'replace', attribute, values: valuesOf(entry, attribute) }),
  );
  return { kind: 'modify', dn: entry.dn, modifications: [...listed.toReversed(), ...whole] };
}
