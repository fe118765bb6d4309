const PLACEHOLDER = /\{(any|id:[a-z][a-z0-9-]*)\}/g;

/** The values behind `{id:name}` in one exchange. Two names never stand for one value. `{any}` fits everything and keeps nothing. */
export class Placeholders {
  #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string> = new Map()) {
    this.#values = values;
  }

  /** Names a value; false when either has been given away. */
  bind(name: string, value: string): boolean {
    const known = this.#values.get(name);
    if (known !== undefined) return known === value;
    if (value === '' || [...this.#values.values()].includes(value)) return false;
    this.#values = new Map([...this.#values, [name, value]]);
    return true;
  }

  /** The text with values in place of their names. @throws RangeError for a name that stands for nothing yet */
  fill(text: string): string {
    return text.replace(PLACEHOLDER, (placeholder, name: string) => {
      const value = this.#values.get(name);
      if (value === undefined) throw new RangeError(`${placeholder} has no value yet`);
      return value;
    });
  }

  /** The text with names in place of the values that are known. */
  hide(text: string): string {
    return [...this.#values].reduce((hidden, [name, value]) => hidden.replaceAll(value, `{${name}}`), text);
  }

  /** Whether a text is what a pattern with placeholders says; names that are new get their values then. */
  match(pattern: string, text: string): boolean {
    const names = [...pattern.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
    const literals = pattern.split(PLACEHOLDER).filter((_part, index) => index % 2 === 0);
    const values = new RegExp(`^${literals.map(escapePattern).join('(.*)')}$`, 's').exec(text)?.slice(1);
    if (values === undefined) return false;
    return this.attempt((trial) => names.every((name, index) => name === 'any' || trial.bind(name, values[index] ?? '')));
  }

  /** Does something with the names, and forgets what was bound unless it succeeds. */
  attempt(work: (trial: Placeholders) => boolean): boolean {
    const trial = new Placeholders(this.#values);
    const succeeds = work(trial);
    if (succeeds) this.#values = trial.#values;
    return succeeds;
  }
}

function escapePattern(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
