import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';

/**
 * What a directory makes up and nobody can know beforehand, in values that are the same in every run: ids, versions, times.
 * In requests and entries `{id}` stands for the id of the first entry that states none, or of the first that is created;
 * `{id:name}` for one of its own.
 */
export class MadeUp {
  readonly #ids = new Map<string, string>();
  #writes = 0;

  /** The text with ids in place of `{id}` and `{id:name}`. */
  fill(text: string): string {
    return text.replace(/\{id(?::([\w.-]+))?\}/g, (_placeholder, name = '') => this.#idOf(name as string));
  }

  /** The entry with what every directory has of it, where it isn't stated. */
  complete(entry: Entry): Entry {
    const stated = new Map(entry.attributes);
    for (const [name, value] of this.#ofServer()) if (!stated.has(name)) stated.set(name, [value]);
    if (valuesOf(entry, 'entryUUID').length === 0) stated.set('entryuuid', [this.#nextId()]);
    return { dn: entry.dn, attributes: stated };
  }

  /** The entry as a write leaves it: with another version and time. */
  touch(entry: Entry): Entry {
    this.#writes += 1;
    const attributes = new Map(entry.attributes);
    for (const [name, value] of this.#ofServer()) if (name !== 'createtimestamp') attributes.set(name, [value]);
    return { dn: entry.dn, attributes };
  }

  #ofServer(): readonly (readonly [string, LdapValue])[] {
    const second = String(this.#writes).padStart(2, '0');
    return [
      ['createtimestamp', '20260101000000Z'],
      ['modifytimestamp', `202601010000${second}Z`],
      ['entrycsn', `202601010000${second}.000000Z#000000#000#000000`],
    ];
  }

  #firstIsGiven = false;

  #nextId(): string {
    if (this.#firstIsGiven) return this.#idOf(`#${this.#ids.size}`);
    this.#firstIsGiven = true;
    return this.#idOf('');
  }

  #idOf(name: string): string {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const number = name === '' ? 1 : this.#ids.size + 2;
    const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    this.#ids.set(name, id);
    return id;
  }
}
