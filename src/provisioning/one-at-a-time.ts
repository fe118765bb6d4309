import type { IdSnapshots } from './id-snapshots.ts';

/** The last piece of work on each resource that has some under way, by directory (each has snapshots of its own) and id. */
const lastWork = new WeakMap<IdSnapshots, Map<string, Promise<unknown>>>();

/**
 * Carries out changes of one resource one after the other, in the order in which they came: within this process nobody has to try
 * again because a neighbour was faster. Between processes the guard on the entry decides.
 *
 * @param id compared without case
 */
export async function oneAtATime<T>(directory: IdSnapshots, id: string, work: () => Promise<T>): Promise<T> {
  const queues = lastWork.get(directory) ?? new Map<string, Promise<unknown>>();
  lastWork.set(directory, queues);
  const key = id.toLowerCase();
  const turn = (queues.get(key) ?? Promise.resolve()).then(work, work);
  // What became of it is the business of whoever asked; the next one only waits for its end.
  const end = turn.catch(() => undefined);
  queues.set(key, end);
  try {
    return await turn;
  } finally {
    if (queues.get(key) === end) queues.delete(key);
  }
}
