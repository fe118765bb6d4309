import { Counter, Histogram, type Registry } from 'prom-client';
import type { DirectoryObserver } from '../directory/directory-observer.ts';
import { RESULT } from '../ldap/result-code.ts';
import { PREFIX } from './metric-prefix.ts';

const RESULT_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(RESULT).map(([name, code]) => [code, name]));
/** From a directory on the same machine to one that is nearly given up, in seconds. */
const LDAP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Meters of what is sent to directories; each has its own observer, which outlives its connections. */
export function meterDirectories(registry: Registry): (directory: string) => DirectoryObserver {
  const registers = [registry];
  const operations = new Counter({
    name: `${PREFIX}ldap_operations_total`,
    help: 'LDAP operations that were sent, by their result (RFC 4511); noAnswer: the connection was lost or the time was up',
    labelNames: ['directory', 'kind', 'result'],
    registers,
  });
  const duration = new Histogram({
    name: `${PREFIX}ldap_operation_duration_seconds`,
    help: 'From sending an LDAP operation to its result',
    labelNames: ['directory', 'kind'],
    buckets: LDAP_BUCKETS,
    registers,
  });
  const waits = new Counter({
    name: `${PREFIX}ldap_waits_total`,
    help: 'LDAP requests that had to wait for a place on a connection, by what came of it',
    labelNames: ['directory', 'outcome'],
    registers,
  });
  const waited = new Histogram({
    name: `${PREFIX}ldap_wait_duration_seconds`,
    help: 'How long LDAP requests waited for a place on a connection, of those that had to wait',
    labelNames: ['directory'],
    buckets: LDAP_BUCKETS,
    registers,
  });
  const connections = new Counter({
    name: `${PREFIX}ldap_connection_events_total`,
    help: 'Connections that were opened and bound, attempts that failed (refused), and open connections that ended (lost)',
    labelNames: ['directory', 'server', 'event'],
    registers,
  });
  const failovers = new Counter({
    name: `${PREFIX}ldap_failovers_total`,
    help: 'How often another server was put in charge of the writes',
    labelNames: ['directory', 'reason'],
    registers,
  });
  const settled = new Counter({
    name: `${PREFIX}ldap_settled_writes_total`,
    help: 'Writes whose answer was lost, by what was found out about them',
    labelNames: ['directory', 'outcome'],
    registers,
  });
  return (directory) => {
    // An alert on an increase needs a first value to rise from.
    for (const reason of ['away', 'takesNoWrites', 'preferredIsBack']) failovers.inc({ directory, reason }, 0);
    for (const outcome of ['done', 'sentAgain', 'notDone', 'unknown']) settled.inc({ directory, outcome }, 0);
    for (const outcome of ['served', 'expired', 'queueFull']) waits.inc({ directory, outcome }, 0);
    waited.zero({ directory });
    return {
      operationEnded(kind, code, milliseconds) {
        const result = code === 'noAnswer' ? code : (RESULT_NAMES.get(code) ?? 'unknownResult');
        operations.inc({ directory, kind, result });
        duration.observe({ directory, kind }, milliseconds / 1000);
      },
      waitEnded(outcome, milliseconds) {
        waits.inc({ directory, outcome });
        waited.observe({ directory }, milliseconds / 1000);
      },
      connection: (event, server) => connections.inc({ directory, server, event }),
      writesMoved: (_from, _to, reason) => failovers.inc({ directory, reason }),
      writeSettled: (outcome) => settled.inc({ directory, outcome }),
    };
  };
}
