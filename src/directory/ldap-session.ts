import type { Socket } from 'node:net';
import type { Control } from 'ldapts';
import { AbandonRequest, ExtendedResponse, MessageParser, SearchReference, UnbindRequest } from 'ldapts';
import type { Entry } from '../ldap/entry.ts';
import { RESULT } from '../ldap/result-code.ts';
import type { LdapRequest } from './ldap-request.ts';
import { encodeRequest } from './ldap-request.ts';
import { MessageFramer } from './message-framer.ts';
import { readEntryMessage } from './read-entry.ts';
import { readReferrals } from './read-referrals.ts';

const LAST_MESSAGE_ID = 2 ** 31 - 1;

/** What a server answered to one request. */
export interface LdapAnswer {
  /** LDAP result code (RFC 4511 appendix A). */
  readonly code: number;
  /** The server's diagnostic message; may be empty. */
  readonly serverText: string;
  /** Of a search: the entries, in the server's order; whatever the code is. */
  readonly entries: readonly Entry[];
  /** Of a search: how many references to other servers came beside the entries. */
  readonly references: number;
  /** Of result referral (10): where the server sends us instead, as LDAP URLs (RFC 4511 §4.1.10). */
  readonly referrals: readonly string[];
  /** Of an extended operation: what it says beside the result. */
  readonly value?: string;
  /** Paged results; all other response controls are read into the request's control of the same OID. */
  readonly controls: readonly Control[];
}

/** No answer came: the connection was lost, or the time is up. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** Whether the server may have seen the request. */
  readonly sent: boolean;

  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.sent = sent;
  }
}

interface PendingRequest {
  readonly message: LdapRequest;
  readonly entries: Entry[];
  references: number;
  /** Stops the clock and the listening. */
  readonly settle: () => void;
  readonly resolve: (answer: LdapAnswer) => void;
  readonly reject: (reason: NoAnswer) => void;
}

/**
 * One LDAP connection: any number of requests in flight, answers matched by message id (RFC 4511 §4.1.1.1).
 *
 * It is made of ldapts' message classes and not of its `Client`, which hides what we have to know: it hands out a result that
 * the server's size limit cut short as a full one, drops the paged results control, answers a slow operation by cutting the
 * connection under all others, and connects anew, anonymously, without being asked. This class never connects: it lives as
 * long as the stream it was given, and every request ends with an answer or with `NoAnswer`.
 */
export class LdapSession {
  readonly #stream: Socket;
  readonly #framer = new MessageFramer();
  readonly #parser = new MessageParser();
  readonly #pending = new Map<string, PendingRequest>();
  #lastMessageId = 0;
  #lastReceived = performance.now();
  /** The message that is being parsed. */
  #received: Buffer = Buffer.alloc(0);
  #lost: Error | undefined;
  #onLost: (reason: Error) => void = () => {};

  /** @param stream a connected TCP, TLS or UNIX socket that nobody else reads */
  constructor(stream: Socket) {
    this.#stream = stream;
    this.#parser.on('message', (message) => {
      const pending = this.#pending.get(String(message.messageId));
      if (message instanceof SearchReference) {
        if (pending !== undefined) pending.references += 1;
      } else if (message instanceof ExtendedResponse && message.messageId === 0) {
        this.destroy(new Error(`the server closes the connection: ${message.errorMessage || `result ${message.status}`}`));
      } else if (pending !== undefined) {
        this.#forget(message.messageId);
        const { entries, references } = pending;
        const referrals = message.status === RESULT.referral ? readReferrals(this.#received) : [];
        pending.resolve({
          code: message.status,
          serverText: message.errorMessage,
          entries,
          references,
          referrals,
          controls: message.controls ?? [],
          ...(message instanceof ExtendedResponse && message.value !== undefined ? { value: message.value } : {}),
        });
      }
    });
    this.#parser.on('error', (error) => this.destroy(error));
    stream.on('data', this.#read);
    stream.on('error', this.#fail);
    stream.on('close', this.#close);
    if (stream.destroyed) this.destroy(new Error('the connection was closed'));
  }

  /** Whether requests may still be sent. */
  get isOpen(): boolean {
    return this.#lost === undefined;
  }

  /** Whether requests wait for the end of this turn of the event loop, to be sent in one piece: what joins them costs little more. */
  get hasUnsent(): boolean {
    return this.#stream.writableCorked > 0;
  }

  /** For how long nothing has been received, in milliseconds. */
  get silentMs(): number {
    return performance.now() - this.#lastReceived;
  }

  /** Calls back once when the connection is gone, whoever ended it; at once when it is gone already. */
  whenLost(callback: (reason: Error) => void): void {
    if (this.#lost === undefined) this.#onLost = callback;
    else callback(this.#lost);
  }

  /**
   * Sends a request and waits for its result, whatever the result code.
   *
   * When the time is up the request is abandoned (RFC 4511 §4.11). A connection on which nothing at all was received meanwhile
   * is given up: its peer is gone without a word.
   *
   * @param signal abandons the request when nobody waits for its answer any longer
   * @throws NoAnswer connection lost, time up or abandoned; Error when the request can't be encoded
   */
  async send(request: LdapRequest, timeoutMs: number, signal?: AbortSignal): Promise<LdapAnswer> {
    if (this.#lost !== undefined) throw new NoAnswer(this.#lost.message, false, this.#lost);
    if (signal?.aborted === true) throw new NoAnswer('nobody waits for the answer any longer', false);
    const messageId = this.#nextMessageId();
    request.messageId = messageId;
    const bytes = encodeRequest(request);
    const sentAt = performance.now();
    return new Promise((resolve, reject) => {
      // setImmediate: after a pause of this process the answer may lie in the socket, unread
      const timer = setTimeout(() => setImmediate(() => this.#expire(messageId, sentAt)), timeoutMs);
      const aborted = () => this.#abandon(messageId, 'nobody waits for the answer any longer');
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      this.#pending.set(String(messageId), { message: request, entries: [], references: 0, settle, resolve, reject });
      signal?.addEventListener('abort', aborted, { once: true });
      this.#write(bytes);
    });
  }

  /**
   * What is written in one turn of the event loop goes out in one piece: requests of many clients often come in together, and handing
   * bytes to the system costs more than making them.
   */
  #write(bytes: Buffer): void {
    if (this.#stream.writableCorked === 0) {
      this.#stream.cork();
      setImmediate(() => this.#stream.uncork());
    }
    this.#stream.write(bytes);
  }

  /** Ends the connection politely. Requests in flight are lost. */
  end(): void {
    if (this.#lost !== undefined) return;
    this.#stream.write(new UnbindRequest({ messageId: this.#nextMessageId() }).write());
    this.#stream.end();
    this.destroy(new Error('the connection was closed by us'), { flush: true });
  }

  /** Cuts the connection; every request in flight rejects with `NoAnswer`. */
  destroy(reason: Error, { flush = false }: { readonly flush?: boolean } = {}): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    if (flush) this.#stream.destroySoon();
    else this.#stream.destroy();
    for (const [messageId, pending] of this.#pending) {
      this.#forget(messageId);
      pending.reject(new NoAnswer(reason.message, true, reason));
    }
    this.#onLost(reason);
  }

  /**
   * Hands the stream over to TLS, after StartTLS was answered (RFC 4511 §4.14.1).
   *
   * @throws Error when bytes beyond that answer are there: they came in clear text, from whoever sits between
   */
  release(): Socket {
    if (!this.#framer.isEmpty || this.#pending.size > 0) throw new Error('unexpected bytes before the TLS handshake');
    this.#lost = new Error('the connection was handed over');
    this.#stream.off('data', this.#read);
    this.#stream.off('error', this.#fail);
    this.#stream.off('close', this.#close);
    return this.#stream;
  }

  readonly #fail = (error: Error): void => this.destroy(error);
  readonly #close = (): void => this.destroy(new Error('the connection was closed'));

  readonly #read = (chunk: Buffer): void => {
    this.#lastReceived = performance.now();
    try {
      for (const message of this.#framer.push(chunk)) {
        const found = readEntryMessage(message);
        if (found === undefined) {
          this.#received = message;
          this.#parser.read(message, this.#pending);
        } else this.#pending.get(String(found.messageId))?.entries.push(found.entry);
      }
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };

  #expire(messageId: number, sentAt: number): void {
    if (!this.#pending.has(String(messageId))) return;
    const isSilent = this.#lastReceived < sentAt;
    this.#abandon(messageId, 'no answer in time');
    if (isSilent) this.destroy(new Error('the server has fallen silent'));
  }

  #abandon(messageId: number, reason: string): void {
    const pending = this.#pending.get(String(messageId));
    if (pending === undefined) return;
    this.#forget(messageId);
    pending.reject(new NoAnswer(reason, true));
    this.#stream.write(new AbandonRequest({ messageId: this.#nextMessageId(), abandonId: messageId }).write());
  }

  #forget(messageId: number | string): void {
    const pending = this.#pending.get(String(messageId));
    if (pending === undefined) return;
    pending.settle();
    this.#pending.delete(String(messageId));
  }

  #nextMessageId(): number {
    do this.#lastMessageId = this.#lastMessageId === LAST_MESSAGE_ID ? 1 : this.#lastMessageId + 1;
    while (this.#pending.has(String(this.#lastMessageId)));
    return this.#lastMessageId;
  }
}
