import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Client, Attribute as LdaptsAttribute } from 'ldapts';
import { startSlapd, type ThrowawaySlapd } from '../../src/cli/demo/throwaway-slapd.ts';
import type { Entry, LdapValue } from '../../src/ldap/entry.ts';
import { makeEntry } from '../../src/ldap/entry.ts';
import { parseLdif } from '../../src/ldap/parse-ldif.ts';
import { BARE_CONFIGURATION, BARE_LDIF, BASE_LDIF, FULL_CONFIGURATION } from './openldap-configuration.ts';
import type { LoggedOperation } from './slapd-log.ts';
import { parseSlapdLog } from './slapd-log.ts';

export const SUFFIX = 'dc=example,dc=org';
export const PEOPLE = `ou=people,${SUFFIX}`;
export const GROUPS = `ou=groups,${SUFFIX}`;
export const DISABLED = `ou=disabled,${SUFFIX}`;
export const BRIDGE_DN = `cn=bridge,${SUFFIX}`;
export const BRIDGE_PASSWORD = 'bridge-secret';
const ADMIN_DN = `cn=admin,${SUFFIX}`;
const ADMIN_PASSWORD = 'admin-secret';
const MARK = 'cn=mark-';

export interface OpenLdapOptions {
  /** `bare`: back_mdb, Debian's indexes, sizelimit 500; no overlays and no limits for the bridge. Default `full`. */
  readonly variant?: 'full' | 'bare';
  /** Makes `operations` work. */
  readonly logsOperations?: boolean;
  /** Changes slapd.conf before the start. */
  readonly configure?: (configuration: string) => string;
  /** More files for the folder that the configuration calls `@DIR@`. */
  readonly files?: ReadonlyMap<string, string>;
  /** More entries, below those of the base. */
  readonly ldif?: string;
  /** Listens for ldaps:// instead of ldap://. */
  readonly ldaps?: boolean;
}

/** A slapd for one test file, with the entries and the configuration that the reference measurements were made with. */
export interface OpenLdap {
  readonly slapd: ThrowawaySlapd;
  readonly url: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  /** Entries as the rootdn sees them. Operational attributes come when named, or with `+`. Throws for a missing base. */
  adminSearch(base: string, filter?: string, attributes?: readonly string[]): Promise<readonly Entry[]>;
  /** Adds the entries of an LDIF text as the rootdn: neither access control nor password policy applies. */
  adminAdd(ldif: string): Promise<void>;
  /** Forgets the operations that were logged so far. */
  mark(): Promise<void>;
  /** The operations since the last mark, in the order in which slapd began them; without those of the rootdn. */
  operations(): Promise<readonly LoggedOperation[]>;
  /** Removes everything below ou=people, ou=groups and ou=disabled. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOpenLdap(options: OpenLdapOptions = {}): Promise<OpenLdap> {
  const {
    variant = 'full',
    configure = (text: string) => text,
    files = new Map(),
    ldif = '',
    logsOperations = false,
    ldaps = false,
  } = options;
  const schema = readFileSync(new URL('../../config/schema/scim.schema', import.meta.url), 'utf8');
  const slapd = await startSlapd({
    configuration: configure(variant === 'full' ? FULL_CONFIGURATION : BARE_CONFIGURATION),
    files: new Map([...files, ['scim.schema', schema]]),
    ldif: `${variant === 'full' ? BASE_LDIF : BARE_LDIF}\n${ldif}`,
    logsOperations,
    ldaps,
  });
  const ldap = new TestOpenLdap(slapd, logsOperations);
  // What it took to see that it answers doesn't count.
  if (logsOperations) await ldap.mark();
  return ldap;
}

class TestOpenLdap implements OpenLdap {
  readonly slapd: ThrowawaySlapd;
  readonly url: string;
  readonly bindDn = BRIDGE_DN;
  readonly bindPassword = BRIDGE_PASSWORD;
  readonly #logsOperations: boolean;
  #markedAt = 0;
  #marks = 0;

  constructor(slapd: ThrowawaySlapd, logsOperations: boolean) {
    this.#logsOperations = logsOperations;
    this.slapd = slapd;
    this.url = slapd.url;
  }

  adminSearch(base: string, filter = '(objectClass=*)', attributes: readonly string[] = ['*']): Promise<readonly Entry[]> {
    return this.#asAdmin(async (client) => {
      const { searchEntries } = await client.search(base, { filter, attributes: [...attributes], timeLimit: 30 });
      return searchEntries.map(({ dn, ...rest }) => {
        const named = Object.entries(rest).map(([name, values]) => ({ name, values: listOf(values) }));
        return makeEntry(dn, named);
      });
    });
  }

  adminAdd(ldif: string): Promise<void> {
    return this.#asAdmin(async (client) => {
      for (const record of parseLdif(ldif)) {
        if (record.kind !== 'entry') throw new TypeError('adminAdd takes entries, no changes');
        const { dn, attributes } = record;
        await client.add(
          dn,
          attributes.map(({ name, values }) => new LdaptsAttribute({ type: name, values: values.map((value) => Buffer.from(value)) })),
        );
      }
    });
  }

  async mark(): Promise<void> {
    this.#markedAt = await this.#settled();
  }

  async operations(): Promise<readonly LoggedOperation[]> {
    const end = await this.#settled();
    return parseSlapdLog(this.slapd.logText().slice(0, end), this.#markedAt, ADMIN_DN);
  }

  reset(): Promise<void> {
    return this.#asAdmin(async (client) => {
      for (const base of [GROUPS, PEOPLE, DISABLED]) {
        const { searchEntries } = await client.search(base, { scope: 'children', attributes: ['1.1'], timeLimit: 30 });
        const deepestFirst = Map.groupBy(searchEntries, ({ dn }) => dn.split(/(?<!\\),/).length);
        for (const depth of [...deepestFirst.keys()].toSorted((a, b) => b - a)) {
          await Promise.all((deepestFirst.get(depth) ?? []).map(({ dn }) => client.del(dn)));
        }
      }
    });
  }

  stop(): Promise<void> {
    return this.slapd.stop();
  }

  /**
   * How much of the log was written when this is called: what slapd answered before has been logged, but we may not have read it.
   * So a search of our own is sent after it, and we wait until we see that.
   */
  async #settled(): Promise<number> {
    if (!this.#logsOperations) throw new Error('start this server with logsOperations');
    this.#marks += 1;
    const mark = `${MARK}${this.#marks},${SUFFIX}`;
    await this.#asAdmin((client) => client.search(mark, { scope: 'base' }).catch(() => undefined));
    for (;;) {
      const at = this.slapd.logText().indexOf(mark, this.#markedAt);
      if (at >= 0) return at;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async #asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const path = decodeURIComponent(this.slapd.ldapiUrl.slice('ldapi://'.length));
    const client = new Client({ url: 'ldap://localhost', timeout: 30_000, createConnection: () => connect(path) });
    await client.bind(ADMIN_DN, ADMIN_PASSWORD);
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
