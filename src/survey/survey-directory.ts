import type { Directory, DirectoryServer } from '../directory/directory.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import type { Section } from '../inspection/section.ts';
import type { PasswordPolicies, Survey } from '../inspection/survey.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { ANY_ENTRY, anyOf, type LdapFilter } from '../ldap/filter.ts';
import { ROOT_DSE_ATTRIBUTES, type RootDse, readRootDse } from '../ldap/root-dse.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { readSlapdConfiguration, type SlapdConfiguration } from '../ldap/slapd-configuration.ts';
import { surveySection } from './survey-section.ts';
import { unlessRefused } from './unless-refused.ts';

/** Who asks, and how. */
export interface Account {
  readonly bindDn: string;
  /** Whether nobody on the way can read what is sent. */
  readonly isPrivate: boolean;
}

/**
 * Asks a directory everything that a mapping file can be judged by. Changes nothing: the only writes are deletions of values that
 * aren't there, which fail one way or the other.
 *
 * @throws DirectoryError `unavailable` or `credentials`: nothing can be said then. What is refused beside that is part of the answer
 */
export async function surveyDirectory(directory: Directory, sections: readonly Section[], account: Account): Promise<Survey> {
  const { schema, server } = await directory.facts();
  const rootDse = await askRootDse(directory);
  const surveyed = [];
  for (const section of sections) surveyed.push(await surveySection(directory, section, sections, schema));
  return {
    ...account,
    server,
    product: productOf(server, rootDse),
    rootDse,
    schema,
    slapd: server === 'openldap' ? await askSlapdConfiguration(directory) : undefined,
    policies: await askPolicies(directory, rootDse, schema),
    sections: surveyed,
  };
}

/** What people call the server. */
export function productOf(server: DirectoryServer, { product }: RootDse): string {
  return product === '' ? PRODUCT[server] : product;
}

const PRODUCT: Readonly<Record<DirectoryServer, string>> = {
  openldap: 'OpenLDAP',
  '389ds': '389 Directory Server',
  activeDirectory: 'Active Directory',
  other: 'an LDAP server that gives no name',
};

/** @throws DirectoryError */
export async function askRootDse(directory: Directory): Promise<RootDse> {
  const [entry] = await directory.search({ base: '', scope: 'base', filter: ANY_ENTRY, attributes: ROOT_DSE_ATTRIBUTES });
  if (entry === undefined) throw new DirectoryError('refused', 'the directory does not show its root DSE');
  return readRootDse(entry);
}

async function askSlapdConfiguration(directory: Directory): Promise<SlapdConfiguration | undefined> {
  const classes = ['olcGlobal', 'olcDatabaseConfig', 'olcOverlayConfig'];
  const filter = anyOf(...classes.map((value): LdapFilter => ({ kind: 'equality', attribute: 'objectClass', value })));
  const request = { base: 'cn=config', scope: 'subtree', filter, attributes: ['*'] } as const;
  const entries = await unlessRefused(directory.search(request), []);
  const configuration = readSlapdConfiguration(entries);
  return configuration.databases.length === 0 ? undefined : configuration;
}

async function askPolicies(directory: Directory, { namingContexts }: RootDse, schema: LdapSchema): Promise<PasswordPolicies> {
  if (schema.objectClass('pwdPolicy') === undefined) return { seen: 0, withLockout: 0 };
  const filter: LdapFilter = { kind: 'equality', attribute: 'objectClass', value: 'pwdPolicy' };
  const found: Entry[] = [];
  for (const base of namingContexts) {
    const request = { base, scope: 'subtree', filter, attributes: ['pwdLockout'] } as const;
    found.push(...(await unlessRefused(directory.search(request), [])));
  }
  const withLockout = found.filter((entry) => valuesOf(entry, 'pwdLockout').includes('TRUE'));
  return { seen: found.length, withLockout: withLockout.length };
}
