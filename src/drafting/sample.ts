import type { DirectoryServer } from '../directory/directory.ts';
import type { Entry } from '../ldap/entry.ts';
import type { RootDse } from '../ldap/root-dse.ts';
import type { LdapSchema } from '../ldap/schema.ts';

/** What was looked at of an existing directory, to draft a mapping file from. */
export interface DirectorySample {
  readonly server: DirectoryServer;
  readonly product: string;
  readonly rootDse: RootDse;
  readonly schema: LdapSchema;
  /** Whether nobody on the way can read what is sent. */
  readonly isPrivate: boolean;
  /** Entries of people and of groups, as far as our account sees them: the first ones of each. */
  readonly people: readonly Entry[];
  readonly groups: readonly Entry[];
}

/** Classes by which people and groups are looked for; what the schema lacks matches nobody. */
export const PEOPLE_CLASSES: readonly string[] = ['inetOrgPerson', 'person', 'user', 'account', 'posixAccount'];
export const GROUP_CLASSES: readonly string[] = ['groupOfNames', 'groupOfUniqueNames', 'posixGroup', 'group'];
