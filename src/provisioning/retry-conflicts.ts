import { setTimeout as sleep } from 'node:timers/promises';
import { DirectoryError } from '../directory/directory-error.ts';
import { RESULT } from '../ldap/result-code.ts';
import { ScimError } from '../scim/errors.ts';

const ATTEMPTS = 8;

const CONFLICTS: ReadonlySet<number> = new Set([
  // our guard on the entry failed
  RESULT.assertionFailed,
  // a value that we read has gone, or one that we add has come
  RESULT.noSuchAttribute,
  RESULT.attributeOrValueExists,
  // the entry has got another name since we looked for it; when it is gone altogether, the next look says so
  RESULT.noSuchObject,
]);

/**
 * Reads, decides and writes again when somebody else wrote in between, so that of parallel changes none is lost.
 *
 * @throws ScimError 503 when others are faster time after time; nothing has been written then
 */
export async function retryingConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isConflict = error instanceof DirectoryError && error.code !== undefined && CONFLICTS.has(error.code);
      if (!isConflict) throw error;
      // Every time anew it is no race: two values of the client's that the directory takes for one, or a base that isn't there.
      if (attempt >= 3 && (error.code === RESULT.attributeOrValueExists || error.code === RESULT.noSuchObject)) throw error;
      if (attempt === ATTEMPTS)
        throw new ScimError(503, 'the resource is being changed by others all the time', { cause: error, retryAfter: 1 });
      await sleep(attempt * (5 + Math.random() * 10));
    }
  }
}
