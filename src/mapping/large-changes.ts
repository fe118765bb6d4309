import { asAddition, type Modification, type ModifyChange } from '../ldap/change.ts';
import type { PlannedChange } from './write-plan.ts';

/** The most values of an attribute in one request: larger ones come near limits of servers and of what carries them (ldap.md §1, §6). */
const MOST_VALUES = 5_000;

/**
 * The same steps, with long lists written a part at a time: each part is atomic, their sum is not. Every part adds or deletes single
 * values, so that whoever changes the list at the same time loses nothing.
 */
export function inParts(changes: readonly PlannedChange[]): readonly PlannedChange[] {
  return changes.flatMap((planned): readonly PlannedChange[] => {
    const { change } = planned;
    if (change.kind === 'add') {
      const rest = change.attributes.flatMap((attribute) => partsOf(asAddition(attribute)).slice(1));
      const attributes = change.attributes.map((each) => ({ ...each, values: each.values.slice(0, MOST_VALUES) }));
      return rest.length === 0 ? [planned] : [{ ...planned, change: { ...change, attributes } }, ...laterParts(change.dn, rest)];
    }
    if (change.kind !== 'modify') return [planned];
    const rest = change.modifications.flatMap((modification) => partsOf(modification).slice(1));
    if (rest.length === 0) return [planned];
    const undo = planned.undo?.kind === 'modify' ? { undo: firstPart(planned.undo) } : {};
    return [{ ...planned, change: firstPart(change), ...undo }, ...laterParts(change.dn, rest)];
  });
}

function partsOf(modification: Modification): readonly Modification[] {
  const { operation, values } = modification;
  if (operation === 'replace' || values.length <= MOST_VALUES) return [modification];
  const parts: Modification[] = [];
  for (let start = 0; start < values.length; start += MOST_VALUES) {
    parts.push({ ...modification, values: values.slice(start, start + MOST_VALUES) });
  }
  return parts;
}

function firstPart(change: ModifyChange): ModifyChange {
  return { ...change, modifications: change.modifications.flatMap((modification) => partsOf(modification).slice(0, 1)) };
}

function laterParts(dn: string, parts: readonly Modification[]): readonly PlannedChange[] {
  const modify = (modification: Modification) => ({ kind: 'modify', dn, modifications: [modification] }) as const;
  return parts.map((part) => ({ change: modify(part), undo: modify({ ...part, operation: part.operation === 'add' ? 'delete' : 'add' }) }));
}
