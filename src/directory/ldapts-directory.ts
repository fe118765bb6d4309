import type { Change } from '../ldap/change.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import { formatGuid } from '../ldap/guid.ts';
import { octetsOf } from '../ldap/octets.ts';
import { nextPageCookie } from './controls.ts';
import type { Directory, DirectoryFacts, SearchRequest, SortKey } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import { readDirectoryFacts } from './directory-facts.ts';
import type { DirectoryLog } from './directory-log.ts';
import type { LdapRequest } from './ldap-request.ts';
import type { LdapAnswer } from './ldap-session.ts';
import { NoAnswer } from './ldap-session.ts';
import { withAllValues } from './ranged-values.ts';
import { readEntry } from './read-entry.ts';
import { directoryErrorKind, RESULT, resultError } from './result-codes.ts';
import { standardResultCode } from './result-dialect.ts';
import { makeSearchRequest } from './search-request.ts';
import { parseServerAddress } from './server-address.ts';
import { SessionPool } from './session-pool.ts';
import { assertionOf } from './write-controls.ts';
import { makeWriteRequest } from './write-request.ts';

/** Within slapd's default limits, and small enough that reading a page doesn't keep others waiting. */
const PAGE_SIZE = 500;
/** How often a request is sent when the connection is lost on the way: once and, where that is safe, twice again. */
const MOST_ATTEMPTS = 3;
const OBJECT_GUID = 'objectGUID';
const ANY_ENTRY: LdapFilter = { kind: 'present', attribute: 'objectClass' };

export interface DirectoryOptions {
  /** `ldap://`, `ldaps://` or `ldapi://`; the preferred server first, the others are used when it can't be. */
  readonly urls: readonly string[];
  readonly bindDn: string;
  readonly bindPassword: string;
  readonly startTls?: boolean;
  /** PEM text: trusted instead of the certificate authorities that Node.js knows. */
  readonly ca?: string;
  /** Default true. */
  readonly verifyTls?: boolean;
  /** Time limit of an operation, from asking for it to its result; of each page of a paged search. */
  readonly timeoutMs: number;
  /** The most connections that are open at a time. */
  readonly connections: number;
}

/** Whether a bound connection is open; when not, why. The reason may name the server, never a password. */
export interface DirectoryHealth {
  readonly ready: boolean;
  readonly reason?: string;
}

/** A directory behind a network. */
export interface LdapDirectory extends Directory {
  health(): DirectoryHealth;
  /** Ends all connections. Operations under way reject. */
  close(): Promise<void>;
}

/**
 * Makes a directory of LDAP servers that hold the same entries. Returns at once, and connects in the background,
 * also again after an outage.
 *
 * @throws Error a URL is not one of those
 */
export function connectDirectory(options: DirectoryOptions, log: DirectoryLog): LdapDirectory {
  return new LdaptsDirectory(options, log);
}

class LdaptsDirectory implements LdapDirectory {
  readonly #timeoutMs: number;
  readonly #log: DirectoryLog;
  readonly #pool: SessionPool;
  #facts: Promise<DirectoryFacts> | undefined;
  #isLearning = false;

  constructor(options: DirectoryOptions, log: DirectoryLog) {
    const { urls, connections, ...session } = options;
    this.#timeoutMs = options.timeoutMs;
    this.#log = log;
    this.#pool = new SessionPool(urls.map(parseServerAddress), { ...session, sessions: connections }, log, () => this.#learnAnew());
  }

  health(): DirectoryHealth {
    return this.#pool.health();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  facts(): Promise<DirectoryFacts> {
    this.#facts ??= this.#learn();
    return this.#facts;
  }

  search(request: SearchRequest): Promise<readonly Entry[]> {
    return this.#search(request, this.#deadline());
  }

  searchSorted(request: SearchRequest, keys: readonly SortKey[]): Promise<readonly Entry[]> {
    return this.#search(request, this.#deadline(), keys);
  }

  /** With a size limit the server says itself whether there is more: it ends with sizeLimitExceeded (RFC 4511 §4.5.1.4). */
  async searchFirst(request: SearchRequest, limit: number): Promise<{ readonly entries: readonly Entry[]; readonly more: boolean }> {
    const sizeLimit = Math.max(1, limit); // 0 would mean: no limit
    const { answer } = await this.#exchange('search', request.base, this.#deadline(), (timeoutMs) => ({
      request: makeSearchRequest(request, { timeoutMs, sizeLimit }),
    }));
    const wasCut = answer.code === RESULT.sizeLimitExceeded && answer.entries.length >= sizeLimit; // with fewer the limit was the server's
    if (!wasCut && answer.code !== RESULT.success) throw resultError('search', answer, request.base);
    const entries = await this.#entriesOf(answer, request);
    return { entries: entries.slice(0, limit), more: wasCut || entries.length > limit };
  }

  /**
   * Keeps a connection's place for paged searches until the iteration ends: at most one per connection can be under way.
   * When the connection is lost after the first page, the iteration fails; nobody else can continue it.
   */
  async *searchPages(request: SearchRequest): AsyncGenerator<readonly Entry[], void, undefined> {
    let hasBegun = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        for await (const entries of this.#pagesOfOneSession(request)) {
          hasBegun = true;
          yield entries;
        }
        return;
      } catch (error) {
        if (error instanceof DirectoryError) throw error;
        if (!(error instanceof NoAnswer) || hasBegun || attempt === MOST_ATTEMPTS) throw unansweredError('search', request.base, error);
      }
    }
  }

  async write(change: Change, returning: readonly string[] = []): Promise<Entry | undefined> {
    const deadline = this.#deadline();
    const facts = await this.facts();
    const target = facts.supportsAssertion ? change : await this.#verifyAssertion(change, facts, deadline);
    const { answer, postRead } = await this.#exchange(change.kind, change.dn, deadline, () => makeWriteRequest(target, returning, facts));
    if (answer.code === RESULT.success) return postRead?.entry;
    const { serverText } = answer;
    const code = standardResultCode(facts.server, { operation: change.kind, code: answer.code, serverText });
    throw resultError(change.kind, { code, serverText }, change.dn);
  }

  async #search(request: SearchRequest, deadline: number, sort?: readonly SortKey[]): Promise<readonly Entry[]> {
    const { answer } = await this.#exchange('search', request.base, deadline, (timeoutMs) => ({
      request: makeSearchRequest(request, sort === undefined ? { timeoutMs } : { timeoutMs, sort }),
    }));
    if (answer.code !== RESULT.success) throw resultError('search', answer, request.base);
    return this.#entriesOf(answer, request);
  }

  async *#pagesOfOneSession(request: SearchRequest): AsyncGenerator<readonly Entry[], void, undefined> {
    const timeoutMs = this.#timeoutMs;
    const loan = await this.#pool.borrow('pagedSearch', this.#deadline());
    try {
      let cookie: Buffer | undefined;
      do {
        const answer = await loan.session.send(makeSearchRequest(request, { timeoutMs, page: { size: PAGE_SIZE, cookie } }), timeoutMs);
        if (answer.code !== RESULT.success) throw resultError('search', answer, request.base);
        if (answer.entries.length > 0) yield await this.#entriesOf(answer, request);
        cookie = nextPageCookie(answer.controls);
      } while (cookie !== undefined);
    } finally {
      loan.release();
    }
  }

  /**
   * Stands in for the assertion control where the server hasn't got it. Between this look and the write somebody else may
   * change the entry: the caller's own locks are all that prevents it. Active Directory takes the write under the GUID of the entry
   * that was looked at, so that it can't meet another one; renames need the name.
   *
   * @returns the change to send
   */
  async #verifyAssertion(change: Change, { server }: DirectoryFacts, deadline: number): Promise<Change> {
    const filter = assertionOf(change);
    if (filter === undefined) return change;
    const { dn } = change;
    const hasGuid = server === 'activeDirectory' && change.kind !== 'rename';
    const [entry] = await this.#search({ base: dn, scope: 'base', filter, attributes: hasGuid ? [OBJECT_GUID] : [] }, deadline);
    if (entry === undefined) throw resultError(change.kind, { code: RESULT.assertionFailed, serverText: 'checked before the write' }, dn);
    const [octets] = valuesOf(entry, OBJECT_GUID);
    const guid = octets === undefined ? undefined : formatGuid(octetsOf(octets));
    return guid === undefined ? change : { ...change, dn: `<GUID=${guid}>` };
  }

  /**
   * Sends a request and waits for its result, whatever the result code. When the connection is lost the request is sent again
   * if nobody can have carried it out: reads always, writes only when they weren't sent. A server that takes no writes makes
   * way for the next one.
   */
  async #exchange<Sent extends { readonly request: LdapRequest }>(
    operation: 'search' | Change['kind'],
    dn: string,
    deadline: number,
    makeRequest: (timeoutMs: number) => Sent,
  ): Promise<Sent & { readonly answer: LdapAnswer }> {
    for (let attempt = 1; ; attempt += 1) {
      const loan = await this.#pool.borrow('operation', deadline);
      try {
        const timeoutMs = deadline - performance.now();
        if (timeoutMs <= 0) throw new NoAnswer('no time was left to send the request', false);
        const sent = makeRequest(timeoutMs);
        const answer = await loan.session.send(sent.request, timeoutMs);
        const triesNext = asksForAnotherServer(operation, answer) && this.#pool.avoid(loan.server);
        if (!triesNext) return { ...sent, answer };
      } catch (error) {
        const mayHaveWritten = operation !== 'search' && error instanceof NoAnswer && error.sent;
        const isOver = attempt === MOST_ATTEMPTS || performance.now() >= deadline;
        if (!(error instanceof NoAnswer) || mayHaveWritten || isOver) throw unansweredError(operation, dn, error);
      } finally {
        loan.release();
      }
    }
  }

  /** The entries of an answer; of lists that came in part the rest is read now. */
  #entriesOf(answer: LdapAnswer, { base }: SearchRequest): Promise<readonly Entry[]> {
    if (answer.references > 0) {
      this.#log.warn(
        { base, references: answer.references },
        'the directory refers to other servers for a part of this search; not followed',
      );
    }
    const readRest = async (dn: string, attribute: string) => {
      const [entry] = await this.search({ base: dn, scope: 'base', filter: ANY_ENTRY, attributes: [attribute] });
      return entry;
    };
    return Promise.all(
      answer.entries.map(({ name, attributes }) => withAllValues(readEntry(name, attributes), (attribute) => readRest(name, attribute))),
    );
  }

  async #learn(): Promise<DirectoryFacts> {
    const deadline = this.#deadline();
    this.#isLearning = true;
    try {
      return await readDirectoryFacts((request) => this.#search(request, deadline));
    } catch (error) {
      this.#facts = undefined; // the next who asks tries again
      throw error;
    } finally {
      this.#isLearning = false;
    }
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

/** Whether the server said that it, as a whole, doesn't do this, and so has done nothing. */
function asksForAnotherServer(operation: 'search' | Change['kind'], { code, serverText }: LdapAnswer): boolean {
  if (code === RESULT.unavailable) return true;
  if (operation === 'search' || code === RESULT.busy) return false;
  return code === RESULT.referral || directoryErrorKind(code, serverText) === 'unavailable';
}

function unansweredError(operation: string, dn: string, cause: unknown): DirectoryError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (!(cause instanceof NoAnswer)) return new DirectoryError('refused', `the ${operation} cannot be sent: ${reason}`, { dn, cause });
  const kind = operation !== 'search' && cause.sent ? 'unknownOutcome' : 'unavailable';
  return new DirectoryError(kind, `the directory did not answer the ${operation}: ${reason}`, { dn, cause });
}
