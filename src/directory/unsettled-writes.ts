import type { Change } from '../ldap/change.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryLog } from './directory-log.ts';
import type { WriteOutcome } from './inspect-write.ts';

/** More than these at a time are given up: memory stays flat in a long outage. */
const MOST = 1000;

/**
 * Writes whose outcome could not be found out before the client had to be answered (503). When the directory answers again, the log is
 * told what became of each; nothing is written.
 */
export class UnsettledWrites {
  readonly #changes = new Set<Change>();
  readonly #inspect: (change: Change) => Promise<WriteOutcome>;
  readonly #log: DirectoryLog;
  readonly #pauseMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param pauseMs how long a write that may still be under way is left alone, and how long after a failure is looked again */
  constructor(inspect: (change: Change) => Promise<WriteOutcome>, log: DirectoryLog, pauseMs: number) {
    this.#inspect = inspect;
    this.#log = log;
    this.#pauseMs = pauseMs;
  }

  add(change: Change): void {
    if (this.#changes.size < MOST) this.#changes.add(change);
    else
      this.#log.error(
        { dn: change.dn, operation: change.kind },
        'too many writes of unknown outcome: nobody will look what became of this one',
      );
    this.#timer ??= setTimeout(() => void this.#settle(), this.#pauseMs).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#changes.clear();
  }

  async #settle(): Promise<void> {
    for (const change of this.#changes) {
      try {
        const outcome = await this.#inspect(change);
        if (!this.#changes.delete(change)) return; // closed meanwhile
        this.#log.warn({ dn: change.dn, operation: change.kind, outcome }, 'what became of a write of unknown outcome');
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        break; // away still
      }
    }
    this.#timer = this.#changes.size === 0 ? undefined : setTimeout(() => void this.#settle(), this.#pauseMs).unref();
  }
}
