import type { Change } from '../ldap/change.ts';
import { RESULT } from '../ldap/result-code.ts';
import type { DirectoryServer } from './directory.ts';

/** A result as the server gave it, and the operation that it was given for. */
export interface ServerResult {
  readonly operation: 'search' | Change['kind'];
  readonly code: number;
  readonly serverText: string;
}

interface Translation {
  readonly operations: readonly ServerResult['operation'][];
  readonly code: number;
  /** Absent: whatever the server says. */
  readonly serverText?: RegExp;
  /** The result code (RFC 4511 appendix A) that other servers give here. */
  readonly means: number;
}

/**
 * Results that a server gives where RFC 4511 has another, so that one table does for all of them later. Samba's words were seen
 * (4.17), and 389 Directory Server's (2.3); the numbers at the beginning are Windows errors, which Microsoft's Active Directory
 * prints too ([MS-ERREF] §2.2).
 */
const TRANSLATIONS: Readonly<Record<DirectoryServer, readonly Translation[]>> = {
  openldap: [],
  '389ds': [
    {
      operations: ['modify', 'add'],
      code: RESULT.objectClassViolation,
      serverText: /^single-valued attribute/i,
      means: RESULT.constraintViolation,
    },
    { operations: ['rename'], code: RESULT.notAllowedOnRDN, means: RESULT.namingViolation },
  ],
  activeDirectory: [
    // a value that is a member already, one that is none, one that doesn't exist
    {
      operations: ['modify'],
      code: RESULT.entryAlreadyExists,
      serverText: /^00000562|already exists for target GUID/i,
      means: RESULT.attributeOrValueExists,
    },
    {
      operations: ['modify'],
      code: RESULT.unwillingToPerform,
      serverText: /^00000561|doesn't exist for target GUID|already deleted for target GUID|Unable to find GUID/i,
      means: RESULT.noSuchAttribute,
    },
    {
      operations: ['modify', 'add'],
      code: RESULT.noSuchObject,
      serverText: /^00000525|specified dn doesn't exist/i,
      means: RESULT.constraintViolation,
    },
    {
      operations: ['modify', 'add'],
      code: RESULT.noSuchAttribute,
      serverText: /^00000057|was not found in the schema/i,
      means: RESULT.undefinedAttributeType,
    },
    {
      operations: ['modify', 'add'],
      code: RESULT.attributeOrValueExists,
      serverText: /^0000200D|^SINGLE-VALUE/i,
      means: RESULT.constraintViolation,
    },
    {
      operations: ['modify', 'add'],
      code: RESULT.entryAlreadyExists,
      serverText: /^00002071|already in use/i,
      means: RESULT.constraintViolation,
    },
    // ERROR_PASSWORD_RESTRICTION, which Microsoft's server calls unwilling
    { operations: ['modify', 'add'], code: RESULT.unwillingToPerform, serverText: /^0000052D/i, means: RESULT.constraintViolation },
  ],
  other: [],
};

/** The result code in the words of RFC 4511. */
export function standardResultCode(server: DirectoryServer, { operation, code, serverText }: ServerResult): number {
  const translation = TRANSLATIONS[server].find(
    (each) => each.code === code && each.operations.includes(operation) && each.serverText?.test(serverText) !== false,
  );
  return translation?.means ?? code;
}
