import { attributeKey } from '../ldap/attribute-description.ts';
import { caseIgnoreKey } from '../ldap/case-ignore.ts';
import type { Change, Modification } from '../ldap/change.ts';
import { diffValues } from '../ldap/diff.ts';
import { type Dn, formatDn, formatRdn, leafRdn, parseDn, type Rdn } from '../ldap/dn.ts';
import { type Attribute, type Entry, type LdapValue, type LinePath, valuesOf } from '../ldap/entry.ts';
import { badRequest } from '../scim/errors.ts';
import { isObject, type ScimObject, type ScimValue } from '../scim/resource.ts';
import type { AttributeDefinition } from '../scim/schema.ts';
import { assignElements } from './assign-elements.ts';
import { formatElement } from './encodings.ts';
import { entryNames, isRenamed } from './entry-names.ts';
import { generateValues } from './generate.ts';
import type { Lens, LensContext, WantedAttribute, WantedValues } from './lens.ts';
import type { NeededValue } from './needed-value.ts';
import { passwordAfterCreate } from './password-after-create.ts';
import { valuesAt, withoutValuesAt } from './place.ts';
import { branchFor, newBranchFor } from './placement.ts';
import { isStateLens, isTextLens, isWritten, passwordLensOf, type ResourcePlan } from './plan.ts';
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
    // Nothing is taken from a counter for an entry that can't be named.
    if (!isToBeNamed(plan, needs)) namingValue(plan, wanted);
    return { dn: '', changes: [], needs };
  }
  const { dn: parent } = branchFor(plan.branches, resource) ?? { dn: [] };
  const dn = formatDn([[{ type: plan.rdn, value: namingValue(plan, wanted) }], ...parent]);
  const attributes: Attribute[] = [{ name: 'objectClass', values: plan.objectClasses, source: [...plan.source, 'objectClass'] }];
  for (const { name, values, source } of wanted.values()) if (values.length > 0) attributes.push({ name, values, source });
  const create = passwordAfterCreate(plan, dn, attributes, context);
  return {
    dn,
    changes: [
      { change: { kind: 'add', dn, attributes: create.attributes }, undo: { kind: 'delete', dn } },
      ...create.followUp,
      ...planPasswordModify(plan, resource, dn, context),
    ],
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
): WritePlan {
  const after = withoutPlaceholders(plan, assignElements(plan, sent, before));
  refuseMissing(plan, after);
  const wanted = new Map<string, WantedAttribute>();
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
    if (needs !== undefined) return { dn: entry.dn, changes: [], needs };
  }

  const rename = planRename(entry, wanted, newBranchFor(plan.branches, entry, before, after)?.dn);
  const renamed = rename?.entry ?? entry;
  const modifications = planModifications(renamed, wanted, context);
  const all = [...addMissingClasses(plan, entry, [...modifications, ...password], context), ...modifications, ...password];
  const changes: PlannedChange[] = [];
  if (rename !== undefined) changes.push(rename.planned);
  if (all.length > 0)
    changes.push({ change: { kind: 'modify', dn: renamed.dn, modifications: all }, undo: undoModify(renamed, modifications) });
  const identity = identify(plan, entry);
  const decided = [...wanted].map(([name, { values }]) => [name, values] as const);
  const names = entryNames(plan, { dn: renamed.dn, attributes: new Map([...renamed.attributes, ...decided]) });
  return {
    ...names,
    entry: identity,
    changes: guardFirst(plan, entry, [...changes, ...planPasswordModify(plan, after, renamed.dn, context)]),
    ...(isRenamed(identity, names) ? { references: 'follow' as const } : {}),
  };
}

function want(wanted: Map<string, WantedAttribute>, name: string, values: WantedValues, source: LinePath): void {
  wanted.set(attributeKey(name), { name, source, ...values });
}

/** What goes with an account's being switched off: done when that changes, and taken back as far as it can be. */
function wantSideEffects(
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
  if (is === false) for (const name of clear) want(wanted, name, { values: [], style: 'values' }, state.source);
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

/** Whether the naming value is among those that aren't made yet. */
function isToBeNamed({ generated, rdn }: ResourcePlan, { line }: NeededValue): boolean {
  return generated.slice(generated.indexOf(line)).some(({ ldap }) => ldap.toLowerCase() === rdn.toLowerCase());
}

function namingValue(plan: ResourcePlan, wanted: ReadonlyMap<string, WantedAttribute>): string {
  const [value] = wanted.get(plan.rdn.toLowerCase())?.values ?? [];
  if (typeof value === 'string' && value !== '') return value;
  const lens = plan.lenses.find((each) => each.ldap?.toLowerCase() === plan.rdn.toLowerCase());
  throw badRequest('invalidValue', `${lens?.path ?? plan.rdn}: is required, the directory names entries by it`);
}

/**
 * The rename that a new naming value or another branch needs (RFC 4511 §4.9), and the entry as it will be after it. An adopted entry
 * may be named by another attribute than new ones, or by several: each keeps its part of the name, with its new value.
 *
 * @param newParent where the entry is to stand; undefined: where it is
 */
function planRename(
  entry: Entry,
  wanted: ReadonlyMap<string, WantedAttribute>,
  newParent: Dn | undefined,
): { readonly planned: PlannedChange; readonly entry: Entry } | undefined {
  const [rdn = [], ...parent] = parseDn(entry.dn);
  const attributes = new Map(entry.attributes);
  let source: LinePath = [];
  const newRdn: Rdn = rdn.map((ava) => {
    const wish = wanted.get(ava.type.toLowerCase());
    const [value] = wish?.values ?? [];
    const current = valuesOf(entry, ava.type);
    const spelled = current.find((each) => isSameValue(each, ava.value)) ?? ava.value;
    if (wish === undefined || typeof value !== 'string' || spelled === value) return ava;
    source = wish.source;
    const others = current.filter((each) => each !== spelled && !isSameValue(each, value));
    attributes.set(ava.type.toLowerCase(), [value, ...others]);
    return { type: ava.type, value };
  });
  if (newParent === undefined && newRdn.every((ava, index) => ava === rdn[index])) return undefined;
  const dn = formatDn([newRdn, ...(newParent ?? parent)]);
  const below = (superior: Dn) => (newParent === undefined ? {} : { newSuperior: formatDn(superior) });
  return {
    planned: {
      change: { kind: 'rename', dn: entry.dn, newRdn: formatRdn(newRdn), ...below(newParent ?? parent), source },
      undo: { kind: 'rename', dn, newRdn: formatRdn(rdn), ...below(parent) },
    },
    entry: { dn, attributes },
  };
}

function isSameValue(a: LdapValue, b: LdapValue): boolean {
  return typeof a === 'string' && typeof b === 'string' && caseIgnoreKey(a) === caseIgnoreKey(b);
}

// ---- modifications ------------------------------------------------------------------------------------------------

function planModifications(entry: Entry, wanted: ReadonlyMap<string, WantedAttribute>, context: LensContext): readonly Modification[] {
  const naming = new Set(leafRdn(entry.dn)?.map((ava) => ava.type.toLowerCase()));
  return [...wanted.values()].flatMap(({ name, values, style, source }) => {
    const type = context.schema.attributeType(name);
    const isNaming = naming.has(name.toLowerCase());
    const hasNoEquality = type !== undefined && type.equality === undefined;
    // The RDN says which naming value is shown, so their order doesn't matter, and the server refuses to have the RDN's replaced.
    const way = hasNoEquality || (style === 'replace' && !isNaming) ? 'replace' : 'values';
    return diffValues(name, valuesOf(entry, name), values, way).map((modification) => ({ ...modification, source }));
  });
}

/** Auxiliary classes of the file that an entry made by others lacks and the written attributes need, added in the same modify. */
function addMissingClasses(
  plan: ResourcePlan,
  entry: Entry,
  modifications: readonly Modification[],
  { schema }: LensContext,
): readonly Modification[] {
  const classes = valuesOf(entry, 'objectClass').filter((value) => typeof value === 'string');
  const added: string[] = [];
  for (const { operation, attribute, values } of modifications) {
    if (operation === 'delete' || values.length === 0 || schema.allows([...classes, ...added], attribute)) continue;
    const missing = plan.objectClasses.find((name) => schema.objectClass(name)?.kind === 'auxiliary' && schema.allows([name], attribute));
    if (missing !== undefined) added.push(missing);
  }
  return added.length === 0 ? [] : [{ operation: 'add', attribute: 'objectClass', values: added, source: [...plan.source, 'objectClass'] }];
}

function undoModify(entry: Entry, modifications: readonly Modification[]): Change {
  const names = new Map(modifications.map(({ attribute }) => [attribute.toLowerCase(), attribute]));
  return {
    kind: 'modify',
    dn: entry.dn,
    modifications: [...names.values()].map((attribute) => ({ operation: 'replace', attribute, values: valuesOf(entry, attribute) })),
  };
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

/** What keeps an inactive account inactive; nothing for an active one. */
function lockOf(plan: ResourcePlan, after: ScimObject, context: LensContext): readonly Modification[] {
  const state = plan.lenses.find(isStateLens);
  if (state?.ldap === undefined || !state.liftedByPassword || valuesAt(state.place, after)[0] !== false) return [];
  const values = state.put([false], NO_ENTRY, context);
  return values === undefined ? [] : [{ operation: 'replace', attribute: state.ldap, values: values.values, source: state.source }];
}
