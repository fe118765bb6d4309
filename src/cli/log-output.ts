import pino, { type DestinationStream } from 'pino';

/** Where the log goes. */
export interface LogOutput extends DestinationStream {
  /** Hands over what waits. Under this name `logger.flush()` and a fatal error look for it. */
  flush(): void;
  flushSync(): void;
}

/**
 * Standard output. The lines of one turn of the event loop are handed to the system together at its end, before anything else is waited
 * for: one call for all requests that were answered in it. What a process that is killed at that moment had to say is lost; one that
 * ends by itself, also by an error, says it.
 */
export function openLogOutput(): LogOutput {
  const output = pino.destination({ dest: 1, sync: true });
  let waiting = '';
  const flush = (): void => {
    if (waiting !== '') output.write(waiting);
    waiting = '';
  };
  process.once('exit', flush);
  return {
    flush,
    flushSync: flush,
    write(line) {
      if (waiting === '') setImmediate(flush);
      waiting += line;
    },
  };
}
