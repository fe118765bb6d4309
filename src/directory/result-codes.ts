import { RESULT } from '../ldap/result-code.ts';
import type { DirectoryErrorKind } from './directory-error.ts';
import { DirectoryError } from './directory-error.ts';

/** Names for messages and the log. */
const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(RESULT).map(([name, code]) => [code, name]));

/** How a server says unwillingToPerform when it takes no writes at all: `readonly on`, a replica, a database in maintenance. */
const READ_ONLY_SERVER = /operation restricted|read[- ]?only|shadow context/i;

/**
 * What a result code means to whoever asked.
 *
 * @param serverText the diagnostic message: unwillingToPerform (53) says only there that the server as a whole takes no writes
 */
export function directoryErrorKind(code: number, serverText: string): DirectoryErrorKind {
  switch (code) {
    case RESULT.timeLimitExceeded:
    case RESULT.sizeLimitExceeded:
    case RESULT.adminLimitExceeded:
      return 'tooLarge';
    case RESULT.authMethodNotSupported:
    case RESULT.strongerAuthRequired:
    case RESULT.confidentialityRequired:
    case RESULT.saslBindInProgress:
    case RESULT.inappropriateAuthentication:
    case RESULT.invalidCredentials:
      return 'credentials';
    case RESULT.referral:
      return 'referral';
    case RESULT.busy:
    case RESULT.unavailable:
      return 'unavailable';
    case RESULT.unwillingToPerform:
      return READ_ONLY_SERVER.test(serverText) ? 'unavailable' : 'refused';
    default:
      return 'refused';
  }
}

/** The error for a result that is no success. Its message holds no names or values of the directory; those are in its fields. */
export function resultError(operation: string, answer: { readonly code: number; readonly serverText: string }, dn: string): DirectoryError {
  const { code, serverText } = answer;
  const name = NAMES.get(code);
  const result = name === undefined ? `${code}` : `${code} (${name})`;
  return new DirectoryError(directoryErrorKind(code, serverText), `the directory answered the ${operation} with result ${result}`, {
    code,
    serverText,
    dn,
  });
}
