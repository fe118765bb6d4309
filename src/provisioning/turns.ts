/**
 * Who may change a resource when: changes of one resource are carried out one after the other, in the order in which they came, so
 * that within this process nobody has to try again because a neighbour was faster. Between processes the guard on the entry decides.
 */
export class Turns {
  /** The last piece of work on each resource that has some under way, by id in lower case. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** @param id SCIM id, or what else only one may have at a time; compared without case */
  async take<T>(id: string, work: () => Promise<T>): Promise<T> {
    const key = id.toLowerCase();
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work, work);
    // What became of it is the business of whoever asked; the next one only waits for its end.
    const end = turn.catch(() => undefined);
    this.#last.set(key, end);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === end) this.#last.delete(key);
    }
  }
}
