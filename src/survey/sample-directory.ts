import type { Directory, DirectoryServer } from '../directory/directory.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import { type DirectorySample, GROUP_CLASSES, PEOPLE_CLASSES } from '../drafting/sample.ts';
import type { Entry } from '../ldap/entry.ts';
import { allOf, anyOf, type LdapFilter, negate } from '../ldap/filter.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { type Account, askRootDse, productOf } from './survey-directory.ts';

/** How many entries of each kind are looked at. */
const MOST_ENTRIES = 2000;

/** All user attributes, and what has to be asked for by name. */
const ATTRIBUTES =
  '* entryUUID nsUniqueId entryCSN entryUSN createTimestamp modifyTimestamp memberOf pwdAccountLockedTime nsAccountLock'.split(' ');

/** Looks at a directory for a draft; reads only. @throws DirectoryError */
export async function sampleDirectory(directory: Directory, { bindDn, isPrivate }: Account): Promise<DirectorySample> {
  const { schema, server } = await directory.facts();
  const rootDse = await askRootDse(directory);
  const take = (classes: readonly string[]) => firstEntries(directory, rootDse.namingContexts, entriesOf(classes, server, schema));
  // Our own account is nobody to be provisioned.
  const people = (await take(PEOPLE_CLASSES)).filter(({ dn }) => dn.toLowerCase() !== bindDn.toLowerCase());
  const groups = await take(GROUP_CLASSES);
  return { server, product: productOf(server, rootDse), rootDse, schema, isPrivate, people, groups };
}

/** Active Directory's computers are people by class, and its own accounts are nobody's to manage. */
function entriesOf(classes: readonly string[], server: DirectoryServer, schema: LdapSchema): LdapFilter {
  const known = classes.filter((name) => schema.objectClass(name) !== undefined);
  const wanted = anyOf(...known.map((value): LdapFilter => ({ kind: 'equality', attribute: 'objectClass', value })));
  if (server !== 'activeDirectory') return wanted;
  const isComputer: LdapFilter = { kind: 'equality', attribute: 'objectClass', value: 'computer' };
  const isOwn: LdapFilter = { kind: 'equality', attribute: 'isCriticalSystemObject', value: 'TRUE' };
  return allOf(wanted, negate(isComputer), negate(isOwn));
}

async function firstEntries(directory: Directory, contexts: readonly string[], filter: LdapFilter): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for (const base of contexts) {
    try {
      for await (const entries of directory.searchPages({ base, scope: 'subtree', filter, attributes: ATTRIBUTES })) {
        found.push(...entries.slice(0, MOST_ENTRIES - found.length));
        if (found.length >= MOST_ENTRIES) return found;
      }
    } catch (error) {
      // What our account may not see, or no more of, is not in the sample.
      if (!(error instanceof DirectoryError) || (error.kind !== 'refused' && error.kind !== 'tooLarge')) throw error;
    }
  }
  return found;
}
