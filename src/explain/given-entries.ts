import { type Entry, makeEntry } from '../ldap/entry.ts';
import { LdifSyntaxError, parseLdif } from '../ldap/parse-ldif.ts';
import type { MadeUp } from './made-up.ts';

/**
 * The entries of an LDIF text, with what a directory has of every entry made up where it isn't stated.
 *
 * @throws LdifSyntaxError also for a change: these are entries as they are
 */
export function readGivenEntries(ldif: string, madeUp: MadeUp): readonly Entry[] {
  return parseLdif(madeUp.fill(ldif)).map((record) => {
    if (record.kind !== 'entry') throw new LdifSyntaxError(`${record.dn}: expected an entry, not a change`, 1);
    return madeUp.complete(makeEntry(record.dn, record.attributes));
  });
}
