import type { Change } from '../ldap/change.ts';
import type { Entry } from '../ldap/entry.ts';
import { askOwnDn } from './ask-own-dn.ts';
import type { Directory, DirectoryFacts, SearchRequest, SortKey } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import { readDirectoryFacts } from './directory-facts.ts';
import type { DirectoryLog } from './directory-log.ts';
import { type DirectoryObserver, type DirectoryStatistics, NO_OBSERVER } from './directory-observer.ts';
import { inspectWrite } from './inspect-write.ts';
import { needsEncryption } from './needs-encryption.ts';
import type { SessionOptions } from './open-session.ts';
import { ProviderChoice } from './provider-choice.ts';
import { Replicas } from './replicas.ts';
import { RequestSender } from './request-sender.ts';
import { Searches } from './searches.ts';
import { parseServerAddress } from './server-address.ts';
import { SessionPool } from './session-pool.ts';
import { UnsettledWrites } from './unsettled-writes.ts';
import { WriteSender } from './write-sender.ts';
import { WriteTrouble } from './write-trouble.ts';

/** So many requests wait for each connection at the most: about as many as it carries in a tenth of a second. */
const MOST_WAITING_PER_CONNECTION = 250;
/** Well before firewalls forget a connection that nothing passes over. */
const PROBE_AFTER_MS = 30_000;
const WRITE_FAILOVER_MS = 30_000;
const RETURN_CHECK_MS = 5000;
/** How long a write of unknown outcome is left alone before somebody looks what became of it. */
const SETTLE_PAUSE_MS = 1000;

export type DirectoryOptions = SessionOptions & {
  /** `ldap://`, `ldaps://` or `ldapi://` of providers that hold the same entries; the preferred one first. */
  readonly urls: readonly string[];
  /** Servers that are read from, never written to; see `Replicas`. */
  readonly replicas?: readonly string[];
  /** Time limit of an operation, from asking for it to its result; of each page of a paged search. */
  readonly timeoutMs: number;
  /** The most connections that are open at a time. */
  readonly connections: number;
  /** The most requests that wait for a place on them; default 250 for each connection. */
  readonly mostWaiting?: number;
  /** How long the preferred server must have been away before another one takes the writes; Infinity: never. Default 30 s. */
  readonly writeFailoverMs?: number;
  /** How often is looked whether the preferred server is back; default 5 s. */
  readonly returnCheckMs?: number;
  /** After how long a silence a connection is asked for a sign of life; default 30 s. */
  readonly probeAfterMs?: number;
};

/** Whether a bound connection is open; when not, why. The reason may name the server, never a password. */
export interface DirectoryHealth {
  readonly ready: boolean;
  /** URL of the server in charge. */
  readonly server: string;
  readonly reason?: string;
}

/** A directory behind a network. */
export interface LdapDirectory extends Directory {
  health(): DirectoryHealth;
  statistics(): DirectoryStatistics;
  /** Ends all connections. Operations under way reject. */
  close(): Promise<void>;
}

/**
 * Makes a directory of LDAP servers that hold the same entries. Returns at once, and connects in the background,
 * also again after an outage.
 *
 * @throws Error a URL is not one of those
 */
export function connectDirectory(options: DirectoryOptions, log: DirectoryLog, observer: DirectoryObserver = NO_OBSERVER): LdapDirectory {
  return new LdaptsDirectory(options, log, observer);
}

class LdaptsDirectory implements LdapDirectory {
  readonly #timeoutMs: number;
  /** On all ways to the directory; what goes over ldapi:// never leaves the machine. */
  readonly #isEncrypted: boolean;
  /** What lies below the LDAP session tells the servers who we are: only they know the entry. */
  readonly #isExternal: boolean;
  readonly #log: DirectoryLog;
  readonly #pools: readonly [SessionPool, ...SessionPool[]];
  readonly #servers: ProviderChoice;
  readonly #sender: RequestSender;
  readonly #searches: Searches;
  readonly #writes: WriteSender;
  readonly #unsettled: UnsettledWrites;
  readonly #replicaPools: readonly SessionPool[];
  readonly #replicas: Replicas;
  readonly #trouble = new WriteTrouble();
  #facts: Promise<DirectoryFacts> | undefined;
  #isLearning = false;

  constructor(options: DirectoryOptions, log: DirectoryLog, observer: DirectoryObserver) {
    const { timeoutMs, connections, writeFailoverMs = WRITE_FAILOVER_MS, returnCheckMs = RETURN_CHECK_MS } = options;
    this.#timeoutMs = timeoutMs;
    this.#isEncrypted = options.startTls === true || options.urls.every((url) => !/^ldap:/i.test(url));
    this.#isExternal = 'sasl' in options;
    this.#log = log;
    const pool = {
      ...options,
      sessions: connections,
      mostWaiting: options.mostWaiting ?? connections * MOST_WAITING_PER_CONNECTION,
      probeAfterMs: options.probeAfterMs ?? PROBE_AFTER_MS,
    };
    const onConnected = (connected: SessionPool) => {
      if (connected === this.#servers.current) this.#learnAnew();
    };
    const poolOf = (url: string) => new SessionPool(parseServerAddress(url), pool, log, observer, onConnected);
    this.#pools = atLeastOne(options.urls.map(poolOf));
    this.#servers = new ProviderChoice(this.#pools, { writeFailoverMs, returnCheckMs, timeoutMs }, log, observer, () => this.#learnAnew());
    this.#replicaPools = (options.replicas ?? []).map(poolOf);
    this.#replicas = new Replicas(this.#replicaPools, this.#servers, timeoutMs, log, observer);
    this.#sender = new RequestSender(this.#servers, observer);
    this.#searches = new Searches(this.#sender, timeoutMs, log);
    const search = (request: SearchRequest, deadline: number) => this.#searches.searchUntil(request, deadline);
    this.#unsettled = new UnsettledWrites((change) => this.#inspect(change), log, SETTLE_PAUSE_MS);
    this.#writes = new WriteSender(this.#sender, search, timeoutMs, log, observer, (change) => this.#unsettled.add(change));
  }

  health(): DirectoryHealth {
    const { current } = this.#servers;
    const { url: server } = current.server;
    const reason = current.isConnected ? this.#trouble.reason : current.reason;
    return reason === undefined ? { ready: true, server } : { ready: false, server, reason };
  }

  statistics(): DirectoryStatistics {
    return { server: this.#servers.server.url, ...this.#servers.current.count() };
  }

  async close(): Promise<void> {
    this.#unsettled.close();
    await Promise.all([this.#servers.close(), ...[...this.#pools, ...this.#replicaPools].map((pool) => pool.close())]);
  }

  facts(): Promise<DirectoryFacts> {
    this.#facts ??= this.#learn();
    return this.#facts;
  }

  search(request: SearchRequest): Promise<readonly Entry[]> {
    if (request.mayLag !== true) return this.#searches.search(request);
    return this.#replicas.ask(
      (searches) => searches.search(request),
      (entries) => entries.length === 0,
      this.#searches,
    );
  }

  searchFirst(request: SearchRequest, limit: number): Promise<{ readonly entries: readonly Entry[]; readonly more: boolean }> {
    if (request.mayLag !== true) return this.#searches.searchFirst(request, limit);
    return this.#replicas.ask(
      (searches) => searches.searchFirst(request, limit),
      ({ entries }) => entries.length === 0,
      this.#searches,
    );
  }

  searchSorted(request: SearchRequest, keys: readonly SortKey[]): Promise<readonly Entry[]> {
    return this.#searches.searchSorted(request, keys);
  }

  searchPages(request: SearchRequest): AsyncIterable<readonly Entry[]> {
    return this.#searches.searchPages(request);
  }

  async write(change: Change, returning: readonly string[] = []): Promise<Entry | undefined> {
    if (!this.#isEncrypted && needsEncryption(change)) {
      throw new DirectoryError('unencrypted', 'a password that may not go in clear: use ldaps:// or startTls', { dn: change.dn });
    }
    const deadline = this.#deadline();
    const facts = await this.facts();
    return this.#replicas.watch(this.#trouble.watch(this.#writes.write(change, returning, facts, deadline)));
  }

  async #inspect(change: Change) {
    const { schema } = await this.facts();
    return inspectWrite(change, schema, (request) => this.#searches.search(request));
  }

  async #learn(): Promise<DirectoryFacts> {
    const deadline = this.#deadline();
    this.#isLearning = true;
    try {
      const facts = await readDirectoryFacts((request) => this.#searches.searchUntil(request, deadline));
      return this.#isExternal ? await this.#withOwnDn(facts, deadline) : facts;
    } catch (error) {
      this.#facts = undefined; // the next who asks tries again
      throw error;
    } finally {
      this.#isLearning = false;
    }
  }

  async #withOwnDn(facts: DirectoryFacts, deadline: number): Promise<DirectoryFacts> {
    const ownDn = await askOwnDn(this.#sender, deadline);
    if (ownDn !== undefined) return { ...facts, ownDn };
    this.#log.warn({}, 'the directory does not tell which entry is our own: name it under "protected"');
    return facts;
  }

  /** After an outage it may be another server, or the same one with another configuration. */
  #learnAnew(): void {
    if (this.#isLearning) return; // somebody was waiting for this connection
    this.#facts = undefined;
    this.facts().catch((error: DirectoryError) => {
      this.#log.warn({ reason: error.message, serverText: error.serverText }, "cannot read the directory's root DSE and schema");
    });
  }

  #deadline(): number {
    return performance.now() + this.#timeoutMs;
  }
}

function atLeastOne(pools: readonly SessionPool[]): readonly [SessionPool, ...SessionPool[]] {
  const [first, ...others] = pools;
  if (first === undefined) throw new DirectoryError('unavailable', 'no LDAP server is configured');
  return [first, ...others];
}
