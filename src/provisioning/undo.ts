import { DirectoryError } from '../directory/directory-error.ts';
import type { Holder, SettledWrite } from '../journal/journaled-write.ts';
import { planUndo, type UndoPlan, type UndoStep } from '../journal/plan-undo.ts';
import { attributeKey } from '../ldap/attribute-description.ts';
import { type Modification, type ModifyChange, renamedDn } from '../ldap/change.ts';
import { diffValues } from '../ldap/diff.ts';
import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';
import { EVERYTHING, type LdapFilter } from '../ldap/filter.ts';
import { RESULT } from '../ldap/result-code.ts';
import { holdsSame } from '../ldap/value-key.ts';
import { entryNames } from '../mapping/entry-names.ts';
import { isReferenceLens, listLensOf, type ResourcePlan } from '../mapping/plan.ts';
import { idOf } from '../mapping/read-entry.ts';
import { identify, isUnchanged, type PlannedChange, type WritePlan } from '../mapping/write-plan.ts';
import { ScimError } from '../scim/errors.ts';
import { applyChanges } from './apply-changes.ts';
import { audited } from './audit.ts';
import { translatingErrors } from './directory-to-scim-error.ts';
import { namingAttributes, placeholdersOf, planOf, readJournaledEntries } from './journaled-entries.ts';
import { modifyMembers } from './modify-members.ts';
import { locationOf, type OperationContext } from './operation-context.ts';
import { readWhole, restorableAttributes } from './read-whole.ts';

/** What became of a step. */
export interface Undone {
  readonly dn: string;
  readonly outcome: 'undone' | 'skipped';
  readonly reason?: string;
  /** SCIM id of an entry that came back, where that is another one. */
  readonly newId?: string;
}

/**
 * What takes writes back, decided from the journal and the entries as they are. Nothing is written.
 *
 * @param writes all of the tenant since the first that is to be undone, in their order
 * @throws DirectoryError when the directory is away
 */
export async function prepareUndo(
  context: OperationContext,
  writes: readonly SettledWrite[],
  isToBeUndone: (write: SettledWrite) => boolean,
): Promise<UndoPlan> {
  const done = writes.filter(({ outcome }) => outcome !== 'refused');
  const [entries, { schema, server }] = await Promise.all([readJournaledEntries(context, done), context.directory.facts()]);
  const fillsEntries = server === 'activeDirectory';
  const naming = namingAttributes(context);
  return planUndo({ writes: done, isToBeUndone, entries, schema, naming, placeholders: placeholdersOf(context), fillsEntries });
}

/**
 * Carries out an undo, each step guarded by what its entry held when it was planned, and by the version that was read just before. It goes
 * by the fence and the brakes, and is audited and noted in the journal, as any other write. What has been changed meanwhile, or is refused,
 * is skipped with all earlier writes to the same entry.
 *
 * @throws ScimError 503 when the directory is away, or a brake holds: what has been done stays, and the rest can be undone later
 */
export async function* carryOutUndo(context: OperationContext, { steps }: UndoPlan): AsyncGenerator<Undone, void, undefined> {
  const left = new Set<string>();
  const ids = new Map<string, string>();
  for (const step of steps) {
    const { dn } = step.change;
    if (left.has(step.subject)) {
      yield { dn, outcome: 'skipped', reason: 'a later write to this entry could not be taken back' };
      continue;
    }
    const skipped = await unlessRefused(() => takeBack(context, step, ids));
    if (skipped !== undefined) {
      left.add(step.subject);
      yield { dn, outcome: 'skipped', reason: skipped };
      continue;
    }
    const newId = step.change.kind === 'add' ? ids.get(step.subject) : undefined;
    yield { dn, outcome: 'undone', ...(newId === undefined ? {} : { newId }) };
    for (const holder of step.holders) {
      const reason = await unlessRefused(() => nameAgain(context, holder));
      yield { dn: holder.dn, outcome: reason === undefined ? 'undone' : 'skipped', ...(reason === undefined ? {} : { reason }) };
    }
  }
}

/** @returns why nothing was done */
async function unlessRefused(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof ScimError && error.status !== 503) return error.detail;
    throw error;
  }
}

const CHANGED = new ScimError(409, 'it has been changed by others meanwhile');
const CHANGED_MEANWHILE: ReadonlySet<number> = new Set([
  RESULT.assertionFailed,
  RESULT.noSuchObject,
  RESULT.noSuchAttribute,
  RESULT.attributeOrValueExists,
]);

async function audit(
  context: OperationContext,
  plan: ResourcePlan,
  id: string,
  work: (context: OperationContext) => Promise<void>,
): Promise<void> {
  const path = new URL(locationOf(context, plan.target, id)).pathname;
  await audited(context, { method: 'UNDO', path, id }, (operation) =>
    translatingErrors(plan, 'update', async () => {
      try {
        await work(operation);
        return { status: 204 };
      } catch (error) {
        const { code } = error instanceof DirectoryError ? error : {};
        if (code === RESULT.entryAlreadyExists) throw new ScimError(409, 'there is another entry of that name', { cause: error });
        throw code !== undefined && CHANGED_MEANWHILE.has(code) ? CHANGED : error;
      }
    }),
  );
}

async function takeBack(context: OperationContext, step: UndoStep, ids: Map<string, string>): Promise<void> {
  const { change, write, subject } = step;
  const plan = planOf(context, write);
  const id = ids.get(subject) ?? write.id ?? '';
  await audit(context, plan, id, async (operation) => {
    if (change.kind === 'add') {
      const planned: PlannedChange = { change, undo: { kind: 'delete', dn: change.dn } };
      const entry = await applyChanges(operation, plan, { dn: change.dn, changes: [planned] }, [plan.id]);
      const [read = entry] = entry === undefined ? await readAt(operation, change.dn, [plan.id]) : [];
      const newId = read === undefined ? undefined : idOf(plan, read);
      if (newId !== undefined) ids.set(subject, newId);
      return;
    }
    const entry = await readUnchanged(operation, plan, step, id);
    await applyStep(operation, plan, step, entry);
  });
}

function readAt({ directory }: OperationContext, base: string, attributes: readonly string[]): Promise<readonly Entry[]> {
  return directory.search({ base, scope: 'base', filter: EVERYTHING, attributes });
}

/** @throws ScimError 409 when it is another entry, or not as it was when the undo was planned */
async function readUnchanged(context: OperationContext, plan: ResourcePlan, { change, expected }: UndoStep, id: string): Promise<Entry> {
  const { schema } = await context.directory.facts();
  const known = [plan.id, plan.meta.version, plan.rdn, 'objectClass', ...plan.namedBy];
  const whole = change.kind === 'delete' ? restorableAttributes(context.plan, plan, plan.objectClasses, schema) : [];
  const attributes = [...new Map([...known, ...expected.keys(), ...whole].map((name) => [attributeKey(name), name])).values()];
  const [entry] = await readAt(context, change.dn, attributes);
  if (entry === undefined || (id !== '' && idOf(plan, entry)?.toLowerCase() !== id.toLowerCase())) throw CHANGED;
  if (![...expected].every(([name, values]) => holdsSame(schema, name, valuesOf(entry, name), values))) throw CHANGED;
  return entry;
}

async function applyStep(context: OperationContext, plan: ResourcePlan, step: UndoStep, entry: Entry): Promise<void> {
  const { change, references } = step;
  const assertion = isUnchanged(plan, entry);
  const identity = identify(plan, entry);
  const base = { ...entryNames(plan, entry), entry: identity };
  switch (change.kind) {
    case 'delete': {
      const planned = { change: { ...change, assertion } };
      await applyChanges(
        context,
        plan,
        { ...base, changes: [planned], references: 'forget', whole: await readWhole(context, plan, entry) },
        [],
      );
      return;
    }
    case 'rename': {
      const dn = renamedDn(change);
      const { names } = references?.before ?? base;
      const undo = step.write.change.kind === 'rename' ? { undo: { ...step.write.change, dn } } : {};
      await applyChanges(
        context,
        plan,
        {
          ...base,
          dn,
          names,
          changes: [{ change: { ...change, assertion }, ...undo }],
          ...(references?.kind === 'follow' ? { references: 'follow' as const } : {}),
        },
        [],
      );
      return;
    }
    case 'modify':
      await modifyBack(
        context,
        plan,
        {
          ...base,
          ...(references?.kind === 'follow' ? { references: 'follow' as const, names: references.before.names } : {}),
          changes: [],
        },
        { ...change, assertion },
        step,
      );
      return;
    case 'add':
    case 'password':
      return;
    default:
      change satisfies never;
  }
}

async function modifyBack(
  context: OperationContext,
  plan: ResourcePlan,
  base: WritePlan,
  change: ModifyChange,
  { expected }: UndoStep,
): Promise<void> {
  const lens = listLensOf(plan);
  const isOfList = ({ attribute }: Modification): boolean => lens !== undefined && attributeKey(attribute) === attributeKey(lens.ldap);
  const others = change.modifications.filter((each) => !isOfList(each));
  const placeholder = lens?.whenEmpty === undefined ? undefined : lens.keyOf(lens.whenEmpty);
  const listed = (operation: Modification['operation']): readonly string[] =>
    change.modifications
      .filter((each) => isOfList(each) && each.operation === operation)
      .flatMap(({ values }) => values.map(String))
      .filter((value) => lens?.keyOf(value) !== placeholder);
  const known = [...expected].map(([attribute, values]): Modification => ({ operation: 'replace', attribute, values }));
  const undo: ModifyChange = { kind: 'modify', dn: change.dn, modifications: known };
  const members = { add: listed('add'), remove: listed('delete') };
  if (others.length === 0 && members.add.length === 0 && members.remove.length === 0) return;
  const planned: PlannedChange = {
    change: { ...change, modifications: others },
    undo,
    ...(lens === undefined ? {} : { isPart: true as const }),
  };
  const writePlan: WritePlan = { ...base, changes: [planned], memberRemovals: members.remove.length };
  await applyChanges(context, plan, writePlan, [], (journaled, step, attributes) =>
    lens !== undefined && step.kind === 'modify'
      ? modifyMembers(journaled, step, { lens, ...members }, attributes)
      : journaled.directory.write(step, attributes),
  );
}

/** Somebody who came back is named again; an attribute of one value that has another one by now keeps it. */
async function nameAgain(context: OperationContext, { target, dn, attribute, value }: Holder): Promise<void> {
  const plan = planOf(context, { target, after: dn });
  const lens = plan.lenses.filter(isReferenceLens).find(({ ldap }) => attributeKey(ldap) === attributeKey(attribute));
  if (lens === undefined) return;
  const [entry] = await readAt(context, dn, [plan.id, plan.meta.version, 'objectClass', ...plan.namedBy]).catch((error: unknown) => {
    if (error instanceof DirectoryError && error.code === RESULT.noSuchObject) return [];
    throw error;
  });
  if (entry === undefined) throw CHANGED;
  await audit(context, plan, idOf(plan, entry) ?? '', async (operation) => {
    const base = { ...entryNames(plan, entry), entry: identify(plan, entry) };
    const assertion: LdapFilter = { kind: 'present', attribute: 'objectClass' };
    if (lens.place.kind === 'list') {
      const change: ModifyChange = { kind: 'modify', dn, modifications: [], assertion };
      await applyChanges(operation, plan, { ...base, changes: [{ change, isPart: true }] }, [], (journaled, step, attributes) =>
        step.kind === 'modify'
          ? modifyMembers(journaled, step, { lens, add: [value], remove: [] }, attributes)
          : Promise.resolve(undefined),
      );
      return;
    }
    const [current = entry] = await readAt(operation, dn, [attribute]);
    const values = valuesOf(current, attribute);
    const placeholders = new Set(placeholdersOf(operation).map((each) => lens.keyOf(each)));
    const isKnown = (each: LdapValue): boolean =>
      lens.keyOf(String(each)) === lens.keyOf(value) || placeholders.has(lens.keyOf(String(each)));
    if (!values.every(isKnown)) throw CHANGED;
    const modifications = diffValues(attribute, values, [value], 'values');
    const undo: ModifyChange = { kind: 'modify', dn, modifications: [{ operation: 'replace', attribute, values }] };
    const change: ModifyChange = { kind: 'modify', dn, modifications, assertion };
    await applyChanges(operation, plan, { ...base, changes: modifications.length === 0 ? [] : [{ change, undo }] }, []);
  });
}
