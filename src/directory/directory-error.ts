import { RESULT } from '../ldap/result-code.ts';

/**
 * Why a directory operation failed, in the words that decide what the client hears.
 *
 * - `unavailable`: not reachable, connection lost before the request was sent, time limit of ours, busy, shutting down
 * - `unknownOutcome`: a write was sent and no answer came
 * - `credentials`: our own bind failed or was not sufficient (7, 8, 13, 14, 48, 49)
 * - `referral`: the server doesn't take this write (10)
 * - `tooLarge`: the server's size, time or administrative limit (3, 4, 11)
 * - `unencrypted`: not sent, for it holds a password that the directory takes over an encrypted connection only
 * - `refused`: any other result code; read `code`
 */
export type DirectoryErrorKind = 'unavailable' | 'unknownOutcome' | 'credentials' | 'referral' | 'tooLarge' | 'unencrypted' | 'refused';

export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly kind: DirectoryErrorKind;
  /** LDAP result code (RFC 4511 appendix A); undefined when no answer came. */
  readonly code: number | undefined;
  /** The server's diagnostic message. For the log and for finding the attribute; may hold DNs and values, so never shown to a client. */
  readonly serverText: string;
  readonly dn: string | undefined;

  constructor(
    kind: DirectoryErrorKind,
    message: string,
    details: { readonly code?: number; readonly serverText?: string; readonly dn?: string; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.code = details.code;
    this.serverText = details.serverText ?? '';
    this.dn = details.dn;
  }
}

/** Whether an error leaves open if a write was carried out. */
export function isUnknownOutcome(error: unknown): boolean {
  return error instanceof DirectoryError && error.kind === 'unknownOutcome';
}

/** What a search comes to when its base isn't there (`noSuchObject`): `otherwise`. */
export async function unlessNoSuchObject<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DirectoryError && error.code === RESULT.noSuchObject) return otherwise;
    throw error;
  }
}
