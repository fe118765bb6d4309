import { RESULT } from '../ldap/result-code.ts';
import { DirectoryError } from './directory-error.ts';

/** How long a refused write is held against the directory: without another one nobody would find out that it is mended. */
const REMEMBERED_MS = 60_000;

/** Results that speak of the directory and its configuration, not of the request: protocol, control, schema, storage. */
const SPEAK_OF_THE_DIRECTORY: ReadonlySet<number> = new Set([
  RESULT.operationsError,
  RESULT.protocolError,
  RESULT.unavailableCriticalExtension,
  RESULT.undefinedAttributeType,
  RESULT.other,
]);

/** Whether writes fail for a reason that an operator has to mend, such as a database that is full: readiness is red then. */
export class WriteTrouble {
  #reason: string | undefined;
  #since = 0;

  /** Undefined when the last write was good, or none has failed so for a minute. */
  get reason(): string | undefined {
    return performance.now() - this.#since < REMEMBERED_MS ? this.#reason : undefined;
  }

  /** Learns from how a write ends. */
  async watch<T>(write: Promise<T>): Promise<T> {
    try {
      const written = await write;
      this.#reason = undefined;
      return written;
    } catch (error) {
      if (error instanceof DirectoryError && speaksOfTheDirectory(error)) {
        this.#reason = error.message;
        this.#since = performance.now();
      }
      throw error;
    }
  }
}

/** `other` without a word is how slapd refuses a name that is too long. Of attributes only the schema's lack of them counts. */
function speaksOfTheDirectory({ kind, code, serverText }: DirectoryError): boolean {
  return kind === 'refused' && code !== undefined && SPEAK_OF_THE_DIRECTORY.has(code) && !(code === RESULT.other && serverText === '');
}
