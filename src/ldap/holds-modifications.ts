import { attributeKey } from './attribute-description.ts';
import type { Modification } from './change.ts';
import { octetKey } from './diff.ts';
import { type Entry, type LdapValue, valuesOf } from './entry.ts';
import { equalityKey } from './equality-key.ts';
import type { LdapSchema } from './schema.ts';

/**
 * Whether an entry is as a modify leaves it (RFC 4511 §4.6): what it adds is there, what it deletes isn't, what it replaces is just so.
 * It says nothing of who made it so.
 */
export function holdsModifications(entry: Entry, modifications: readonly Modification[], schema: LdapSchema): boolean {
  const byAttribute = Map.groupBy(modifications, ({ attribute }) => attributeKey(attribute));
  return [...byAttribute].every(([attribute, own]) => {
    const keyOf = (value: LdapValue): string =>
      typeof value === 'string' ? equalityKey(schema.attributeType(attribute), value) : octetKey(value);
    const held = new Set(valuesOf(entry, attribute).map(keyOf));
    const wanted = new Set<string>();
    const unwanted = new Set<string>();
    let isClosed = false;
    for (const { operation, values } of own) {
      const keys = values.map(keyOf);
      if (operation === 'replace' || (operation === 'delete' && keys.length === 0)) {
        isClosed = true;
        wanted.clear();
      }
      for (const key of keys) {
        (operation === 'delete' ? wanted : unwanted).delete(key);
        (operation === 'delete' ? unwanted : wanted).add(key);
      }
    }
    const isComplete = [...wanted].every((key) => held.has(key)) && ![...unwanted].some((key) => held.has(key));
    return isComplete && (!isClosed || held.size === wanted.size);
  });
}
