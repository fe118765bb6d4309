import { attributeKey } from '../ldap/attribute-description.ts';
import type { Change, Modification, ModifyChange } from '../ldap/change.ts';

/**
 * The change that takes a change back, from what its plan knows of the entry before it.
 *
 * Of attributes that the plan knows as a whole, the whole is put back; of all others, lists of members above all, just the values that
 * were written: what was added goes, what was deleted comes back. That is exact as long as the directory refuses to add what is there
 * and to delete what isn't.
 *
 * @param known how the plan would take the step back; of a delete the entry, as an add
 * @returns undefined for what can't be taken back: a password
 */
export function reverseChange(change: Change, known: Change | undefined): Change | undefined {
  switch (change.kind) {
    case 'add':
      return { kind: 'delete', dn: change.dn };
    case 'modify':
      return reverseModify(change, known?.kind === 'modify' ? known.modifications : []);
    case 'rename':
    case 'delete':
      return known;
    case 'password':
      return undefined;
    default:
      return change satisfies never;
  }
}

function reverseModify({ dn, modifications }: ModifyChange, known: readonly Modification[]): Change | undefined {
  const whole = known.filter(({ operation }) => operation === 'replace');
  const names = new Set(whole.map(({ attribute }) => attributeKey(attribute)));
  const isByValue = (each: Modification): boolean => each.operation !== 'replace' && each.values.length > 0;
  const single = [...Map.groupBy(modifications, ({ attribute }) => attributeKey(attribute))]
    .filter(([name, own]) => !names.has(name) && own.every(isByValue))
    .flatMap(([, own]) => own.toReversed())
    .map((each): Modification => ({ ...each, operation: each.operation === 'add' ? 'delete' : 'add' }));
  const reversed = [...single, ...whole];
  return reversed.length === 0 ? undefined : { kind: 'modify', dn, modifications: reversed };
}
