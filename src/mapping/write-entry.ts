import { attributeKey } from '../ldap/attribute-description.ts';
import type { Modification } from '../ldap/change.ts';
import { formatDn } from '../ldap/dn.ts';
import { type Attribute, type Entry, valuesOf } from '../ldap/entry.ts';
import { badRequest } from '../scim/errors.ts';
import { isObject, type ScimObject, type ScimValue } from '../scim/resource.ts';
import type { AttributeDefinition } from '../scim/schema.ts';
import { assignElements } from './assign-elements.ts';
import { formatElement } from './encodings.ts';
import { entryNames, isRenamed } from './entry-names.ts';
import { generateValues } from './generate.ts';
import { inParts } from './large-changes.ts';
import type { Lens, LensContext, WantedAttribute } from './lens.ts';
import { type NeededValue, sampleOf } from './needed-value.ts';
import { passwordAfterCreate } from './password-after-create.ts';
import { valuesAt, withoutValuesAt } from './place.ts';
import { branchFor, newBranchFor } from './placement.ts';
import { isStateLens, isTextLens, isWritten, passwordLensOf, type ResourcePlan } from './plan.ts';
import { addMissingClasses, dropUnsupported, planModifications, undoModify, want, wantSideEffects } from './plan-modify.ts';
import { planRename } from './plan-rename.ts';
import { refuseLackingNew, refuseLackingUpdate } from './refuse-lacking.ts';
import { guardFirst, identify, type PlannedChange, type WritePlan } from './write-plan.ts';

/** An entry that holds nothing yet. */
const NO_ENTRY: Entry = { dn: '', attributes: new Map() };

/**
 * The operations that create a resource: one add, and a password operation where the file asks for one.
 *
 * @param resource what the client sent, read against the schema
 * @throws ScimError invalidValue for a required attribute that is missing and for a value that can't be stored
 */
export function planCreate(plan: ResourcePlan, sent: ScimObject, context: LensContext): WritePlan {
  const resource = withoutPlaceholders(plan, assignElements(plan, sent, undefined));
  refuseMissing(plan, resource);
  const wanted = new Map<string, WantedAttribute>();
  for (const lens of plan.lenses) {
    const values = isWritten(lens) ? lens.put(valuesAt(lens.place, resource), NO_ENTRY, context) : undefined;
    if (values !== undefined && lens.ldap !== undefined) want(wanted, lens.ldap, values, lens.source);
  }
  wantSideEffects(plan, wanted, NO_ENTRY, undefined, resource);
  const needs = generateValues(plan, wanted, { before: undefined, entry: NO_ENTRY, after: resource, ...context });
  if (needs !== undefined) {
    planCreate(plan, sent, withSample(context, needs));
    return { dn: '', changes: [], needs };
  }
  const { dn: parent } = branchFor(plan.branches, resource) ?? { dn: [] };
  const dn = formatDn([[{ type: plan.rdn, value: namingValue(plan, wanted) }], ...parent]);
  const attributes: Attribute[] = [{ name: 'objectClass', values: plan.objectClasses, source: [...plan.source, 'objectClass'] }];
  for (const { name, values, source } of wanted.values()) if (values.length > 0) attributes.push({ name, values, source });
  refuseLackingNew(plan, attributes, context.schema);
  const create = passwordAfterCreate(plan, dn, attributes, context);
  return {
    dn,
    changes: inParts([
      { change: { kind: 'add', dn, attributes: create.attributes }, undo: { kind: 'delete', dn } },
      ...create.followUp,
      ...planPasswordModify(plan, resource, dn, context),
    ]),
  };
}

/**
 * The operations that bring an entry from what it shows to what it is to show: a rename when the naming attribute changes, then
 * one modify of the differences, then the password. None when nothing differs.
 *
 * Only lines whose place differs between `before` and `after` write; what the file doesn't map stays as it is.
 *
 * @param lenses the lines to look at: all of them, but for a list of references that is changed by its delta
 * @param isStated whether the client speaks of a line's place in this request, even to say what is there already: then nothing is
 *        generated in its stead
 * @param forgotten LDAP attributes whose values go unless a line writes others
 * @throws ScimError invalidValue or mutability
 */
export function planUpdate(
  plan: ResourcePlan,
  lenses: readonly Lens[],
  entry: Entry,
  before: ScimObject,
  sent: ScimObject,
  context: LensContext,
  isStated: (lens: Lens) => boolean = () => false,
  forgotten: readonly string[] = [],
): WritePlan {
  const after = withoutPlaceholders(plan, assignElements(plan, sent, before));
  refuseMissing(plan, after);
  const wanted = new Map<string, WantedAttribute>();
  for (const name of forgotten) want(wanted, name, { values: [], style: 'values' }, plan.source);
  for (const lens of lenses) {
    if (!isWritten(lens) || lens.kind === 'password' || !differs(lens, before, after)) continue;
    if (lens.definition.mutability === 'immutable' && valuesAt(lens.place, before).length > 0) {
      throw badRequest('mutability', `${lens.path}: is immutable and has a value`);
    }
    const values = lens.put(valuesAt(lens.place, after), entry, context);
    if (values !== undefined && lens.ldap !== undefined) want(wanted, lens.ldap, values, lens.source);
  }
  wantSideEffects(plan, wanted, entry, before, after);
  const password = plainPassword(plan, entry, after, context);
  if (wanted.size > 0 || password.length > 0) {
    for (const { ldap, source } of lenses.filter((lens) => isStated(lens) && valuesAt(lens.place, after).length > 0)) {
      if (ldap !== undefined && !wanted.has(attributeKey(ldap)))
        want(wanted, ldap, { values: valuesOf(entry, ldap), style: 'values' }, source);
    }
    const needs = generateValues(plan, wanted, { before, entry, after, ...context });
    if (needs !== undefined) {
      planUpdate(plan, lenses, entry, before, sent, withSample(context, needs), isStated, forgotten);
      return { dn: entry.dn, changes: [], needs };
    }
    dropUnsupported(plan, wanted, entry, context);
  }

  const rename = planRename(entry, wanted, newBranchFor(plan.branches, entry, before, after)?.dn);
  const renamed = rename?.entry ?? entry;
  const modifications = planModifications(renamed, wanted, context);
  const classes = addMissingClasses(plan, entry, [...modifications, ...password], context);
  refuseLackingUpdate(
    plan,
    entry,
    wanted,
    classes.flatMap(({ values }) => values.map(String)),
    context.schema,
  );
  const all = [...classes, ...modifications, ...password];
  const changes: PlannedChange[] = [];
  if (rename !== undefined) changes.push(rename.planned);
  if (all.length > 0)
    changes.push({ change: { kind: 'modify', dn: renamed.dn, modifications: all }, undo: undoModify(plan, renamed, modifications) });
  const identity = identify(plan, entry);
  const decided = [...wanted].map(([name, { values }]) => [name, values] as const);
  const names = entryNames(plan, { dn: renamed.dn, attributes: new Map([...renamed.attributes, ...decided]) });
  return {
    ...names,
    entry: identity,
    changes: guardFirst(plan, entry, inParts([...changes, ...planPasswordModify(plan, after, renamed.dn, context)])),
    ...(isRenamed(identity, names) ? { references: 'follow' as const } : {}),
    ...(switchesOff(plan, before, after) ? { disables: true as const } : {}),
  };
}

/** As it may turn out: nothing is taken from a counter for a write that is refused afterwards, whatever the number is. */
function withSample(context: LensContext, needed: NeededValue): LensContext {
  return { ...context, supplied: new Map([...(context.supplied ?? []), [needed.line, sampleOf(needed)]]) };
}

function differs(lens: Lens, before: ScimObject, after: ScimObject): boolean {
  const [old, now] = [valuesAt(lens.place, before), valuesAt(lens.place, after)];
  if (lens.kind === 'reference') {
    const ids = (values: typeof old) => new Set(values.map((value) => JSON.stringify(referenceKey(value))));
    const [oldIds, nowIds] = [ids(old), ids(now)];
    return oldIds.size !== nowIds.size || [...nowIds].some((id) => !oldIds.has(id));
  }
  return old.length !== now.length || now.some((value, index) => !isSame(lens.definition, value, old[index]));
}

/** To the letter: what differs in case only, or as text, is written. */
function isSame(definition: AttributeDefinition, a: ScimValue, b: ScimValue | undefined): boolean {
  if (!isObject(a) || !isObject(b)) return a === b;
  return formatElement(a, definition) === formatElement(b, definition);
}

function referenceKey(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
}

/** A client that sends a placeholder's text means that there is nothing (decisions 4): nothing may be generated from it either. */
function withoutPlaceholders(plan: ResourcePlan, resource: ScimObject): ScimObject {
  const lenses = plan.lenses.filter(isTextLens).filter((lens) => valuesAt(lens.place, resource).some(lens.isPlaceholder));
  return lenses.reduce((cleaned, lens) => withoutValuesAt(lens.place, cleaned, lens.isPlaceholder), resource);
}

function refuseMissing(plan: ResourcePlan, resource: ScimObject): void {
  for (const lens of plan.lenses) {
    if (lens.definition.required && lens.kind !== 'constant' && isWritten(lens) && valuesAt(lens.place, resource).length === 0) {
      throw badRequest('invalidValue', `${lens.path}: is required`);
    }
  }
}

// ---- naming -------------------------------------------------------------------------------------------------------

function namingValue(plan: ResourcePlan, wanted: ReadonlyMap<string, WantedAttribute>): string {
  const [value] = wanted.get(plan.rdn.toLowerCase())?.values ?? [];
  if (typeof value === 'string' && value !== '') return value;
  const lens = plan.lenses.find((each) => each.ldap?.toLowerCase() === plan.rdn.toLowerCase());
  throw badRequest('invalidValue', `${lens?.path ?? plan.rdn}: is required, the directory names entries by it`);
}

// ---- passwords ----------------------------------------------------------------------------------------------------

/**
 * A password that is written like any attribute. Setting it unlocks (decisions 5): of an inactive account the lock stands before it.
 * Where the entry has a lock already, slapo-ppolicy removes it after all that the modify says, unless the modify has a `delete` of it:
 * so it is deleted and added again.
 */
function plainPassword(plan: ResourcePlan, entry: Entry, after: ScimObject, context: LensContext): readonly Modification[] {
  const lens = passwordLensOf(plan);
  const values = lens?.put(valuesAt(lens.place, after), NO_ENTRY, context);
  if (lens?.ldap === undefined || values === undefined) return [];
  const locks = lockOf(plan, after, context).flatMap((lock): readonly Modification[] => {
    const isLocked = valuesOf(entry, lock.attribute).length > 0;
    const remove: Modification = { ...lock, operation: 'delete', values: [] };
    return isLocked ? [remove, { ...lock, operation: 'add' }] : [lock];
  });
  return [...locks, { operation: 'replace', attribute: lens.ldap, values: values.values, source: lens.source }];
}

/** The password as an operation of its own (RFC 3062), last; and the lock again, which the server lifts with it. */
function planPasswordModify(plan: ResourcePlan, after: ScimObject, dn: string, context: LensContext): readonly PlannedChange[] {
  const lens = passwordLensOf(plan);
  if (lens?.method !== 'passwordModify') return [];
  const [newPassword] = valuesAt(lens.place, after);
  if (typeof newPassword !== 'string') return [];
  const modifications = lockOf(plan, after, context);
  const password: PlannedChange = { change: { kind: 'password', dn, newPassword, source: lens.source } };
  return modifications.length === 0 ? [password] : [password, { change: { kind: 'modify', dn, modifications } }];
}

function switchesOff(plan: ResourcePlan, before: ScimObject, after: ScimObject): boolean {
  const state = plan.lenses.find((lens) => lens.kind === 'state');
  return state !== undefined && valuesAt(state.place, before)[0] !== false && valuesAt(state.place, after)[0] === false;
}

/** What keeps an inactive account inactive; nothing for an active one. */
function lockOf(plan: ResourcePlan, after: ScimObject, context: LensContext): readonly Modification[] {
  const state = plan.lenses.find(isStateLens);
  if (state?.ldap === undefined || !state.liftedByPassword || valuesAt(state.place, after)[0] !== false) return [];
  const values = state.put([false], NO_ENTRY, context);
  return values === undefined ? [] : [{ operation: 'replace', attribute: state.ldap, values: values.values, source: state.source }];
}
