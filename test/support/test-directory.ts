import { Change, type Client, type Control, Attribute as LdaptsAttribute, ResultCodeError } from 'ldapts';
import type { Modification } from '../../src/ldap/change.ts';
import type { Entry, LdapValue } from '../../src/ldap/entry.ts';
import { makeEntry } from '../../src/ldap/entry.ts';
import { parseLdif } from '../../src/ldap/parse-ldif.ts';

/** The entries that every directory of the tests has. */
export const SUFFIX = 'dc=example,dc=org';
export const PEOPLE = `ou=people,${SUFFIX}`;
export const GROUPS = `ou=groups,${SUFFIX}`;
export const DISABLED = `ou=disabled,${SUFFIX}`;

/** Where ldapts would make text of bytes that happen to be UTF-8. */
const BINARY = ['objectGUID', 'objectSid', 'jpegPhoto', 'thumbnailPhoto'];

/** A directory server for one test file: what the bridge has to know of it, and what a test may do as its administrator. */
export interface TestDirectory {
  readonly url: string;
  /** The account of the bridge: may write below ou=people, ou=groups and ou=disabled, and isn't the administrator. */
  readonly bindDn: string;
  readonly bindPassword: string;
  /** Entries as the administrator sees them. Operational attributes come when named, or with `+`. Throws for a missing base. */
  adminSearch(base: string, filter?: string, attributes?: readonly string[]): Promise<readonly Entry[]>;
  /** Adds the entries of an LDIF text as the administrator, as far as the server lets him past its policies. */
  adminAdd(ldif: string, controls?: Control[]): Promise<void>;
  /** Changes an entry as the administrator. */
  adminModify(dn: string, ...modifications: readonly Modification[]): Promise<void>;
  adminDelete(dn: string): Promise<void>;
  /** Gives an entry another name; `newDn` is an RDN, or an RDN and a parent. */
  adminRename(dn: string, newDn: string): Promise<void>;
  /** Whether an account can log in. */
  accepts(dn: string, password: string): Promise<boolean>;
  /** Removes everything below ou=people, ou=groups and ou=disabled. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** A directory server in a container. */
export interface ContainerDirectory extends TestDirectory {
  readonly ldapsUrl: string;
  /** What `ldapsUrl` is verified with, in PEM form. */
  readonly ca: string;
}

export interface Account {
  readonly dn: string;
  readonly password: string;
}

/** What an administrator does for the tests, each time over a connection of its own. */
export class DirectoryAdministrator {
  readonly #connect: () => Client;
  readonly #account: Account;

  /** @param connect a client that has not been bound */
  constructor(connect: () => Client, account: Account) {
    this.#connect = connect;
    this.#account = account;
  }

  adminSearch(base: string, filter = '(objectClass=*)', attributes: readonly string[] = ['*']): Promise<readonly Entry[]> {
    return this.asAdmin(async (client) => {
      const options = { filter, attributes: [...attributes], explicitBufferAttributes: BINARY, timeLimit: 30, paged: true };
      const { searchEntries } = await client.search(base, options);
      return searchEntries.map(({ dn, ...rest }) => {
        const named = Object.entries(rest).map(([name, values]) => ({ name, values: listOf(values) }));
        return makeEntry(dn, named);
      });
    });
  }

  adminAdd(ldif: string, controls: Control[] = []): Promise<void> {
    return this.asAdmin(async (client) => {
      for (const record of parseLdif(ldif)) {
        if (record.kind !== 'entry') throw new TypeError('adminAdd takes entries, no changes');
        const { dn, attributes } = record;
        await client.add(
          dn,
          attributes.map(({ name, values }) => new LdaptsAttribute({ type: name, values: values.map((value) => Buffer.from(value)) })),
          controls,
        );
      }
    });
  }

  adminModify(dn: string, ...modifications: readonly Modification[]): Promise<void> {
    const changes = modifications.map(
      ({ operation, attribute: type, values }) =>
        new Change({ operation, modification: new LdaptsAttribute({ type, values: values.map((value) => Buffer.from(value)) }) }),
    );
    return this.asAdmin((client) => client.modify(dn, changes));
  }

  adminDelete(dn: string): Promise<void> {
    return this.asAdmin((client) => client.del(dn));
  }

  adminRename(dn: string, newDn: string): Promise<void> {
    return this.asAdmin((client) => client.modifyDN(dn, newDn));
  }

  async accepts(dn: string, password: string): Promise<boolean> {
    const client = this.#connect();
    try {
      await client.bind(dn, password);
      return true;
    } catch (error) {
      if (error instanceof ResultCodeError) return false;
      throw error;
    } finally {
      await client.unbind();
    }
  }

  reset(): Promise<void> {
    return this.asAdmin(async (client) => {
      for (const base of [GROUPS, PEOPLE, DISABLED]) {
        const { searchEntries } = await client.search(base, { attributes: ['1.1'], timeLimit: 30, paged: true });
        const below = searchEntries.filter(({ dn }) => dn.toLowerCase() !== base);
        const deepestFirst = Map.groupBy(below, ({ dn }) => dn.split(/(?<!\\),/).length);
        for (const depth of [...deepestFirst.keys()].toSorted((a, b) => b - a)) {
          await Promise.all((deepestFirst.get(depth) ?? []).map(({ dn }) => client.del(dn)));
        }
      }
    });
  }

  async asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = this.#connect();
    await client.bind(this.#account.dn, this.#account.password);
    try {
      return await work(client);
    } finally {
      await client.unbind();
    }
  }
}

function listOf(values: LdapValue | readonly LdapValue[]): readonly LdapValue[] {
  return typeof values === 'string' || Buffer.isBuffer(values) ? [values] : values;
}
