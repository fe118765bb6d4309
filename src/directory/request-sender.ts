import { setTimeout as sleep } from 'node:timers/promises';
import { RESULT } from '../ldap/result-code.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryObserver, OperationKind } from './directory-observer.ts';
import type { LdapRequest } from './ldap-request.ts';
import type { LdapAnswer } from './ldap-session.ts';
import { NoAnswer } from './ldap-session.ts';
import { directoryErrorKind } from './result-codes.ts';
import type { ServerAddress } from './server-address.ts';
import type { Loan, Purpose } from './session-pool.ts';

/** How often a request is sent when the connection is lost on the way: once and, where that is safe, twice again. */
export const MOST_ATTEMPTS = 3;
/** Before a server that is shutting down or out of order is asked again. */
const UNAVAILABLE_PAUSE_MS = 50;

/** Where requests go. */
export interface Servers {
  /** The one in charge. */
  readonly server: ServerAddress;
  /** A place on a connection to it; see `SessionPool.borrow`. */
  borrow(purpose: Purpose, isWrite: boolean, deadline: number, signal?: AbortSignal): Promise<Loan>;
  /** Turns to another one, because this one takes no writes. @returns false when there is none */
  standAside(server: ServerAddress, named: readonly string[]): boolean;
}

/** A request as it was sent, with what the caller wants to find in it again, and its answer. */
export type Answered<Sent> = Sent & { readonly answer: LdapAnswer };

/** How long a request may take, and for whom it is. */
export interface Limits {
  /** Of `performance.now()`: for the wait for a connection and the answer together. */
  readonly deadline: number;
  /** Nobody waits any longer. Not for writes: once sent they are carried through. */
  readonly signal?: AbortSignal;
}

/**
 * Sends requests to the server in charge, each with one time limit for the wait for a connection and the answer.
 *
 * When the connection is lost a request is sent again if nobody can have carried it out: reads always, writes only when they weren't
 * sent. A server that takes no writes makes way for the next one.
 */
export class RequestSender {
  readonly #servers: Servers;
  readonly #observer: DirectoryObserver;

  constructor(servers: Servers, observer: DirectoryObserver) {
    this.#servers = servers;
    this.#observer = observer;
  }

  /** The server in charge. */
  get server(): ServerAddress {
    return this.#servers.server;
  }

  /** A place on a connection that no other paged search uses; give it back. @throws DirectoryError */
  borrowForPages({ deadline, signal }: Limits): Promise<Loan> {
    return this.#servers.borrow('pagedSearch', false, deadline, signal);
  }

  /**
   * @param makeRequest makes it anew for each attempt; `timeoutMs` is what is left then
   * @returns the result, whatever its code
   * @throws DirectoryError `unknownOutcome` for a write that was sent and not answered; `unavailable`, `credentials`; `refused` when
   *         the request can't be encoded
   */
  async exchange<Sent extends { readonly request: LdapRequest }>(
    operation: OperationKind,
    dn: string,
    { deadline, signal }: Limits,
    makeRequest: (timeoutMs: number) => Sent,
  ): Promise<Answered<Sent>> {
    const isWrite = operation !== 'search';
    for (let attempt = 1; ; attempt += 1) {
      const loan = await this.#servers.borrow('operation', isWrite, deadline, signal);
      try {
        const timeoutMs = deadline - performance.now();
        if (timeoutMs <= 0) throw new NoAnswer('no time was left to send the request', false);
        const sent = makeRequest(timeoutMs);
        const answer = await this.#send(operation, loan, sent.request, timeoutMs, isWrite ? undefined : signal);
        if (answer.code === RESULT.unavailable && attempt < MOST_ATTEMPTS) await sleep(UNAVAILABLE_PAUSE_MS * attempt);
        else if (!isWrite || !takesNoWrites(answer) || !this.#servers.standAside(loan.server, answer.referrals)) return { ...sent, answer };
      } catch (error) {
        const mayHaveWritten = isWrite && error instanceof NoAnswer && error.sent;
        const isOver = attempt === MOST_ATTEMPTS || performance.now() >= deadline || signal?.aborted === true;
        if (!(error instanceof NoAnswer) || mayHaveWritten || isOver) throw unansweredError(operation, dn, error);
      } finally {
        loan.release();
      }
    }
  }

  async #send(
    operation: OperationKind,
    { session }: Loan,
    request: LdapRequest,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<LdapAnswer> {
    const started = performance.now();
    try {
      const answer = await session.send(request, timeoutMs, signal);
      this.#observer.operationEnded(operation, answer.code, performance.now() - started);
      return answer;
    } catch (error) {
      if (error instanceof NoAnswer && error.sent) this.#observer.operationEnded(operation, 'noAnswer', performance.now() - started);
      throw error;
    }
  }
}

/** Whether the server said that it, as a whole, takes no writes, and so has done nothing. */
function takesNoWrites({ code, serverText }: LdapAnswer): boolean {
  if (code === RESULT.referral) return true;
  return code !== RESULT.busy && code !== RESULT.unavailable && directoryErrorKind(code, serverText) === 'unavailable';
}

/** The error for a request without an answer. */
export function unansweredError(operation: OperationKind, dn: string, cause: unknown): DirectoryError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (!(cause instanceof NoAnswer)) return new DirectoryError('refused', `the ${operation} cannot be sent: ${reason}`, { dn, cause });
  const kind = operation !== 'search' && cause.sent ? 'unknownOutcome' : 'unavailable';
  return new DirectoryError(kind, `the directory did not answer the ${operation}: ${reason}`, { dn, cause });
}
