import type { Change } from '../ldap/change.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { formatGuid } from '../ldap/guid.ts';
import { octetsOf } from '../ldap/octets.ts';
import { RESULT } from '../ldap/result-code.ts';
import type { DirectoryFacts, SearchRequest } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryLog } from './directory-log.ts';
import type { DirectoryObserver } from './directory-observer.ts';
import { inspectWrite, type WriteOutcome } from './inspect-write.ts';
import { MOST_ATTEMPTS, type RequestSender } from './request-sender.ts';
import { resultError } from './result-codes.ts';
import { standardResultCode } from './result-dialect.ts';
import { assertionOf } from './write-controls.ts';
import { makeWriteRequest } from './write-request.ts';

/** The part of the time limit that is kept for finding out what became of a write. */
const RESERVED = 1 / 4;
const OBJECT_GUID = 'objectGUID';

type Search = (request: SearchRequest, deadline: number) => Promise<readonly Entry[]>;

/**
 * Carries out changes. When the answer to one is lost, the entry is read: what has been done is a success, and what has not been done
 * is sent again, guarded by the same assertion, so that it can't happen twice. Only when that can't be found out in time either is the
 * outcome unknown; then it is found out later, for the log.
 */
export class WriteSender {
  readonly #sender: RequestSender;
  readonly #search: Search;
  readonly #timeoutMs: number;
  readonly #log: DirectoryLog;
  readonly #observer: DirectoryObserver;
  readonly #onUnknown: (change: Change) => void;

  /** @param onUnknown gets the changes whose outcome could not be found out in time */
  constructor(
    sender: RequestSender,
    search: Search,
    timeoutMs: number,
    log: DirectoryLog,
    observer: DirectoryObserver,
    onUnknown: (change: Change) => void,
  ) {
    this.#sender = sender;
    this.#search = search;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
    this.#observer = observer;
    this.#onUnknown = onUnknown;
  }

  /**
   * @param deadline of `performance.now()`
   * @returns the entry after the write, where the answer holds it
   */
  async write(change: Change, returning: readonly string[], facts: DirectoryFacts, deadline: number): Promise<Entry | undefined> {
    const target = facts.supportsAssertion ? change : await this.#verifyAssertion(change, facts, deadline);
    let limit = deadline - this.#timeoutMs * RESERVED;
    let wasSentBefore = false;
    for (let attempt = 1; ; attempt += 1) {
      const { server } = this.#sender;
      try {
        const { answer, postRead } = await this.#sender.exchange(change.kind, change.dn, { deadline: limit }, () =>
          makeWriteRequest(target, returning, facts),
        );
        if (answer.code === RESULT.success) return postRead?.entry;
        const { serverText } = answer;
        const code = standardResultCode(facts.server, { operation: change.kind, code: answer.code, serverText });
        const refusal = resultError(change.kind, { code, serverText }, change.dn);
        // what was sent before may be what this one met
        if (!wasSentBefore || (await this.#inspect(change, facts, deadline, refusal)) !== 'done') throw refusal;
        this.#settled(change, 'done');
        return undefined;
      } catch (error) {
        if (!(error instanceof DirectoryError) || error.kind !== 'unknownOutcome') throw error;
        const outcome = await this.#inspect(change, facts, deadline, error);
        // it has had its time, and sent again it would only meet itself; another server in charge may not have got it yet
        const isOver = performance.now() >= limit || attempt === MOST_ATTEMPTS || server !== this.#sender.server;
        if (outcome === 'done') {
          this.#settled(change, 'done');
          return undefined;
        }
        if (outcome === 'neither' && change.kind !== 'add' && !isOver) throw conflict(change);
        if (outcome !== 'notDone' || isOver) throw this.#unknown(change, error);
        this.#settled(change, 'sentAgain');
        wasSentBefore = true;
        limit = deadline;
      }
    }
  }

  async #inspect(change: Change, { schema }: DirectoryFacts, deadline: number, error: DirectoryError): Promise<WriteOutcome> {
    try {
      return await inspectWrite(change, schema, (request) => this.#search(request, deadline));
    } catch (failure) {
      if (!(failure instanceof DirectoryError)) throw failure;
      throw this.#unknown(change, error);
    }
  }

  #unknown(change: Change, error: DirectoryError): DirectoryError {
    this.#onUnknown(change);
    this.#observer.writeSettled('unknown');
    this.#log.error({ dn: change.dn, operation: change.kind, reason: error.message }, 'the outcome of a write is not known');
    return error;
  }

  #settled(change: Change, outcome: 'done' | 'sentAgain'): void {
    this.#observer.writeSettled(outcome);
    this.#log.warn({ dn: change.dn, operation: change.kind, outcome }, 'the answer to a write was lost; the entry told what became of it');
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
}

/** Who reads the entry again finds out what is left to be done. */
function conflict({ kind, dn }: Change): DirectoryError {
  return resultError(kind, { code: RESULT.assertionFailed, serverText: 'changed by others while the answer was lost' }, dn);
}
