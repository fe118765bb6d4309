import type { DirectoryErrorKind } from './directory-error.ts';
import { DirectoryError } from './directory-error.ts';

/** The result codes that code in this project speaks of (RFC 4511 appendix A, RFC 4528 §4). */
export const RESULT = {
  success: 0,
  sizeLimitExceeded: 4,
  referral: 10,
  noSuchObject: 32,
  busy: 51,
  unavailable: 52,
  assertionFailed: 122,
} as const;

/** Names for messages and the log, as the RFCs spell them. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'operationsError'],
  [2, 'protocolError'],
  [3, 'timeLimitExceeded'],
  [4, 'sizeLimitExceeded'],
  [5, 'compareFalse'],
  [6, 'compareTrue'],
  [7, 'authMethodNotSupported'],
  [8, 'strongerAuthRequired'],
  [10, 'referral'],
  [11, 'adminLimitExceeded'],
  [12, 'unavailableCriticalExtension'],
  [13, 'confidentialityRequired'],
  [14, 'saslBindInProgress'],
  [16, 'noSuchAttribute'],
  [17, 'undefinedAttributeType'],
  [18, 'inappropriateMatching'],
  [19, 'constraintViolation'],
  [20, 'attributeOrValueExists'],
  [21, 'invalidAttributeSyntax'],
  [32, 'noSuchObject'],
  [33, 'aliasProblem'],
  [34, 'invalidDNSyntax'],
  [36, 'aliasDereferencingProblem'],
  [48, 'inappropriateAuthentication'],
  [49, 'invalidCredentials'],
  [50, 'insufficientAccessRights'],
  [51, 'busy'],
  [52, 'unavailable'],
  [53, 'unwillingToPerform'],
  [54, 'loopDetect'],
  [64, 'namingViolation'],
  [65, 'objectClassViolation'],
  [66, 'notAllowedOnNonLeaf'],
  [67, 'notAllowedOnRDN'],
  [68, 'entryAlreadyExists'],
  [69, 'objectClassModsProhibited'],
  [71, 'affectsMultipleDSAs'],
  [80, 'other'],
  [122, 'assertionFailed'],
]);

/** How a server says unwillingToPerform when it takes no writes at all: `readonly on`, a replica, a database in maintenance. */
const READ_ONLY_SERVER = /operation restricted|read[- ]?only|shadow context/i;

/**
 * What a result code means to whoever asked.
 *
 * @param serverText the diagnostic message: unwillingToPerform (53) says only there that the server as a whole takes no writes
 */
export function directoryErrorKind(code: number, serverText: string): DirectoryErrorKind {
  switch (code) {
    case 3:
    case 4:
    case 11:
      return 'tooLarge';
    case 7:
    case 8:
    case 13:
    case 14:
    case 48:
    case 49:
      return 'credentials';
    case 10:
      return 'referral';
    case 51:
    case 52:
      return 'unavailable';
    case 53:
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
