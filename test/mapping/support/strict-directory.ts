import { carryOut as carryOutOne } from '../../../src/ldap/carry-out.ts';
import type { Change } from '../../../src/ldap/change.ts';
import { type Entry, valuesOf } from '../../../src/ldap/entry.ts';
import type { LdapSchema } from '../../../src/ldap/schema.ts';
import { ada, CSN } from './plans.ts';

/** The entry after some writes, and what a directory gives a new one: an id and a version. @throws ChangeRefused */
export function carryOut(entry: Entry | undefined, changes: readonly Change[], schema: LdapSchema): Entry {
  const after = changes.reduce((current, change) => {
    const next = carryOutOne(current, change, schema);
    return current === undefined && next !== undefined ? withOperational(next) : next;
  }, entry);
  if (after === undefined) throw new Error('noSuchObject');
  return after;
}

function withOperational(entry: Entry): Entry {
  const made = new Map([...entry.attributes, ['entryuuid', [ada.id]], ['entrycsn', [CSN]]] as const);
  return valuesOf(entry, 'entryUUID').length > 0 ? entry : { dn: entry.dn, attributes: made };
}
