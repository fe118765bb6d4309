/** An operation as slapd logs it (`-d stats`, OpenLDAP 2.5 and 2.6). */
export interface LoggedOperation {
  readonly kind: 'SRCH' | 'ADD' | 'MOD' | 'MODRDN' | 'DEL' | 'EXT';
  /** The DN of the entry, or the base of the search; of an extended operation its OID. */
  readonly dn: string;
  /** Of a search. */
  readonly filter?: string;
  /** The attributes that a search asks for or a modify changes, in the order sent. */
  readonly attributes?: readonly string[];
}

const LINE = /conn=(\d+) op=(\d+) (SRCH|ADD|MOD|MODRDN|DEL|EXT|BIND) (base|dn|oid|attr)=(.*)$/gm;
const QUOTED = /^"((?:[^"\\]|\\.)*)"/;
const FILTER = / filter="(.*)"$/;

/**
 * Reads operations out of slapd's log, in the order in which it began them.
 *
 * @param log from the first line on: a BIND tells whose the operations of its connection are
 * @param from only operations that begin at this offset or later
 * @param without the DN of a user whose operations don't count
 */
export function parseSlapdLog(log: string, from: number, without: string): readonly LoggedOperation[] {
  const uncounted = new Set<string>();
  const operations = new Map<string, LoggedOperation>();
  for (const { index, 1: connection = '', 2: number = '', 3: kind, 4: what, 5: rest = '' } of log.matchAll(LINE)) {
    const id = `${connection}/${number}`;
    const dn = QUOTED.exec(rest)?.[1] ?? rest.split(' ')[0] ?? '';
    if (kind === 'BIND') {
      if (dn.toLowerCase() === without.toLowerCase()) uncounted.add(connection);
      else uncounted.delete(connection);
    } else if (index >= from && !uncounted.has(connection)) {
      const begun = operations.get(id);
      if (what !== 'attr') operations.set(id, { kind: kind as LoggedOperation['kind'], dn, ...filterOf(rest) });
      else if (begun !== undefined) operations.set(id, { ...begun, attributes: [...(begun.attributes ?? []), ...rest.split(' ')] });
    }
  }
  return [...operations.values()];
}

function filterOf(rest: string): { readonly filter?: string } {
  const filter = FILTER.exec(rest)?.[1];
  return filter === undefined ? {} : { filter };
}
