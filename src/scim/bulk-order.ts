import type { BulkOperation } from './bulk.ts';

/** In which order the operations of a bulk request can be carried out. */
export interface BulkOrder {
  readonly operations: readonly BulkOperation[];
  /** Those that refer to themselves, directly or by way of others: no order helps them. */
  readonly circular: ReadonlySet<BulkOperation>;
}

/** An operation that the search has come to. */
interface Visit {
  readonly operation: BulkOperation;
  readonly prerequisites: readonly BulkOperation[];
  /** How many of `prerequisites` were followed. */
  followed: number;
  /** When the search came here, counted from 0. */
  readonly number: number;
  /** The earliest visit that can be reached from here and back. */
  earliest: number;
  isOpen: boolean;
}

/**
 * Creations first where others refer to them, otherwise the client's order: nothing but a creation is ever moved, so that two
 * operations on one resource happen as the client wrote them. Takes time in proportion to operations and references.
 *
 * Cycles are the strongly connected components (Tarjan's algorithm, without recursion: a chain may be as long as the request).
 */
export function orderOperations(operations: readonly BulkOperation[]): BulkOrder {
  const creations = new Map(operations.filter(({ method }) => method === 'POST').map((operation) => [operation.bulkId, operation]));
  const visits = new Map<BulkOperation, Visit>();
  const open: Visit[] = [];
  const ordered: BulkOperation[] = [];
  const circular = new Set<BulkOperation>();

  const begin = (operation: BulkOperation): Visit => {
    const prerequisites = [...operation.references].flatMap((bulkId) => creations.get(bulkId) ?? []);
    const number = visits.size;
    const visit: Visit = { operation, prerequisites, followed: 0, number, earliest: number, isOpen: true };
    visits.set(operation, visit);
    open.push(visit);
    if (prerequisites.includes(operation)) circular.add(operation);
    return visit;
  };

  const finish = (visit: Visit): void => {
    ordered.push(visit.operation);
    if (visit.earliest !== visit.number) return;
    const component = open.splice(open.lastIndexOf(visit));
    for (const member of component) {
      member.isOpen = false;
      if (component.length > 1) circular.add(member.operation);
    }
  };

  for (const operation of operations) {
    const way = visits.has(operation) ? [] : [begin(operation)];
    for (let visit = way.at(-1); visit !== undefined; visit = way.at(-1)) {
      const prerequisite = visit.prerequisites[visit.followed];
      visit.followed += 1;
      if (prerequisite === undefined) {
        finish(visit);
        way.pop();
        const previous = way.at(-1);
        if (previous !== undefined) previous.earliest = Math.min(previous.earliest, visit.earliest);
        continue;
      }
      const seen = visits.get(prerequisite);
      if (seen === undefined) way.push(begin(prerequisite));
      else if (seen.isOpen) visit.earliest = Math.min(visit.earliest, seen.number);
    }
  }
  return { operations: ordered, circular };
}
