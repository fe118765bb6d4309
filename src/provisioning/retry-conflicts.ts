import { setTimeout as sleep } from 'node:timers/promises';
import { DirectoryError } from '../directory/directory-error.ts';
import { ScimError } from '../scim/errors.ts';

const ATTEMPTS = 8;

/** 122: our guard on the entry failed. 16 and 20: a value that we read has gone, or one that we add has come. */
const CONFLICTS: ReadonlySet<number> = new Set([122, 16, 20]);

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
      // A value that is refused as doubled every time is the client's: two values that the directory takes for one.
      if (attempt >= 3 && error.code === 20) throw error;
      if (attempt === ATTEMPTS)
        throw new ScimError(503, 'the resource is being changed by others all the time', { cause: error, retryAfter: 1 });
      await sleep(attempt * (5 + Math.random() * 10));
    }
  }
}
