import type { DirectoryServer } from '../directory/directory.ts';
import type { Entry } from '../ldap/entry.ts';
import { parseGuid } from '../ldap/guid.ts';

/**
 * What a directory makes up and nobody can know beforehand, in values that are the same in every run: ids, versions, times.
 * In requests and entries `{id}` stands for the id of the first entry that states none, or of the first that is created;
 * `{id:name}` for one of its own.
 */
export class MadeUp {
  readonly #server: DirectoryServer;
  readonly #ids = new Map<string, string>();
  #writes = 0;

  constructor(server: DirectoryServer) {
    this.#server = server;
  }

  /** The text with ids in place of `{id}` and `{id:name}`. */
  fill(text: string): string {
    return text.replace(/\{id(?::([\w.-]+))?\}/g, (_placeholder, name = '') => this.#idOf(name as string));
  }

  /**
   * The entry with what every entry of the server has, where it isn't stated.
   *
   * @param isResource whether `{id}` may be its id; a counter of numbers is no resource
   */
  complete(entry: Entry, isResource = true): Entry {
    const stated = new Map(entry.attributes);
    for (const [name, value] of [...this.#created(), ...this.#changed()]) if (!stated.has(name)) stated.set(name, [value]);
    const [name, encode] = this.#server === 'activeDirectory' ? (['objectguid', parseGuid] as const) : (['entryuuid', String] as const);
    const [id] = stated.get(name) ?? [];
    // As text an id is taken for what it says: the bytes of a GUID can't be typed.
    if (id === undefined || typeof id === 'string') stated.set(name, [encode(id ?? this.#nextId(isResource)) ?? '']);
    return { dn: entry.dn, attributes: stated };
  }

  /** The entry as a write leaves it: with another version and time. */
  touch(entry: Entry): Entry {
    this.#writes += 1;
    return {
      dn: entry.dn,
      attributes: new Map([...entry.attributes, ...this.#changed().map(([name, value]) => [name, [value]] as const)]),
    };
  }

  #created(): readonly (readonly [string, string])[] {
    return this.#server === 'activeDirectory' ? [['whencreated', '20260101000000.0Z']] : [['createtimestamp', '20260101000000Z']];
  }

  #changed(): readonly (readonly [string, string])[] {
    const time = `202601010000${String(this.#writes).padStart(2, '0')}`;
    const usn = String(1000 + this.#writes);
    switch (this.#server) {
      case 'activeDirectory':
        return [
          ['whenchanged', `${time}.0Z`],
          ['usnchanged', usn],
        ];
      case '389ds':
        return [
          ['modifytimestamp', `${time}Z`],
          ['entryusn', usn],
        ];
      default:
        return [
          ['modifytimestamp', `${time}Z`],
          ['entrycsn', `${time}.000000Z#000000#000#000000`],
        ];
    }
  }

  #firstIsGiven = false;

  #nextId(isResource: boolean): string {
    if (this.#firstIsGiven || !isResource) return this.#idOf(`#${this.#ids.size}`);
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
