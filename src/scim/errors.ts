/** The `scimType` words of RFC 7644 §3.12 and RFC 9865 §2.1 that this server uses. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

export interface ScimErrorOptions {
  readonly scimType?: ScimType;
  /** What went wrong underneath. For the log only; never shown to the client. */
  readonly cause?: unknown;
  /** Seconds after which the client may try again: sent as `Retry-After`, a whole number (Okta reads nothing else). */
  readonly retryAfter?: number;
}

/**
 * An answer that the client gets instead of a resource (RFC 7644 §3.12).
 *
 * `detail` is shown to administrators in their provisioning log: it names the SCIM attribute and the reason,
 * and holds no DN and no secret.
 */
export class ScimError extends Error {
  override readonly name = 'ScimError';
  readonly status: number;
  readonly scimType: ScimType | undefined;
  readonly detail: string;
  readonly retryAfter: number | undefined;

  constructor(status: number, detail: string, options: ScimErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.scimType = options.scimType;
    this.detail = detail;
    this.retryAfter = options.retryAfter;
  }
}

/** 400 with the given `scimType`: the request can't be understood or must not be carried out. */
export function badRequest(scimType: ScimType, detail: string, cause?: unknown): ScimError {
  return new ScimError(400, detail, cause === undefined ? { scimType } : { scimType, cause });
}
