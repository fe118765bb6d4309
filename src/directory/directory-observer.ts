import type { Change } from '../ldap/change.ts';

/** The LDAP operations that are counted. */
export type OperationKind = 'search' | Change['kind'];

/** What is told to whoever counts, at the moment when it happens. Servers are named by their URLs, of which there are few. */
export interface DirectoryObserver {
  /** @param result LDAP result code (RFC 4511 appendix A); `noAnswer` when the connection was lost, the time was up or nobody waited any longer */
  operationEnded(operation: OperationKind, result: number | 'noAnswer', milliseconds: number): void;
  /** A request got a place on a connection, or gave up waiting for one. */
  waitEnded(outcome: 'served' | 'expired' | 'queueFull', milliseconds: number): void;
  /** `opened`: connected and bound; `refused`: an attempt failed; `lost`: an open one ended. */
  connection(event: 'opened' | 'refused' | 'lost', server: string): void;
  /** Another server is in charge of the writes from now on. */
  writesMoved(from: string, to: string, reason: 'away' | 'takesNoWrites' | 'preferredIsBack'): void;
  /** What became of a write whose answer was lost. */
  writeSettled(outcome: 'done' | 'sentAgain' | 'notDone' | 'unknown'): void;
}

/** How things stand now. */
export interface DirectoryStatistics {
  /** URL of the server in charge. */
  readonly server: string;
  readonly connections: number;
  /** Requests on their way. */
  readonly inFlight: number;
  /** Requests that wait for a place on a connection. */
  readonly waiting: number;
}

export const NO_OBSERVER: DirectoryObserver = {
  operationEnded: () => {},
  waitEnded: () => {},
  connection: () => {},
  writesMoved: () => {},
  writeSettled: () => {},
};
