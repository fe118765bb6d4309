import { describe, expect, it } from 'vitest';
import { DirectoryError } from '../../src/directory/directory-error.ts';
import { resultError } from '../../src/directory/result-codes.ts';
import { directoryToScimError, type FailedOperation, translatingErrors } from '../../src/provisioning/directory-to-scim-error.ts';
import { shippedPlan } from './support/shipped-plan.ts';

const { users } = shippedPlan();
const ANNA = 'uid=anna,ou=people,dc=example,dc=org';
const EVERY: readonly FailedOperation[] = ['read', 'query', 'create', 'update', 'delete'];

function translate(code: number, serverText: string, operation: FailedOperation, dn = ANNA) {
  return directoryToScimError(resultError(operation, { code, serverText }, dn), operation, users);
}

/** LDAP result (RFC 4511 appendix A), the server's words, what was being done, and what the client is told (ldap.md §7). */
const TABLE: readonly (readonly [
  code: number,
  text: string,
  operations: readonly FailedOperation[],
  status: number,
  scimType: string | undefined,
  detail: RegExp,
])[] = [
  [1, 'operations error', EVERY, 503, undefined, /configured/],
  [2, 'protocol error', EVERY, 503, undefined, /configured/],
  [3, '', ['query'], 400, 'tooMany', /too large/],
  [3, '', ['read', 'create', 'update', 'delete'], 503, undefined, /limit/],
  [4, '', ['query'], 400, 'tooMany', /too large/],
  [4, '', ['read', 'create', 'update', 'delete'], 503, undefined, /limit/],
  [11, '', ['query'], 400, 'tooMany', /too large/],
  [7, '', EVERY, 503, undefined, /account of the bridge/],
  [8, 'modifications require authentication', EVERY, 503, undefined, /account of the bridge/],
  [13, '', EVERY, 503, undefined, /account of the bridge/],
  [14, '', EVERY, 503, undefined, /account of the bridge/],
  [48, '', EVERY, 503, undefined, /account of the bridge/],
  [49, '', EVERY, 503, undefined, /account of the bridge/],
  [10, '', EVERY, 503, undefined, /does not accept/],
  [12, 'critical extension is not recognized', EVERY, 503, undefined, /configured/],
  [16, 'modify/delete: title: no such attribute', ['update'], 503, undefined, /configured/],
  [17, 'nope: attribute type undefined', ['create', 'update'], 503, undefined, /configured/],
  [18, 'modify/add: facsimileTelephoneNumber: no equality matching rule', ['update'], 503, undefined, /configured/],
  [18, '', ['query'], 400, 'invalidFilter', /compare/],
  [
    19,
    'non-unique attributes found with (|(mail=anna@example.org))',
    ['create', 'update'],
    409,
    'uniqueness',
    /^emails\[type eq "work"\]\.value: is in use/,
  ],
  [19, 'some attributes not unique', ['create', 'update'], 409, 'uniqueness', /^userName: is in use/],
  [19, 'Password fails quality checking policy', ['create', 'update'], 400, 'invalidValue', /^password: is too simple/],
  [19, 'Password is too short for policy', ['create', 'update'], 400, 'invalidValue', /^password: is too short/],
  [19, 'Password is in history of old passwords', ['update'], 400, 'invalidValue', /^password: was used before/],
  // 389 Directory Server
  [
    19,
    'invalid password syntax - password must be at least 8 characters long',
    ['create', 'update'],
    400,
    'invalidValue',
    /^password: is too short/,
  ],
  [19, 'password in history', ['update'], 400, 'invalidValue', /^password: was used before/],
  [19, 'Failed to update password', ['update'], 400, 'invalidValue', /^password: .*policy refuses/],
  [19, 'within minimum age', ['update'], 400, 'invalidValue', /^password: was changed too recently/],
  [
    19,
    'Another entry with the same attribute value already exists (attribute: "mail ")',
    ['create', 'update'],
    409,
    'uniqueness',
    /^emails\[type eq "work"\]\.value: is in use/,
  ],
  [19, 'single-valued attribute "displayName" has multiple values', ['create', 'update'], 400, 'invalidValue', /^displayName: /],
  // Samba, and Active Directory where it says nothing but a number
  [
    19,
    '0000052D: Constraint violation - check_password_restrictions: the password does not meet the complexity criteria!',
    ['create', 'update'],
    400,
    'invalidValue',
    /^password: is too simple/,
  ],
  [
    19,
    '0000052D: Constraint violation - check_password_restrictions: the password is too short. It should be equal or longer than 8 characters!',
    ['create', 'update'],
    400,
    'invalidValue',
    /^password: is too short/,
  ],
  [19, '0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0', ['update'], 400, 'invalidValue', /^password: .*policy/],
  [19, "0000202F: samldb: userPrincipalName 'anna@example.org' is already in use ", ['update'], 409, 'uniqueness', /in use/],
  [
    19,
    "00002071: samldb: sAMAccountName 'anna' is already in use (implied by mail)",
    ['create'],
    409,
    'uniqueness',
    /^emails\[type eq "work"\]\.value: is in use/,
  ],
  [
    19,
    '0000200D: SINGLE-VALUE attribute displayName on CN=Anna specified more than once',
    ['update'],
    400,
    'invalidValue',
    /^displayName: /,
  ],
  [19, 'displayName: multiple values provided', ['create', 'update'], 400, 'invalidValue', /^displayName: /],
  [19, "attribute 'displayName' cannot have multiple values", ['create', 'update'], 400, 'invalidValue', /^displayName: /],
  [19, 'entryUUID: no user modification allowed', ['update'], 400, 'mutability', /cannot be written/],
  [19, 'modify/add: employeeNumber: value #0 violates a constraint', ['update'], 400, 'invalidValue', /breaks a rule/],
  [20, 'modify/add: cn: value #0 already exists', ['update'], 400, 'invalidValue', /twice/],
  [20, 'cn: value #1 provided more than once', ['create'], 400, 'invalidValue', /^name\.formatted: /],
  [21, 'mail: value #0 invalid per syntax', ['create', 'update'], 400, 'invalidValue', /^emails\[type eq "work"\]\.value: /],
  [21, 'telephoneNumber;lang-de: value #0 invalid per syntax', ['create'], 400, 'invalidValue', /^phoneNumbers\[type eq "work"\]\.value: /],
  [21, 'something else', ['create', 'update'], 400, 'invalidValue', /^a value: /],
  [32, '', ['read', 'update', 'delete'], 404, undefined, /does not exist/],
  [32, '', ['create'], 503, undefined, /configured/],
  [33, '', EVERY, 503, undefined, /configured/],
  [34, 'invalid DN', ['create', 'update'], 400, 'invalidValue', /^userName: /],
  [50, 'no write access to parent', ['create', 'update', 'delete'], 400, 'mutability', /not allow/],
  [51, '', EVERY, 503, undefined, /not available/],
  [52, '', EVERY, 503, undefined, /not available/],
  [53, 'operation restricted', ['create', 'update', 'delete'], 503, undefined, /not available/],
  [53, 'shadow context; no update referral', ['create', 'update', 'delete'], 503, undefined, /not available/],
  [53, 'no global superior knowledge', ['create', 'update', 'delete'], 400, 'mutability', /refuses/],
  [54, '', EVERY, 503, undefined, /configured/],
  [64, "value of naming attribute 'uid' is not present in entry", ['create', 'update'], 400, 'invalidValue', /^userName: /],
  [65, "object class 'inetOrgPerson' requires attribute 'sn'", ['create', 'update'], 400, 'invalidValue', /^name\.familyName: /],
  [65, "attribute 'manager' not allowed", ['update'], 400, 'invalidValue', /manager: /],
  [
    65,
    "objectclass_attrs: at least one mandatory attribute ('sn') on entry 'CN=x' wasn't specified!",
    ['create'],
    400,
    'invalidValue',
    /^name/,
  ],
  [65, "object class 'posixAccount' requires attribute 'homeDirectory'", ['create', 'update'], 503, undefined, /configured/],
  [65, 'no structural object class provided', ['create', 'update'], 503, undefined, /configured/],
  [66, 'subordinate objects must be deleted first', ['delete'], 409, undefined, /below it/],
  [67, '', ['update'], 400, 'mutability', /names the entry/],
  [68, '', ['create', 'update'], 409, 'uniqueness', /^userName: is in use/],
  [69, '', ['update'], 400, 'mutability', /object class/],
  [71, '', EVERY, 503, undefined, /configured/],
  [80, 'txn_commit failed', EVERY, 503, undefined, /configured/],
  [122, '', ['update', 'delete'], 503, undefined, /configured/],
  [4711, '', EVERY, 503, undefined, /configured/],
];

const ROWS = TABLE.flatMap(([code, text, operations, ...expected]) =>
  operations.map((operation) => [code, text, operation, ...expected] as const),
);

describe('directoryToScimError', () => {
  it.each(ROWS)('%i %j on %s: %i', (code, text, operation, status, scimType, detail) => {
    const error = translate(code, text, operation);

    expect([error.status, error.scimType]).toEqual([status, scimType]);
    expect(error.detail).toMatch(detail);
  });

  it('is never 401, 403 or 500, whatever the code', () => {
    for (let code = 1; code <= 130; code += 1) {
      for (const operation of EVERY) expect([400, 404, 409, 503]).toContain(translate(code, '', operation).status);
    }
  });

  it('asks for patience in whole seconds with every 503, and with nothing else', () => {
    for (let code = 1; code <= 130; code += 1) {
      for (const operation of EVERY) {
        const { status, retryAfter } = translate(code, '', operation);
        expect(Number.isInteger(retryAfter)).toBe(status === 503);
      }
    }
  });

  it('shows nothing of the directory’s: no DN, no value, no word of the server', () => {
    const text = 'mail: secret-value of uid=secret-dn,dc=example,dc=org';
    for (let code = 1; code <= 130; code += 1) {
      for (const operation of EVERY) {
        const error = translate(code, text, operation);
        expect(error.detail).not.toMatch(/secret|dc=|uid=/);
        expect(error.cause).toMatchObject({ code, serverText: text });
      }
    }
  });

  it.each([
    ['unavailable', /not available/],
    ['unknownOutcome', /not known/],
    ['credentials', /account of the bridge/],
    ['referral', /does not accept/],
  ] as const)('without an answer, %s is 503 for every operation', (kind, detail) => {
    for (const operation of EVERY) {
      const error = directoryToScimError(new DirectoryError(kind, 'connection closed'), operation, users);
      expect([error.status, error.scimType, Number.isInteger(error.retryAfter)]).toEqual([503, undefined, true]);
      expect(error.detail).toMatch(detail);
    }
  });

  it('a base that is missing is no 404: nobody must be forgotten for it', () => {
    for (const operation of EVERY) {
      expect(translate(32, '', operation, 'ou=people,dc=example,dc=org').status).toBe(503);
      expect(translate(32, '', operation, 'dc=example,dc=org').status).toBe(503);
    }
  });
});

describe('translatingErrors', () => {
  it('translates what the directory throws, and lets everything else through', async () => {
    const bug = new TypeError('a bug');
    await expect(translatingErrors(users, 'read', () => Promise.reject(bug))).rejects.toBe(bug);
    await expect(translatingErrors(users, 'read', () => Promise.reject(new DirectoryError('unavailable', 'x')))).rejects.toMatchObject({
      status: 503,
    });
    await expect(translatingErrors(users, 'read', () => Promise.resolve(1))).resolves.toBe(1);
  });
});
