import { DirectoryError } from '../directory/directory-error.ts';
import { dnKey, isWithin } from '../ldap/dn.ts';
import { RESULT } from '../ldap/result-code.ts';
import type { ResourcePlan } from '../mapping/plan.ts';
import { ScimError, type ScimErrorOptions, type ScimType } from '../scim/errors.ts';

/** What was being done when the directory refused. A `read` is by id, a `query` selects by a client's filter. */
export type FailedOperation = 'read' | 'query' | 'create' | 'update' | 'delete';

/** Seconds that a client is asked to wait when the directory is away: about one reconnection. */
const RETRY_AFTER = 5;
/** Seconds to wait for what an operator has to mend (decisions 23). */
const RETRY_AFTER_MENDING = 60;

/**
 * Carries out an operation and turns a refusal of the directory into what the client is told.
 * What is not a `DirectoryError` passes through.
 */
export async function translatingErrors<T>(plan: ResourcePlan, operation: FailedOperation, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DirectoryError ? directoryToScimError(error, operation, plan) : error;
  }
}

/**
 * LDAP result → SCIM error (ldap.md §7, decisions 23), decided by code and operation.
 *
 * `detail` is in our words and names the SCIM attribute when the server's text lets us find it; the server's text itself may hold
 * DNs and values and goes to the log only, as the error's cause. Never 401 or 403: those would quarantine the whole Entra job.
 */
export function directoryToScimError(error: DirectoryError, operation: FailedOperation, plan: ResourcePlan): ScimError {
  switch (error.kind) {
    case 'unavailable':
      return unavailable('the directory is not available', error, RETRY_AFTER);
    case 'unknownOutcome':
      return unavailable('the directory did not answer in time; whether the change was made is not known', error, RETRY_AFTER);
    case 'credentials':
      return unavailable('the directory does not accept the account of the bridge', error, RETRY_AFTER_MENDING);
    case 'referral':
      return unavailable('the directory server does not accept this operation', error, RETRY_AFTER);
    case 'tooLarge':
      return operation === 'query'
        ? new ScimError(400, 'the search is too large for the directory', { scimType: 'tooMany', cause: error })
        : unavailable('the directory reached a limit', error, RETRY_AFTER_MENDING);
    case 'unencrypted':
      return unavailable('password: the directory takes it over an encrypted connection only', error, RETRY_AFTER_MENDING);
    case 'refused':
      return refused(error, operation, plan);
    default:
      return error.kind satisfies never;
  }
}

function unavailable(detail: string, cause: DirectoryError, retryAfter: number): ScimError {
  return new ScimError(503, detail, { cause, retryAfter });
}

interface Refusal {
  readonly status: number;
  readonly detail: string;
  readonly scimType?: ScimType;
}

/**
 * @param attribute the SCIM attribute that the server complains about, or words for none
 * @param naming the SCIM attribute that names the entry, or words for none
 * @returns undefined for what only an operator can mend
 */
type Refuse = (error: DirectoryError, attribute: string, naming: string) => Refusal | undefined;

/** Of writes, by result code. What is missing here is a matter of configuration: 503, loud in the log. */
const REFUSED_WRITES: ReadonlyMap<number, Refuse> = new Map<number, Refuse>([
  [RESULT.constraintViolation, constraintViolation],
  [RESULT.attributeOrValueExists, (_error, attribute) => invalid('invalidValue', `${attribute}: holds a value twice`)],
  [RESULT.invalidAttributeSyntax, (_error, attribute) => invalid('invalidValue', `${attribute}: the directory cannot store this value`)],
  [RESULT.invalidDNSyntax, (_error, _attribute, naming) => unnameable(naming)],
  [RESULT.insufficientAccessRights, () => invalid('mutability', 'the directory does not allow the bridge to write this')],
  [RESULT.unwillingToPerform, () => invalid('mutability', 'the directory refuses to write this')],
  [RESULT.namingViolation, (_error, _attribute, naming) => unnameable(naming)],
  [RESULT.objectClassViolation, objectClassViolation],
  [RESULT.notAllowedOnNonLeaf, () => ({ status: 409, detail: 'the resource has others below it in the directory' })],
  [RESULT.notAllowedOnRDN, () => invalid('mutability', 'the directory names the entry by this value')],
  [RESULT.entryAlreadyExists, () => ({ status: 409, scimType: 'uniqueness', detail: 'is in use already' })],
  [RESULT.objectClassModsProhibited, () => invalid('mutability', "the entry's object class cannot change")],
]);

/** Of queries: what a client's filter is to blame for. */
const REFUSED_QUERIES: ReadonlyMap<number, Refuse> = new Map<number, Refuse>([
  [RESULT.inappropriateMatching, () => invalid('invalidFilter', 'the directory cannot compare this attribute so')],
  [RESULT.invalidAttributeSyntax, () => invalid('invalidFilter', 'the directory cannot compare this attribute with this value')],
]);

const NOTHING: ReadonlyMap<number, Refuse> = new Map();

const REFUSALS: Readonly<Record<FailedOperation, ReadonlyMap<number, Refuse>>> = {
  read: NOTHING,
  query: REFUSED_QUERIES,
  create: REFUSED_WRITES,
  update: REFUSED_WRITES,
  delete: REFUSED_WRITES,
};

function refused(error: DirectoryError, operation: FailedOperation, plan: ResourcePlan): ScimError {
  const attribute = attributeNamedBy(error, plan);
  if (error.code === RESULT.noSuchObject && isBelowBase(error, plan) && operation !== 'create' && operation !== 'query')
    return new ScimError(404, 'the resource does not exist', { cause: error });
  const naming = pathOf(plan.rdn, plan) ?? NO_ATTRIBUTE;
  const refusal = error.code === undefined ? undefined : REFUSALS[operation].get(error.code)?.(error, attribute, naming);
  if (refusal === undefined) return unavailable('the directory cannot carry this out as it is configured', error, RETRY_AFTER_MENDING);
  const options: ScimErrorOptions = { cause: error, ...(refusal.scimType === undefined ? {} : { scimType: refusal.scimType }) };
  const detail = refusal.scimType === 'uniqueness' ? `${uniqueAttribute(error, plan)}: ${refusal.detail}` : refusal.detail;
  return new ScimError(refusal.status, detail, options);
}

/** Whether an entry of ours was meant. A base that is missing is a matter of configuration: nobody must be forgotten for it. */
function isBelowBase({ dn }: DirectoryError, { branches }: ResourcePlan): boolean {
  return (
    dn !== undefined && branches.some((branch) => isWithin(dn, branch.dn)) && branches.every((branch) => dnKey(dn) !== dnKey(branch.dn))
  );
}

function invalid(scimType: ScimType, detail: string): Refusal {
  return { status: 400, scimType, detail };
}

function unnameable(naming: string): Refusal {
  return invalid('invalidValue', `${naming}: the directory cannot name an entry so; it may be too long`);
}

/** What a client can cure names a SCIM attribute. Otherwise a class demands what no line writes, or forbids what a `generated` line does. */
function objectClassViolation(_error: DirectoryError, attribute: string): Refusal | undefined {
  return attribute === NO_ATTRIBUTE ? undefined : invalid('invalidValue', `${attribute}: the directory's schema does not allow this entry`);
}

/** 19 says several things; slapo-unique, slapo-ppolicy and single-valued attributes each in words of their own. */
function constraintViolation(error: DirectoryError, attribute: string): Refusal {
  const text = error.serverText.toLowerCase();
  if (/unique|already (in use|exists)/.test(text)) return { status: 409, scimType: 'uniqueness', detail: 'is in use already' };
  if (text.includes('no user modification allowed')) return invalid('mutability', `${attribute}: cannot be written`);
  const ofPassword = passwordRefusal(text);
  if (ofPassword !== undefined) return invalid('invalidValue', `password: ${ofPassword}`);
  return invalid('invalidValue', `${attribute}: breaks a rule of the directory`);
}

/** What password policies say, in the words of OpenLDAP, 389 Directory Server, Samba and Active Directory; the first that fits counts. */
const PASSWORD_REFUSALS: readonly (readonly [serverText: RegExp, detail: string])[] = [
  [/too short|at least \d+ char|min(imum)? ?length/, "is too short for the directory's password policy"],
  [/too long/, "is too long for the directory's password policy"],
  [/history/, "was used before, which the directory's password policy does not allow"],
  [/too young|too soon|minimum age/, 'was changed too recently to be changed again'],
  [/quality|complexity|syntax|categor|digit|palindrome|dictionary|trivial/, "is too simple for the directory's password policy"],
  // Microsoft's ERROR_PASSWORD_RESTRICTION doesn't say which rule it was
  [/password|^0000052d/, "the directory's password policy refuses it"],
];

function passwordRefusal(serverText: string): string | undefined {
  if (!/password|within minimum age|^0000052d/.test(serverText)) return undefined;
  return PASSWORD_REFUSALS.find(([pattern]) => pattern.test(serverText))?.[1];
}

/** Words for an attribute that the server doesn't name, or no line maps. */
const NO_ATTRIBUTE = 'a value';

/** The SCIM attribute that the server's text begins with (`mail: value #0 invalid per syntax`), or words for none. */
function attributeNamedBy({ serverText }: DirectoryError, plan: ResourcePlan): string {
  const name =
    /^([A-Za-z][A-Za-z0-9-]*)(;[^:]*)?: /.exec(serverText)?.[1] ??
    /attribute \(?['"]([^'"]+)['"]/i.exec(serverText)?.[1] ??
    /SINGLE-VALUE attribute (\S+)/.exec(serverText)?.[1];
  return pathOf(name, plan) ?? NO_ATTRIBUTE;
}

/** How a server names the attribute that has to be unique: slapo-unique, 389 Directory Server, Samba. */
const UNIQUE_ATTRIBUTE = [
  /\(implied by ([A-Za-z]+)\)/,
  /\(([A-Za-z][A-Za-z0-9-]*)=/,
  /attribute: "([A-Za-z][A-Za-z0-9-]*) ?"/,
  /samldb: ([A-Za-z]+) '/,
];

/** The attribute that has to be unique, where the text names one; otherwise the one that names the entry. */
function uniqueAttribute({ serverText, code }: DirectoryError, plan: ResourcePlan): string {
  const named =
    code === 19 ? UNIQUE_ATTRIBUTE.map((pattern) => pattern.exec(serverText)?.[1]).find((name) => name !== undefined) : undefined;
  return pathOf(named, plan) ?? pathOf(plan.rdn, plan) ?? NO_ATTRIBUTE;
}

function pathOf(ldap: string | undefined, plan: ResourcePlan): string | undefined {
  if (ldap === undefined) return undefined;
  return plan.lenses.find((lens) => lens.ldap?.toLowerCase() === ldap.toLowerCase())?.path;
}
