import type { Entry } from '../ldap/entry.ts';
import { ANY_ENTRY } from '../ldap/filter.ts';
import { RESULT } from '../ldap/result-code.ts';
import { nextPageCookie } from './controls.ts';
import type { Directory, SearchRequest, SortKey } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryLog } from './directory-log.ts';
import type { LdapAnswer } from './ldap-session.ts';
import { NoAnswer } from './ldap-session.ts';
import { isInPart, withAllValues } from './ranged-values.ts';
import { type Limits, MOST_ATTEMPTS, type RequestSender, unansweredError } from './request-sender.ts';
import { resultError } from './result-codes.ts';
import { makeSearchRequest } from './search-request.ts';

/** Within slapd's default limits, and small enough that reading a page doesn't keep others waiting. */
const PAGE_SIZE = 500;

/** The reading half of a directory. */
export class Searches implements Pick<Directory, 'search' | 'searchFirst' | 'searchSorted' | 'searchPages'> {
  readonly #sender: RequestSender;
  readonly #timeoutMs: number;
  readonly #log: DirectoryLog;

  constructor(sender: RequestSender, timeoutMs: number, log: DirectoryLog) {
    this.#sender = sender;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
  }

  search(request: SearchRequest): Promise<readonly Entry[]> {
    return this.searchUntil(request, this.#deadline());
  }

  searchSorted(request: SearchRequest, keys: readonly SortKey[]): Promise<readonly Entry[]> {
    return this.searchUntil(request, this.#deadline(), keys);
  }

  /** With a size limit the server says itself whether there is more: it ends with sizeLimitExceeded (RFC 4511 §4.5.1.4). */
  async searchFirst(request: SearchRequest, limit: number): Promise<{ readonly entries: readonly Entry[]; readonly more: boolean }> {
    const sizeLimit = Math.max(1, limit); // 0 would mean: no limit
    const { answer } = await this.#sender.exchange('search', request.base, limitsOf(request, this.#deadline()), (timeoutMs) => ({
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
        const isOver = hasBegun || attempt === MOST_ATTEMPTS || request.signal?.aborted === true;
        if (!(error instanceof NoAnswer) || isOver) throw unansweredError('search', request.base, error);
      }
    }
  }

  /** @param deadline of `performance.now()` */
  async searchUntil(request: SearchRequest, deadline: number, sort?: readonly SortKey[]): Promise<readonly Entry[]> {
    const { answer } = await this.#sender.exchange('search', request.base, limitsOf(request, deadline), (timeoutMs) => ({
      request: makeSearchRequest(request, sort === undefined ? { timeoutMs } : { timeoutMs, sort }),
    }));
    if (answer.code !== RESULT.success) throw resultError('search', answer, request.base);
    return this.#entriesOf(answer, request);
  }

  async *#pagesOfOneSession(request: SearchRequest): AsyncGenerator<readonly Entry[], void, undefined> {
    const timeoutMs = this.#timeoutMs;
    const loan = await this.#sender.borrowForPages(limitsOf(request, this.#deadline()));
    try {
      let cookie: Buffer | undefined;
      do {
        const page = makeSearchRequest(request, { timeoutMs, page: { size: PAGE_SIZE, cookie } });
        const answer = await loan.session.send(page, timeoutMs, request.signal);
        if (answer.code !== RESULT.success) throw resultError('search', answer, request.base);
        if (answer.entries.length > 0) yield await this.#entriesOf(answer, request);
        cookie = nextPageCookie(answer.controls);
      } while (cookie !== undefined);
    } finally {
      loan.release();
    }
  }

  /** The entries of an answer; of lists that came in part the rest is read now. */
  async #entriesOf(answer: LdapAnswer, { base }: SearchRequest): Promise<readonly Entry[]> {
    if (answer.references > 0) {
      this.#log.warn(
        { base, references: answer.references },
        'the directory refers to other servers for a part of this search; not followed',
      );
    }
    if (!answer.entries.some(isInPart)) return answer.entries;
    const readRest = async (dn: string, attribute: string) => {
      const [entry] = await this.search({ base: dn, scope: 'base', filter: ANY_ENTRY, attributes: [attribute] });
      return entry;
    };
    return Promise.all(answer.entries.map((entry) => withAllValues(entry, (attribute) => readRest(entry.dn, attribute))));
  }

  #deadline(): number {
    return performance.now() + this.#timeoutMs;
  }
}

function limitsOf({ signal }: SearchRequest, deadline: number): Limits {
  return signal === undefined ? { deadline } : { deadline, signal };
}
