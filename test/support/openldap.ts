import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Client } from 'ldapts';
import { startSlapd, type ThrowawaySlapd } from '../../src/cli/demo/throwaway-slapd.ts';
import { BARE_CONFIGURATION, BARE_LDIF, BASE_LDIF, FULL_CONFIGURATION } from './openldap-configuration.ts';
import type { LoggedOperation } from './slapd-log.ts';
import { parseSlapdLog } from './slapd-log.ts';
import { type Account, DirectoryAdministrator, SUFFIX, type TestDirectory } from './test-directory.ts';

export { DISABLED, GROUPS, PEOPLE, SUFFIX } from './test-directory.ts';

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
  /** Starts without any entry: for what is filled by replication. */
  readonly empty?: boolean;
  /** Listens for ldaps:// instead of ldap://. */
  readonly ldaps?: boolean;
  /** Whom the bridge binds as; default: an entry of the base. */
  readonly bind?: Account;
}

/**
 * A slapd for one test file, with the entries and the configuration that the reference measurements were made with. Its administrator
 * is the rootdn: neither access control nor password policy applies to him.
 */
export interface OpenLdap extends TestDirectory {
  readonly slapd: ThrowawaySlapd;
  /** Forgets the operations that were logged so far. */
  mark(): Promise<void>;
  /** The operations since the last mark, in the order in which slapd began them; without those of the rootdn. */
  operations(): Promise<readonly LoggedOperation[]>;
}

export async function startOpenLdap(options: OpenLdapOptions = {}): Promise<OpenLdap> {
  const {
    variant = 'full',
    configure = (text: string) => text,
    files = new Map(),
    ldif = '',
    empty = false,
    logsOperations = false,
    ldaps = false,
    bind = { dn: BRIDGE_DN, password: BRIDGE_PASSWORD },
  } = options;
  const schema = readFileSync(new URL('../../config/schema/scim.schema', import.meta.url), 'utf8');
  const slapd = await startSlapd({
    configuration: configure(variant === 'full' ? FULL_CONFIGURATION : BARE_CONFIGURATION),
    files: new Map([...files, ['scim.schema', schema]]),
    ldif: empty ? '' : `${variant === 'full' ? BASE_LDIF : BARE_LDIF}\n${ldif}`,
    logsOperations,
    ldaps,
  });
  const ldap = new TestOpenLdap(slapd, logsOperations, bind);
  // What it took to see that it answers doesn't count.
  if (logsOperations) await ldap.mark();
  return ldap;
}

class TestOpenLdap extends DirectoryAdministrator implements OpenLdap {
  readonly slapd: ThrowawaySlapd;
  readonly url: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  readonly #logsOperations: boolean;
  #markedAt = 0;
  #marks = 0;

  constructor(slapd: ThrowawaySlapd, logsOperations: boolean, bind: Account) {
    const path = decodeURIComponent(slapd.ldapiUrl.slice('ldapi://'.length));
    super(() => new Client({ url: 'ldap://localhost', timeout: 30_000, createConnection: () => connect(path) }), {
      dn: ADMIN_DN,
      password: ADMIN_PASSWORD,
    });
    this.bindDn = bind.dn;
    this.bindPassword = bind.password;
    this.#logsOperations = logsOperations;
    this.slapd = slapd;
    this.url = slapd.url;
  }

  async mark(): Promise<void> {
    this.#markedAt = await this.#settled();
  }

  async operations(): Promise<readonly LoggedOperation[]> {
    const end = await this.#settled();
    return parseSlapdLog(this.slapd.logText().slice(0, end), this.#markedAt, ADMIN_DN);
  }

  async stop(): Promise<void> {
    await this.slapd.stop();
  }

  /**
   * How much of the log was written when this is called: what slapd answered before has been logged, but we may not have read it.
   * So a search of our own is sent after it, and we wait until we see that.
   */
  async #settled(): Promise<number> {
    if (!this.#logsOperations) throw new Error('start this server with logsOperations');
    this.#marks += 1;
    const mark = `${MARK}${this.#marks},${SUFFIX}`;
    await this.asAdmin((client) => client.search(mark, { scope: 'base' }).catch(() => undefined));
    for (;;) {
      const at = this.slapd.logText().indexOf(mark, this.#markedAt);
      if (at >= 0) return at;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}
