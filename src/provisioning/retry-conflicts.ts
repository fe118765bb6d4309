import { setTimeout as sleep } from 'node:timers/promises';
import { DirectoryError } from '../directory/directory-error.ts';
import { ScimError } from '../scim/errors.ts';

const ATTEMPTS = 8;

const ATTRIBUTE_OR_VALUE_EXISTS = 20;
const NO_SUCH_OBJECT = 32;

/**
 * 122: our guard on the entry failed. 16 and 20: a value that we read has gone, or one that we add has come. 32: the entry has got
 * another name since we looked for it; when it is gone altogether, the next look says so.
 */
const CONFLICTS: ReadonlySet<number> = new Set([122, 16, ATTRIBUTE_OR_VALUE_EXISTS, NO_SUCH_OBJECT]);

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
      if (attempt >= 3 && (error.code === ATTRIBUTE_OR_VALUE_EXISTS || error.code === NO_SUCH_OBJECT)) throw error;
      if (attempt === ATTEMPTS)
        throw new ScimError(503, 'the resource is being changed by others all the time', { cause: error, retryAfter: 1 });
      await sleep(attempt * (5 + Math.random() * 10));
    }
  }
}
