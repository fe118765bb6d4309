import type { Directory } from '../directory/directory.ts';
import { unlessNoSuchObject } from '../directory/directory-error.ts';
import { asAddition, attributesIn, type Change, renamedDn } from '../ldap/change.ts';
import { dnKey, formatRdn, leafRdn } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { EVERYTHING } from '../ldap/filter.ts';
import { holdsModifications } from '../ldap/holds-modifications.ts';
import type { Intent, Progress } from '../state/intent.ts';

/**
 * How many steps of an interrupted write are done, read from the directory: those that were noted, and those whose effect is there.
 *
 * @returns undefined when the entry isn't where any of the steps leaves it
 * @throws DirectoryError
 */
export async function countDoneSteps(directory: Directory, intent: Intent, progress: Progress): Promise<number | undefined> {
  let { done } = progress;
  for (const { change, repeatable } of intent.steps.slice(done)) {
    const entry = await readTarget(directory, intent, change);
    if (entry === undefined && change.kind !== 'add') return change.kind === 'delete' ? done + 1 : undefined;
    const [version] = entry === undefined ? [] : valuesOf(entry, intent.versionAttribute);
    // Nothing has been written to the entry since that was noted.
    if (done === progress.done && version !== undefined && version === progress.version) return done;
    // The note before a password is safe on disk: without it, the password was not reached.
    const mayBeHidden = done === progress.done && version !== progress.version;
    if (!(await isDone(directory, change, entry, repeatable, mayBeHidden))) return done;
    done += 1;
  }
  return done;
}

/** @param mayBeHidden what can't be seen in the entry may have been done */
async function isDone(
  directory: Directory,
  change: Change,
  entry: Entry | undefined,
  repeatable: boolean,
  mayBeHidden: boolean,
): Promise<boolean> {
  switch (change.kind) {
    case 'add': {
      const { schema } = await directory.facts();
      return entry !== undefined && holdsModifications(entry, change.attributes.map(asAddition), schema);
    }
    case 'modify': {
      const { schema } = await directory.facts();
      if (entry === undefined || !holdsModifications(entry, change.modifications, schema)) return false;
      return repeatable || mayBeHidden;
    }
    case 'rename':
      return entry !== undefined && hasNewName(entry, change);
    case 'password':
      return mayBeHidden;
    case 'delete':
      return false;
    default:
      return change satisfies never;
  }
}

type Rename = Extract<Change, { kind: 'rename' }>;

/** Of a rename in letter case alone the spelling tells. */
function hasNewName({ dn }: Entry, rename: Rename): boolean {
  const newDn = renamedDn(rename);
  if (dnKey(dn) !== dnKey(newDn)) return false;
  return dnKey(rename.dn) !== dnKey(newDn) || formatRdn(leafRdn(dn) ?? []) === formatRdn(leafRdn(newDn) ?? []);
}

/** The entry that a step is about, under the name that it has before or after it. */
async function readTarget(directory: Directory, intent: Intent, change: Change): Promise<Entry | undefined> {
  for (const dn of change.kind === 'rename' ? [change.dn, renamedDn(change)] : [change.dn]) {
    const entry = await readEntryAt(directory, dn, intent, attributesIn(change));
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** The intent's entry, with its version, if that is its name. @throws DirectoryError */
export async function readEntryAt(
  directory: Directory,
  dn: string,
  { isEntry = EVERYTHING, versionAttribute }: Intent,
  attributes: readonly string[] = [],
): Promise<Entry | undefined> {
  const search = { base: dn, scope: 'base', filter: isEntry, attributes: [...attributes, versionAttribute] } as const;
  const [entry] = await unlessNoSuchObject(directory.search(search), []);
  return entry;
}
