import { ScimError } from '../scim/errors.ts';
import type { OperationLog } from './operation-context.ts';

/** What a client is told when something that nobody planned for goes wrong: nothing, but the id to find it in the log by. */
const BUG = new ScimError(500, 'internal error');

/** Whatever was thrown, as the error that the client gets. */
export function toScimError(thrown: unknown): ScimError {
  return thrown instanceof ScimError ? thrown : BUG;
}

/** What the client isn't told. A refusal that the client caused is no fault of ours; a directory that is away or misconfigured is. */
export function logFailure(log: OperationLog, error: ScimError, thrown: unknown): void {
  if (thrown !== error) log.error({ err: thrown }, 'a request failed, and nobody planned for it');
  else if (error.status === 503) log.error({ err: error.cause ?? error }, 'a request failed');
  else if (error.cause !== undefined) log.info({ err: error.cause }, 'a request was refused');
}
